import { ASSIGNMENT_GRACE_MS, abilityFor, COMPILE_WALL_MS, type Pass, type Policy, type Task } from '../../protocol/index.ts'
import type { OperatorStanding } from '../trust/model.ts'

/** What choosing needs to know of a task. */
export interface Candidate {
  task: Pick<Task, 'executor' | 'pass'> & { limits: Pick<Task['limits'], 'memoryBytes'> }
  votes: readonly Party[]
  open: ReadonlyMap<string, Party>
  /** Votes that are in and do not count yet. */
  arrivals?: readonly { vote: Party }[]
  policy?: Pick<Policy, 'kind'>
  ballot?: { class?: string | null }
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
  /** By ability, the class its verdicts are of. */
  classes: ReadonlyMap<string, string>
  /** What it can give one test, bytes. */
  memoryBytes: number
  /** How its operator stands at the moment. */
  voice?: Voice | undefined
}

/**
 * Whether a node may be given a task: it can run it, within its memory, its operator is heard, and no vote on it, in or under
 * way, may be of the same person.
 */
export function mayTake(candidate: Candidate, applicant: Applicant): boolean {
  const { task, votes, open, arrivals = [] } = candidate
  const { abilities, memoryBytes } = applicant
  if (!abilities.has(abilityFor(task)) || task.limits.memoryBytes > memoryBytes || !isHeard(candidate, applicant)) return false
  const same = (other: Party) => mayBeSame(other, applicant)
  return !votes.some(same) && ![...open.values()].some(same) && !arrivals.some(({ vote }) => same(vote))
}

/**
 * Whether two parties may be one person: the same node, operator or network. Owner keys cost nothing, so many of them
 * behind one network have one say on a task between them; and one owner behind many networks has one, too.
 */
export function mayBeSame(a: Party, b: Party): boolean {
  return a.node === b.node || a.operator === b.operator || (a.network ?? a.operator) === (b.network ?? b.operator)
}

/** How an operator stands, and whether so few others do that newcomers are heard, too. */
export interface Voice {
  readonly standing: OperatorStanding
  readonly bootstrap: boolean
}

/**
 * Whether an operator's word is of use: one that is suspended has none; under a confidence policy newcomers are tried by
 * what is known, and a ballot that has begun goes on in its class.
 */
function isHeard({ task, policy, ballot }: Candidate, { classes, voice }: Applicant): boolean {
  if (voice === undefined || policy === undefined) return true
  if (!isHeardIn({ policy }, voice)) return false
  const own = policy.kind === 'confidence' ? (ballot?.class ?? null) : null
  return own === null || classes.get(abilityFor(task)) === own
}

/** Whether an operator that stands like this is heard in a round at all. */
export function isHeardIn({ policy }: { policy: Pick<Policy, 'kind'> }, { standing, bootstrap }: Voice): boolean {
  if (standing === 'suspended') return false
  return policy.kind === 'majority' || bootstrap || standing === 'established'
}

/** What a task is expected to take: a median over operators, and what is usual beside it. Milliseconds. */
export interface Expected {
  ms: number
  spreadMs: number
}

/** Spreads that still count as usual. */
const USUAL_SPREADS = 3
/** How many times longer than usual an assignment may take: volunteers' machines differ, and are used for other things. */
const DEADLINE_FACTOR = 10
/** A task that was not done in time is given this many times longer, up to what its limits allow: it may just be long. */
const AGAIN_FACTOR = 4
/** How many times longer than usual makes an assignment slow. */
const SLOW_FACTOR = 3
/** Travel, and what else has nothing to do with how long a program runs. */
const TRAVEL_MS = 2_000
/** A strict pass runs a test up to three times, or in a program that takes several times as long. */
const STRICT_RUNS = 3

/**
 * How long a node may take: ten times what is usual, and longer after each time that this was not enough; where nothing is
 * known, and at most, every test to its limit and the compile to its. Never less than one test to its limit.
 * @param overdue how often it was not done in time
 */
export function deadlineMs(
  { tests, task }: { tests: number; task: { pass: Pass; limits: { wallMs: number } } },
  expected: Expected | null,
  overdue: number,
): number {
  const testMs = (task.pass === 'plain' ? 1 : STRICT_RUNS) * task.limits.wallMs
  const longest = tests * testMs + COMPILE_WALL_MS + ASSIGNMENT_GRACE_MS
  if (expected === null) return longest
  const within = Math.max(DEADLINE_FACTOR * usualMs(expected), testMs) + ASSIGNMENT_GRACE_MS
  return Math.round(Math.min(longest, within * AGAIN_FACTOR ** overdue))
}

/**
 * From when on an assignment is slow; null: not known. Who has answered nothing yet is not waited for beyond what most take: it may be one that
 * takes work and never answers.
 */
export function slowAfterMs(expected: Expected | null, { hasAnswered }: { hasAnswered: boolean }): number | null {
  if (!hasAnswered) return lateAfterMs(expected)
  return expected === null ? null : SLOW_FACTOR * usualMs(expected) + TRAVEL_MS
}

/** From when on an assignment is late enough for nodes that have nothing else to do to be given the task as well. */
export function lateAfterMs(expected: Expected | null): number | null {
  return expected === null ? null : expected.ms + expected.spreadMs + TRAVEL_MS
}

function usualMs({ ms, spreadMs }: Expected): number {
  return ms + USUAL_SPREADS * spreadMs
}

/** A round is at its end when no more than this share of its tasks is left. */
const TAIL_SHARE = 0.05

/** Whether a round is at its end, and more nodes are idle than its tasks wait. */
export function isTail(round: { tasks: number; underway: number; waiting: number }, idle: number): boolean {
  const left = round.underway + round.waiting
  return left <= Math.max(1, TAIL_SHARE * round.tasks) && round.waiting < idle
}

/** How often an operator gave a task back, when last, and why. */
export interface Declined {
  times: number
  at: number
  reason: string
}

/** Operators that must have given a task back before it is the task that is suspected, and waits for all. */
const SUSPICIOUS = 2
const FIRST_WAIT_MS = 15_000
const LONGEST_WAIT_MS = 60 * 60_000
/** First rest of a task from one operator that gave it back; doubles each time. */
const FIRST_APART_MS = 5_000
const LONGEST_APART_MS = 10 * 60_000

/** Until when a task waits that operators have given back: four times longer with each further one. 0: it does not. */
export function waitsUntil(declines: ReadonlyMap<string, Declined>): number {
  if (declines.size < SUSPICIOUS) return 0
  const last = Math.max(...[...declines.values()].map(({ at }) => at))
  return last + Math.min(FIRST_WAIT_MS * 4 ** (declines.size - SUSPICIOUS), LONGEST_WAIT_MS)
}

/** Until when one operator is not given again what it gave back. */
export function apartUntil({ times, at }: Declined): number {
  return at + Math.min(FIRST_APART_MS * 2 ** (times - 1), LONGEST_APART_MS)
}
