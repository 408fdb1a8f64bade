import { type Case, type Program, programOf, type Side } from '../protocol/index.ts'
import { type Judgement, judge, type TestEvidence } from './rules/judge.ts'

/**
 * What is verified. A workload is three functions: `prepare` and `judge`, which the coordinator calls, and `execute`, which nodes call
 * (a `Sandbox`). Between them lie programs, tasks, assignments, verdicts and ballots, which know nothing of what a program means: only
 * that there are two sides with the same tests, and that equal bytes are the same output.
 */
export interface Workload {
  /** One side of a case as the unit of work. Equal sides give equal programs, so that nothing is run twice. */
  prepare(item: Case, side: Side): Program
  /** What follows from what was decided about each test of both sides. Pure: the same evidence, the same judgement. */
  judge(tests: readonly TestEvidence[], terms: { source: Side; wallMs: number }): Judgement
}

/** Machine-translated CUDA beside its original; `execute` is the jailed compilers and devices of the sandbox room. */
export const CO_VERIFY: Workload = { prepare: programOf, judge }
