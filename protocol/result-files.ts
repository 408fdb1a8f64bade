/** The files of a round's results, in the order in which they are given out; `coverage.csv` where the round asks for coverage. */
export const RESULT_FILES = [
  'outcomes.jsonl',
  'valid_translations.jsonl',
  'translator_sft.json',
  'tester_sft.json',
  'dataset_info.json',
  'decisions.jsonl',
  'matrix.csv',
  'coverage.csv',
  'scores.json',
  'report.json',
  'report.html',
  'round.car',
] as const
export type ResultFile = (typeof RESULT_FILES)[number]

/**
 * Those that say the same of an ended round whenever they are made: they hold no time, peer id or round id. So whoever has one
 * of them whole needs no other.
 */
export const STEADY_FILES: readonly ResultFile[] = [
  'outcomes.jsonl',
  'valid_translations.jsonl',
  'translator_sft.json',
  'tester_sft.json',
  'dataset_info.json',
  'matrix.csv',
  'coverage.csv',
  'scores.json',
]
