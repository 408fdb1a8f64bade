import type { Pass, TestStatus } from '../../protocol/index.ts'
import type { Cell } from './records.ts'

/** What was decided about one test of one side, by pass; null where that came to nothing. Passes that the round does not want are left out. */
export type SideCells = Partial<Record<Pass, Cell | null>>

/** Whether a side prints the same in its plain and its isolated run; null where there is nothing to compare. */
export type SameFill = boolean | null

/** One test of a case. `equal`: of both sides' isolated runs; null where there is nothing to compare. */
export interface TestCells {
  original: SideCells
  translation: SideCells
  equal: boolean | null
  sameFill: { original: SameFill; translation: SameFill }
}

type Word = 'pass' | 'fail' | 'void' | 'unknown'
type Sum = 'equivalent' | 'different' | 'invalid' | 'undecided'

/** A case judged again, from docs/rules.md. */
export interface Rejudged {
  compat: Sum
  strict: Sum
  cells: { compat: Word; strict: Word }[]
}

/** Wall time of a test in the published pipeline, milliseconds. */
const PIPELINE_MS = 60_000

export function rejudge(tests: readonly TestCells[], wallMs: number): Rejudged {
  const cells = tests.map((test) => ({ compat: compatWord(test, wallMs), strict: strictWord(test) }))
  return { compat: sumOfCompat(cells.map((cell) => cell.compat)), strict: sumOfStrict(cells.map((cell) => cell.strict)), cells }
}

function compatWord({ original, translation }: TestCells, wallMs: number): Word {
  const [one, other] = [original.plain ?? null, translation.plain ?? null]
  if (one === null || other === null) return 'unknown'
  if ([one, other].some(({ status }) => tellsNothing(status, wallMs))) return 'unknown'
  if (one.status !== 'success' || other.status !== 'success') return 'fail'
  if (one.near === true || other.near === true) return 'unknown'
  return one.compat === other.compat ? 'pass' : 'fail'
}

/** Not run at all, or ended by a limit that the pipeline has not. */
function tellsNothing(status: TestStatus, wallMs: number): boolean {
  const ours: TestStatus[] = ['unsupported', 'memory_limit', 'output_limit']
  return ours.includes(status) || (status === 'timeout' && wallMs < PIPELINE_MS)
}

function strictWord({ original, translation, equal, sameFill }: TestCells): Word {
  for (const { plain, ...passes } of [original, translation]) {
    if (plain == null || plain.status === 'unsupported' || !('isolated' in passes)) return 'unknown'
  }
  if (hasFailed(original) || isFlagged(original, sameFill.original)) return 'void'
  if (!isComplete(original)) return 'unknown'
  if (hasFailed(translation)) return 'fail'
  if (equal === null) return 'unknown'
  if (!equal || isFlagged(translation, sameFill.translation)) return 'fail'
  return isComplete(translation) ? 'pass' : 'unknown'
}

/** The plain run did not succeed, or the isolated one came to an end that was no success. */
function hasFailed({ plain, isolated }: SideCells): boolean {
  if (plain?.status !== 'success') return true
  return isolated != null && isolated.status !== 'success' && isolated.status !== 'unsupported'
}

/** All passes that the round wants have succeeded. */
function isComplete({ plain: _, ...passes }: SideCells): boolean {
  return Object.values(passes).every((cell) => cell !== null && cell.status === 'success')
}

/** Some pass found something, or what is printed depends on how memory is filled. */
function isFlagged(side: SideCells, sameFill: SameFill): boolean {
  return sameFill === false || Object.values(side).some((cell) => cell !== null && cell.findings.length > 0)
}

function sumOfCompat(words: readonly Word[]): Sum {
  if (words.some((word) => word === 'fail')) return 'different'
  if (words.length === 0) return 'undecided'
  return words.every((word) => word === 'pass') ? 'equivalent' : 'undecided'
}

function sumOfStrict(words: readonly Word[]): Sum {
  if (words.some((word) => word === 'fail')) return 'different'
  if (words.length === 0 || words.some((word) => word === 'unknown')) return 'undecided'
  return words.some((word) => word === 'pass') ? 'equivalent' : 'invalid'
}
