import { abilityFor, type ExecutorName, type Pass } from '../../protocol/index.ts'

/** What choosing needs to know of a task. */
export interface Candidate {
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
