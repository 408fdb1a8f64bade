/**
 * What the codes of the answers are called here, in plain words, with the sign that stands beside the colour.
 * Codes this page does not know are shown as they are.
 */

/** @type {Record<string, { word: string, sign: string, kind: string }>} */
export const JUDGEMENTS = {
  equivalent: { word: 'Equivalent', sign: '✓', kind: 'pass' },
  different: { word: 'Different', sign: '≠', kind: 'fail' },
  invalid: { word: 'Invalid', sign: '–', kind: 'void' },
  undecided: { word: 'Undecided', sign: '?', kind: 'unknown' },
}

/** @type {Record<string, { word: string, sign: string, kind: string, why: string }>} */
export const STANDINGS = {
  open: { word: 'Open', sign: '…', kind: 'open', why: 'Its two sides are not both decided yet.' },
  held: {
    word: 'Held back',
    sign: '•',
    kind: 'open',
    why: 'It is judged, but shares a program with a case, perhaps of another round, that is not. Shown now, the answer could be copied by whoever still has to run the other.',
  },
  abandoned: { word: 'Abandoned', sign: '–', kind: 'void', why: 'Its round was cancelled before it was judged.' },
}

/** @type {Record<string, { word: string, kind: string }>} */
const ROUND_STATES = {
  open: { word: 'receiving cases', kind: 'run' },
  verifying: { word: 'being verified', kind: 'run' },
  aggregated: { word: 'finished', kind: 'pass' },
  cancelled: { word: 'cancelled', kind: 'void' },
}

/**
 * Where a round stands.
 * @param {any} round
 */
export function stateOf({ state, paused }) {
  if (paused !== null) return { word: 'paused', kind: 'void' }
  return ROUND_STATES[state] ?? { word: state, kind: 'run' }
}

/** @type {Record<string, { word: string, letter: string }>} */
const STATUSES = {
  success: { word: 'ran', letter: '✓' },
  compile_error: { word: 'does not compile', letter: 'C' },
  runtime_error: { word: 'run-time error', letter: 'R' },
  timeout: { word: 'out of time', letter: 'T' },
  memory_limit: { word: 'out of memory', letter: 'M' },
  output_limit: { word: 'too much output', letter: 'O' },
  unsupported: { word: 'cannot be run by this executor', letter: 'U' },
}

/** Why a case is not equivalent, by the test that decided it. @type {Record<string, { word: string, sign: string, kind: string }>} */
export const REASONS = {
  output: { word: 'results differ', sign: '≠', kind: 'fail' },
  'compile-error': { word: 'does not compile', sign: 'C', kind: 'fail' },
  'runtime-error': { word: 'run-time error', sign: 'R', kind: 'fail' },
  limit: { word: 'out of time, memory or output', sign: 'T', kind: 'unknown' },
  unsupported: { word: 'cannot be run by this executor', sign: 'U', kind: 'unknown' },
  flagged: { word: 'same results, but flagged by a strict pass', sign: 'F', kind: 'fail' },
  undecided: { word: 'the nodes came to no decision', sign: '?', kind: 'unknown' },
  original: { word: 'the original failed, or is flagged itself', sign: '–', kind: 'void' },
}

/** @type {Record<string, string>} */
export const SIDES = { cpp: 'C++ side', cuda: 'CUDA side' }

/** @type {Record<string, string>} */
export const EXECUTORS = { host: 'C++ on the processor', emulated: 'CUDA, emulated', gpu: 'CUDA on a GPU' }

/** The same where there is little room. @type {Record<string, string>} */
export const EXECUTORS_SHORT = { host: 'C++', emulated: 'emulated', gpu: 'GPU' }

/** @param {string | null} status */
export function statusWord(status) {
  return status === null ? 'no decision' : (STATUSES[status]?.word ?? status)
}

/**
 * Letters that no status has.
 * @type {Record<string, { word: string, letter: string }>}
 */
const FLAGS = {
  'undefined-behaviour': { word: 'undefined behaviour', letter: 'B' },
  'cuda-error': { word: 'a CUDA error nobody read', letter: 'E' },
  'no-kernel-work': { word: 'no kernel did the work', letter: 'K' },
  'vacuous-test': { word: 'the test tests nothing', letter: 'V' },
  nondeterministic: { word: 'differs from run to run', letter: 'N' },
  race: { word: 'threads race', letter: 'D' },
  'numerically-unstable': { word: 'numerically unstable', letter: 'S' },
  'arch-dependent': { word: 'differs between architectures', letter: 'A' },
}

/** @param {string} flag */
export function flagWord(flag) {
  return FLAGS[flag]?.word ?? flag
}

