/**
 * What a cell's byte says (the coordinator's `MatrixTile`): below 128 why nothing is said of it; from 128 on two bits for
 * the word of the compat rule, two for that of the strict one, three for the reason.
 */

const WORDS = ['pass', 'fail', 'void', 'unknown']

/** @type {Record<number, { kind: string, sign: string, words: string }>} */
const OTHERS = {
  0: { kind: 'none', sign: '', words: 'there is no such test' },
  1: { kind: 'open', sign: '', words: 'to come' },
  2: { kind: 'open', sign: '•', words: 'held back until cases that share a program are judged' },
  3: { kind: 'void', sign: '–', words: 'its round was cancelled before' },
}

/** The reasons in the order of their numbers, with the letters that the cells have elsewhere too. */
const REASONS = [
  { sign: '', words: '' },
  { sign: 'C', words: 'does not compile' },
  { sign: 'R', words: 'run-time error' },
  { sign: 'T', words: 'out of time, memory or output' },
  { sign: 'U', words: 'cannot be run by this executor' },
  { sign: 'F', words: 'flagged by a strict pass' },
  { sign: '?', words: 'the nodes came to no decision' },
  { sign: '–', words: 'the original failed, or is flagged' },
]

/** @type {Record<string, { sign: string, words: string }>} */
const PLAIN = {
  pass: { sign: '✓', words: 'same result' },
  fail: { sign: '≠', words: 'results differ' },
  void: { sign: '–', words: 'the test proves nothing' },
  unknown: { sign: '?', words: 'not known' },
}

/**
 * @param {number} byte
 * @param {string} rule
 * @returns {{ kind: string, sign: string, words: string }}
 */
export function cellOfByte(byte, rule) {
  if (byte < 128) return OTHERS[byte] ?? { kind: 'open', sign: '', words: 'unknown to this page' }
  const kind = WORDS[(rule === 'strict' ? byte >> 3 : byte >> 5) & 3] ?? 'unknown'
  const plain = PLAIN[kind] ?? { sign: '?', words: '' }
  const reason = REASONS[byte & 7]
  if (kind === 'pass' || reason === undefined || reason.sign === '') return { kind, ...plain }
  return { kind, sign: kind === 'void' ? plain.sign : reason.sign, words: `${plain.words}: ${reason.words}` }
}

/** The same for all bytes, worked out once: a drawing asks a hundred thousand times. @param {string} rule */
export function cellTable(rule) {
  return Array.from({ length: 256 }, (_, byte) => cellOfByte(byte, rule))
}
