import type { ExecutorName } from '../../protocol/index.ts'

/** What choosing needs to know of a task. */
export interface Candidate {
  key: string
  task: { executor: ExecutorName }
  votes: readonly { node: string; operator: string }[]
  open: ReadonlyMap<string, { node: string; operator: string }>
}

/** Who asks for work. */
export interface Applicant {
  node: string
  operator: string
  executors: ReadonlySet<ExecutorName>
}

/** Tasks looked at before giving up for now: bounds the cost of one choice however long the queue is. */
export const SCAN_LIMIT = 512

/**
 * The next task for a node: the first that its executors can run and on which neither it nor its operator has a say.
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
export function mayTake(candidate: Candidate, { node, operator, executors }: Applicant): boolean {
  if (!executors.has(candidate.task.executor)) return false
  const same = (other: { node: string; operator: string }) => other.node === node || other.operator === operator
  return !candidate.votes.some(same) && ![...candidate.open.values()].some(same)
}

/** How long a node may take: every test to its limit, the compile to its, and some grace. */
export function deadlineMs(tests: number, wallMs: number, compileMs: number, graceMs: number): number {
  return tests * wallMs + compileMs + graceMs
}