/** @type {Record<string, string>} */
export const PASSES = {
  plain: 'plain run',
  isolated: 'isolated run',
  sanitized: 'sanitizers',
  races: 'race check',
  coverage: 'coverage by gcov',
}

/**
 * The sign and the words for one test of a case.
 * @param {string} word pass, fail, void or unknown
 * @param {string} rule
 * @param {{ source: string, statuses: Record<string, string | null>, flags: Record<string, string[]> }} known what is decided of the test, by side
 * @returns {{ kind: string, sign: string, words: string }}
 */
export function cellWords(word, rule, { source, statuses, flags }) {
  const trouble = troubleOf(statuses.cpp ?? null, statuses.cuda ?? null)
  if (word === 'pass')
    return { kind: 'pass', sign: '✓', words: rule === 'strict' ? 'same result, and nothing wrong found' : 'same output' }
  const other = source === 'cpp' ? 'cuda' : 'cpp'
  const flagged = rule === 'strict' ? flaggedWords(word === 'void' ? source : other, flags) : null
  if (word === 'void') {
    return {
      kind: 'void',
      sign: '–',
      words: `the test itself is no good: ${flagged?.words ?? trouble?.words ?? 'the original did not succeed'}`,
    }
  }
  const known = trouble ?? flagged
  if (word === 'fail') return { kind: 'fail', sign: known?.letter ?? '≠', words: known?.words ?? 'results differ' }
  return { kind: 'unknown', sign: trouble?.letter ?? '?', words: trouble?.words ?? 'a check came to no decision' }
}

/**
 * @param {string} side
 * @param {Record<string, string[]>} flags
 */
function flaggedWords(side, flags) {
  const own = flags[side] ?? []
  if (own.length === 0) return null
  return { letter: FLAGS[own[0] ?? '']?.letter ?? '!', words: `${SIDES[side]}: ${own.map(flagWord).join(', ')}` }
}

/**
 * @param {string | null} cpp
 * @param {string | null} cuda
 */
function troubleOf(cpp, cuda) {
  for (const [side, status] of /** @type {const} */ ([
    ['CUDA side', cuda],
    ['C++ side', cpp],
  ])) {
    if (status === null) return { letter: '?', words: `${side}: the nodes came to no decision` }
    if (status !== 'success') return { letter: STATUSES[status]?.letter ?? '!', words: `${side}: ${statusWord(status)}` }
  }
  return null
}

/**
 * Counted things: 1 case, 2 cases.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export function counted(count, one, many = `${one}s`) {
  return `${number(count)} ${count === 1 ? one : many}`
}

/** @param {number} value */
export function number(value) {
  return value.toLocaleString('en')
}

/**
 * The end of a long name: peer ids and CIDs begin alike.
 * @param {string} name
 */
export function shortName(name) {
  return name.length <= 16 ? name : `…${name.slice(-10)}`
}

/**
 * What a case is called: its researcher's key, else its place; and its problem, where that says more.
 * A problem without a name has a hash for one, of which the beginning is enough to tell lines that share it.
 * @param {{ id: string | number | null, problem: string, line: number }} item
 * @returns {{ name: string, problem: string }}
 */
export function namesOf({ id, problem, line }) {
  const hashed = /^([0-9a-f]{16}|\S{41,})$/.test(problem)
  if (id === null || id === '') return { name: `Case ${line}`, problem: hashed ? problem.slice(0, 10) : problem }
  return { name: String(id), problem: hashed || problem === String(id) ? '' : problem }
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return counted(bytes, 'byte')
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1000) return `${ms} ms`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  const hours = Math.floor((seconds % 86_400) / 3600)
  return `${counted(Math.floor(seconds / 86_400), 'day')}${hours === 0 ? '' : ` ${hours} h`}`
}

/**
 * How long ago, in words.
 * @param {number} at
 * @param {number} now
 */
export function ago(at, now) {
  const seconds = Math.max(0, Math.round((now - at) / 1000))
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${counted(Math.floor(seconds / 86_400), 'day')} ago`
}

/** What the trust rules do to an operator. @type {Record<string, { word: string, sign: string, kind: string, deed: string }>} */
export const INCIDENT_KINDS = {
  suspended: { word: 'suspended', sign: '✗', kind: 'fail', deed: 'was suspended' },
  demoted: { word: 'set back', sign: '↓', kind: 'unknown', deed: 'was set back to a newcomer' },
  returned: { word: 'came back', sign: '↑', kind: 'pass', deed: 'came back' },
}

/** And why. @type {Record<string, string>} */
export const INCIDENTS = {
  'batch-check': 'an answer that was drawn to be checked was wrong',
  strikes: 'more answers were wrong than chance explains',
  admission: 'it was tried by tasks whose answers are known',
}
