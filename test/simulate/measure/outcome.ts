import { agree } from '../../../coordinator/rules/ballot.ts'
import type { RoundEntry, TaskEntry } from '../../../coordinator/state/model.ts'
import type { State } from '../../../coordinator/state/state.ts'
import type { Workload } from '../world/workload.ts'
import { lower95, upper95 } from './interval.ts'

/** What came out of one swarm's rounds, or of several swarms' together. A decision is that on a task, all its cells. */
export interface Outcome {
  swarms: number
  /** Tasks that were decided when their round was aggregated. */
  decisions: number
  /** Of these, the ones with a cell that no honest run would have given. */
  wrong: number
  cells: number
  wrongCells: number
  /** Tasks without a decision, those of rounds that came to no end among them. */
  undecided: number
  /** Verdicts that were recorded in the meantime: votes, and what was asked again or asked to try newcomers. */
  verdicts: number
  /** Sums over swarms; the report divides. */
  wastedRatio: number
  makespanRatio: number
  /** Simulated time, milliseconds. */
  makespanMs: number
  healthySuspended: number
  /** Operators that are not healthy and were suspended. */
  caught: number
  /** Rounds that did not end within the time they were given. */
  unfinished: number
}

export const NOTHING: Readonly<Outcome> = {
  swarms: 0,
  decisions: 0,
  wrong: 0,
  cells: 0,
  wrongCells: 0,
  undecided: 0,
  verdicts: 0,
  wastedRatio: 0,
  makespanRatio: 0,
  makespanMs: 0,
  healthySuspended: 0,
  caught: 0,
  unfinished: 0,
}

/** Both together. */
export function plus(a: Outcome, b: Outcome): Outcome {
  return Object.fromEntries(Object.entries(a).map(([name, value]) => [name, value + b[name as keyof Outcome]])) as never
}

/** Compares what a round decided with the truth. */
export function judgeRound(state: State, round: RoundEntry, workload: Workload): Partial<Outcome> {
  const counts = { decisions: 0, wrong: 0, cells: 0, wrongCells: 0, undecided: 0 }
  for (const key of round.tasks) {
    const entry = state.tasks.get(key) as TaskEntry
    if (round.state !== 'aggregated' || entry.ballot.state !== 'decided') {
      counts.undecided++
      continue
    }
    const wrong = entry.ballot.cells.filter((_, test) => !isRight(entry, test, workload)).length
    counts.decisions++
    counts.cells += entry.tests
    counts.wrongCells += wrong
    if (wrong > 0) counts.wrong++
  }
  return counts
}

/** Whether an honest run of the class that was decided in may say what was decided; and a test said to depend on it does. */
function isRight({ ballot, task }: TaskEntry, test: number, workload: Workload): boolean {
  const cell = ballot.cells[test]
  if (cell === null || cell === undefined) return false
  const findings = cell.findings.filter(({ flag }) => flag !== 'arch-dependent')
  if (findings.length < cell.findings.length && !workload.dependsOnCpu(task, test)) return false
  const cpu = cell.class.split(' / ').at(-1) ?? ''
  return workload.possible(task, test, cpu).some((possible) => agree(possible, { ...cell, findings }))
}

/** The figures of a scenario as `--json` gives them. */
export interface Figures {
  name: string
  swarms: number
  decisions: number
  error: number
  error_lower95: number
  error_upper95: number
  error_target: number | null
  undecided: number
  replicas_per_task: number
  wasted_ratio: number
  makespan_ratio: number
  makespan_s: number
  healthy_suspended: number
  /** Operators that are not healthy and were suspended, a swarm. */
  caught: number
  unfinished: number
}

export function figuresOf(name: string, outcome: Outcome, errorTarget: number | null): Figures {
  const { swarms, decisions, wrong, undecided, verdicts } = outcome
  const tasks = decisions + undecided
  return {
    name,
    swarms,
    decisions,
    error: ratio(wrong, decisions),
    error_lower95: lower95(wrong, decisions),
    error_upper95: upper95(wrong, decisions),
    error_target: errorTarget,
    undecided,
    replicas_per_task: ratio(verdicts, tasks),
    wasted_ratio: ratio(outcome.wastedRatio, swarms),
    makespan_ratio: ratio(outcome.makespanRatio, swarms),
    makespan_s: ratio(outcome.makespanMs, swarms * 1000),
    healthy_suspended: outcome.healthySuspended,
    caught: ratio(outcome.caught, swarms),
    unfinished: outcome.unfinished,
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
