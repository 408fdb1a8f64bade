import { abilityFor, type ExecutorName, type Pass } from '../../protocol/index.ts'

/** What choosing needs to know of a task. */
export interface Candidate {
  key: string
  task: { executor: ExecutorName; pass: Pass }
  votes: readonly { node: string; operator: string }[]
  open: ReadonlyMap<string, { node: string; operator: string }>
}

/** Who asks for work. */
export interface Applicant {
  node: string
  operator: string
  /** As `abilityFor` names them: what it can run, in which passes. */
  abilities: ReadonlySet<string>
}

/** Tasks looked at before giving up for now: bounds the cost of one choice however long the queue is. */
export const SCAN_LIMIT = 512

/**
 * The next task for a node: the first that it is able to run and on which neither it nor its operator has a say.
 * `queues` are looked through in turn, each up to `SCAN_LIMIT`.
 */
export function choose<T extends Candidate>(queues: readonly Iterable<T>[], applicant: Applicant): T | null {
  for (const queue of queues) {
    let looked = 0
    for (const candidate of queue) {
      if (mayTake(candidate, applicant)) return candidate
      if (++looked >= SCAN_LIMIT) break
    }
  }
  return null
}

/** Whether a node may be given a task: it can run it, and its operator has no vote on it yet. */
export function mayTake(candidate: Candidate, { node, operator, abilities }: Applicant): boolean {
  if (!abilities.has(abilityFor(candidate.task))) return false
  const same = (other: { node: string; operator: string }) => other.node === node || other.operator === operator
  return !candidate.votes.some(same) && ![...candidate.open.values()].some(same)
}

/** A strict pass runs a test up to three times, or in a program that takes several times as long. */
const STRICT_RUNS = 3

/** How long a node may take: every test to its limit, the compile to its, and some grace. */
export function deadlineMs(
  { tests, task }: { tests: number; task: { pass: Pass; limits: { wallMs: number } } },
  compileMs: number,
  graceMs: number,
): number {
  const runs = task.pass === 'plain' ? 1 : STRICT_RUNS
  return tests * runs * task.limits.wallMs + compileMs + graceMs
}
