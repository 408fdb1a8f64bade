import type { Rule, Side, TestStatus } from '../../protocol/index.ts'
import { flagsOf, type JudgedCell, type TestEvidence } from '../rules/judge.ts'

/**
 * Why a test came out as it did, in one word. `output`: both sides ran, and what they said decided it; `original`: the original
 * failed or is flagged, so the test proves nothing; `limit`: the translation ran out of time, memory or output; `undecided`: a
 * ballot came to no decision.
 */
export const REASONS = [
  'output',
  'compile-error',
  'runtime-error',
  'limit',
  'unsupported',
  'flagged',
  'undecided',
  'original',
] as const
export type Reason = (typeof REASONS)[number]

const OF_STATUS: Record<TestStatus, Reason | null> = {
  success: null,
  compile_error: 'compile-error',
  runtime_error: 'runtime-error',
  timeout: 'limit',
  memory_limit: 'limit',
  output_limit: 'limit',
  unsupported: 'unsupported',
}

/** @param source the side that is the original */
export function reasonOf(test: TestEvidence, source: Side): Reason {
  const original = test[source]
  const translation = test[source === 'cpp' ? 'cuda' : 'cpp']
  if (original.plain === null || translation.plain === null) return 'undecided'
  if (original.plain.status !== 'success') return 'original'
  const failed = OF_STATUS[translation.plain.status]
  if (failed !== null) return failed
  if (flagsOf(original).length > 0) return 'original'
  return flagsOf(translation).length > 0 ? 'flagged' : 'output'
}

/** The test (from 0) that a judgement rests on: the first that failed, else the first that is neither passed; or none. */
export function decidingTest(cells: readonly JudgedCell[], rule: Rule): number | null {
  const failed = cells.findIndex((cell) => cell[rule] === 'fail')
  if (failed >= 0) return failed
  const other = cells.findIndex((cell) => cell[rule] !== 'pass')
  return other >= 0 ? other : null
}
