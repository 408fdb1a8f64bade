import type { CellWord, Finding, Flag, JudgementWord, Side, StrictPass, TestStatus } from '../../protocol/index.ts'
import type { CellDecision } from './ballot.ts'

/** One test of one case under both rules. */
export interface JudgedCell {
  compat: CellWord
  strict: CellWord
}

export interface Judgement {
  compat: JudgementWord
  strict: JudgementWord
  cells: JudgedCell[]
}

/** What was decided about one test of one side; null where a ballot came to no decision. */
export interface SideEvidence {
  plain: CellDecision | null
  /** The strict passes the round wants of this side. Null also where none was made, since the plain run said enough. */
  strict: Partial<Record<StrictPass, CellDecision | null>>
  /** Whether the plain and the isolated run print the same under the round's comparator; null: nothing to compare, or not known. */
  sameFill: boolean | null
}

/** One test of a case: both sides, and whether their isolated runs are equal under the round's comparator; null: not known. */
export interface TestEvidence extends Record<Side, SideEvidence> {
  equal: boolean | null
}

/** Wall time the reference gives a test; one that was given less and ran out of it might have ended there. */
const REFERENCE_WALL_MS = 60_000

/** Judges a case from what was decided about its tests: the first row of the rules that fits. See docs/rules.md. */
export function judge(tests: readonly TestEvidence[], { source, wallMs }: { source: Side; wallMs: number }): Judgement {
  const cells = tests.map((test): JudgedCell => ({ compat: compatCell(test, wallMs), strict: strictCell(test, source) }))
  return {
    compat: compatWord(cells.map(({ compat }) => compat)),
    strict: strictWord(cells.map(({ strict }) => strict)),
    cells,
  }
}

/** First row of the table that fits. */
function compatCell({ cpp: { plain: cpp }, cuda: { plain: cuda } }: TestEvidence, wallMs: number): CellWord {
  if (cpp === null || cuda === null) return 'unknown'
  const statuses = [cpp.status, cuda.status]
  if (statuses.some((status) => status === 'unsupported' || isOurLimit(status, wallMs))) return 'unknown'
  if (!statuses.every((status) => status === 'success')) return 'fail'
  // Which of several texts the reference would have seen, nobody can tell.
  if (cpp.near === true || cuda.near === true) return 'unknown'
  return cpp.compat === cuda.compat ? 'pass' : 'fail'
}

/** Ended by a limit that the reference has not. */
function isOurLimit(status: TestStatus, wallMs: number): boolean {
  if (status === 'timeout') return wallMs < REFERENCE_WALL_MS
  return status === 'memory_limit' || status === 'output_limit'
}

/** First row of the table that fits; `unknown` as soon as the row cannot be told. */
function strictCell(test: TestEvidence, source: Side): CellWord {
  const sides = [test.cpp, test.cuda]
  if (sides.some(({ plain, strict }) => plain === null || plain.status === 'unsupported' || !('isolated' in strict)))
    return 'unknown'
  const original = standingOf(test[source])
  const translation = standingOf(test[source === 'cpp' ? 'cuda' : 'cpp'])
  if (original === 'failed' || original === 'flagged') return 'void'
  if (original === 'unknown') return 'unknown'
  if (translation === 'failed') return 'fail'
  if (test.equal === null) return 'unknown'
  if (!test.equal || translation === 'flagged') return 'fail'
  return translation === 'clean' ? 'pass' : 'unknown'
}

/** What the passes say about one test of one side, all together. */
type Standing = 'failed' | 'flagged' | 'clean' | 'unknown'

function standingOf(side: SideEvidence): Standing {
  const { plain, strict } = side
  if (plain === null) return 'unknown'
  if (plain.status !== 'success') return 'failed'
  const { isolated = null } = strict
  if (isolated !== null && isolated.status !== 'success' && isolated.status !== 'unsupported') return 'failed'
  if (flagsOf(side).length > 0) return 'flagged'
  return Object.values(strict).every((cell) => cell !== null && cell.status === 'success') ? 'clean' : 'unknown'
}

/** Whether one side ran to its end and no pass that was made flagged it: what is asked of a test on its original. */
export function isClean(side: SideEvidence): boolean {
  return side.plain?.status === 'success' && flagsOf(side).length === 0
}

/** The flags of one test of one side, each once. */
export function flagsOf(side: SideEvidence): Flag[] {
  return explained(side, 0)
    .map(({ flag }) => flag)
    .sort()
}

/**
 * What explains the flags of one test (from 0) of one side: for each what the first pass that has it found, and
 * `undefined-behaviour` where the test printed something else when uninitialised memory held something else.
 */
export function explained({ plain, strict, sameFill }: SideEvidence, test: number): Finding[] {
  const found = [plain, ...Object.values(strict)].flatMap((cell) => cell?.findings ?? [])
  const fill: Finding = { flag: 'undefined-behaviour', file: `test ${test + 1}`, line: 0, what: FILL }
  const all = sameFill === false ? [...found, fill] : found
  return all.filter(({ flag }, at) => all.findIndex((other) => other.flag === flag) === at)
}

/** What is said where no pass names a place: it shows in the outputs. */
const FILL = 'what is printed depends on what uninitialised memory happens to hold'

/** Whether a side printed the same in the plain and in the isolated run to the byte, addresses aside; null: nothing to compare. */
export function hasSameFill({ plain, strict: { isolated } }: Pick<SideEvidence, 'plain' | 'strict'>): boolean | null {
  if (plain?.status !== 'success' || isolated?.status !== 'success') return null
  return plain.masked === isolated.masked
}

function compatWord(cells: readonly CellWord[]): JudgementWord {
  if (cells.includes('fail')) return 'different'
  return cells.length > 0 && cells.every((cell) => cell === 'pass') ? 'equivalent' : 'undecided'
}

function strictWord(cells: readonly CellWord[]): JudgementWord {
  if (cells.includes('fail')) return 'different'
  if (cells.length === 0 || cells.includes('unknown')) return 'undecided'
  return cells.includes('pass') ? 'equivalent' : 'invalid'
}
