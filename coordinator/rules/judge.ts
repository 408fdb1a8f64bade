import type { CellWord, JudgementWord, Side, TestStatus } from '../../protocol/index.ts'
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

/** A decided cell of each side, or null where the ballot came to no decision. */
export type CellPair = Record<Side, CellDecision | null>

/** Wall time the reference gives a test; one that was given less and ran out of it might have ended there. */
const REFERENCE_WALL_MS = 60_000

/**
 * Judges a case from the decided cells of its two programs: the first row of the rules that fits. See docs/rules.md.
 * Strict cells need the strict passes, which no round runs yet: they are `unknown`, so that half a rule is never
 * mistaken for the rule.
 */
export function judge(pairs: readonly CellPair[], wallMs: number): Judgement {
  const cells = pairs.map((pair): JudgedCell => ({ compat: compatCell(pair, wallMs), strict: 'unknown' }))
  return { compat: compatWord(cells.map((cell) => cell.compat)), strict: 'undecided', cells }
}

/** First row of the table that fits. */
function compatCell({ cpp, cuda }: CellPair, wallMs: number): CellWord {
  if (cpp === null || cuda === null) return 'unknown'
  const statuses = [cpp.status, cuda.status]
  if (statuses.some((status) => status === 'unsupported' || isOurLimit(status, wallMs))) return 'unknown'
  const bothRan = statuses.every((status) => status === 'success')
  return bothRan && cpp.compat === cuda.compat ? 'pass' : 'fail'
}

/** Ended by a limit that the reference has not. */
function isOurLimit(status: TestStatus, wallMs: number): boolean {
  if (status === 'timeout') return wallMs < REFERENCE_WALL_MS
  return status === 'memory_limit' || status === 'output_limit'
}

function compatWord(cells: readonly CellWord[]): JudgementWord {
  if (cells.includes('fail')) return 'different'
  return cells.length > 0 && cells.every((cell) => cell === 'pass') ? 'equivalent' : 'undecided'
}
