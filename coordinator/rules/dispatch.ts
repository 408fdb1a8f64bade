import { abilityFor, type ExecutorName, type Pass } from '../../protocol/index.ts'

/** What choosing needs to know of a task. */
export interface Candidate {
  task: { executor: ExecutorName; pass: Pass }
  votes: readonly Party[]
  open: ReadonlyMap<string, Party>
}

/** Whose word a vote is. */
export interface Party {
  node: string
  operator: string
  /** Where the node came from; left out where that is what names the operator. */
  network?: string | undefined
}

/** Who asks for work. */
export interface Applicant extends Party {
  /** As `abilityFor` names them: what it can run, in which passes. */
  abilities: ReadonlySet<string>
}

/** Whether a node may be given a task: it can run it, and no vote on it, in or under way, may be of the same person. */
export function mayTake(candidate: Candidate, applicant: Applicant): boolean {
  if (!applicant.abilities.has(abilityFor(candidate.task))) return false
  const same = (other: Party) => mayBeSame(other, applicant)
  return !candidate.votes.some(same) && ![...candidate.open.values()].some(same)
}

/**
 * Whether two parties may be one person: the same node, operator or network. Owner keys cost nothing, so many of them
 * behind one network have one say on a task between them; and one owner behind many networks has one, too.
 */
export function mayBeSame(a: Party, b: Party): boolean {
  return a.node === b.node || a.operator === b.operator || (a.network ?? a.operator) === (b.network ?? b.operator)
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
