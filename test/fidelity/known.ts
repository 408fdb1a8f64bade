/**
 * What is known of the recorded cases (../shared/data/babeltower/eval-dev.jsonl, where it is), each looked at by hand: see
 * docs/fidelity.md. Tests count from 1.
 */

/** `id/test` of those that do not print on both sides what was recorded on a GPU. */
export const NOT_AS_RECORDED = ['63/1', '126/1', '140/1', '140/5']

/** Wrappers that never launch a kernel. */
export const NO_KERNEL = [2, 36, 91, 97, 165, 224]

/** What the sanitized pass finds: `id side test file:line`. */
export const UNDEFINED = [
  '13 cuda 1 code:1',
  '15 cuda 1 code:1',
  '15 cuda 2 code:1',
  '35 cuda 1 wrapper:21',
  '47 cpp 2 code:1',
  '47 cpp 4 code:1',
  '47 cuda 2 wrapper:23',
  '47 cuda 4 wrapper:23',
  '58 cpp 3 code:1',
  '60 cpp 1 code:1',
  '58 cuda 3 code:1',
  '60 cuda 1 code:1',
  '63 cpp 1 code:1',
  '63 cuda 1 wrapper:11',
  '106 cpp 1 code:1',
  '107 cpp 2 code:1',
  '106 cuda 1 code:1',
  '107 cuda 2 code:1',
  '126 cpp 1 code:1',
  '128 cuda 1 wrapper:9',
  '128 cuda 3 wrapper:9',
  '128 cuda 4 wrapper:9',
  '142 cpp 3 code:1',
  '142 cuda 3 wrapper:4',
  '166 cuda 1 code:1',
  '166 cuda 2 code:1',
  '174 cuda 1 wrapper:10',
  '174 cuda 2 wrapper:10',
  '174 cuda 3 wrapper:10',
  '174 cuda 4 wrapper:10',
  '174 cuda 5 wrapper:10',
  '186 cuda 1 code:1',
  '195 cpp 1 code:1',
  '195 cuda 1 wrapper:5',
  '196 cpp 4 code:1',
  '196 cuda 4 wrapper:15',
]
