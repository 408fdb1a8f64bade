import type { Pass, Policy, RoundSpec, RoundState, Side, StrictPass, Task } from '../../protocol/index.ts'
import { SIDES } from '../../protocol/index.ts'
import type { Ballot, Vote } from '../rules/ballot.ts'
import type { Declined } from '../rules/dispatch.ts'
import type { Judgement } from '../rules/judge.ts'
import type { Purpose, TaskTrust, VoteTrust } from '../trust/model.ts'
import type { Distances } from './distances.ts'
import type { CaseRecord, SameFill, VerdictRecord } from './events.ts'

/** A case of a round and what is known of it. */
export interface CaseEntry extends CaseRecord {
  index: number
  /** Keys of its two plain tasks; null for a case without tests, which has nothing to run. */
  tasks: Record<Side, string> | null
  /** Keys of the tasks of strict passes that were opened so far. */
  strict: Record<Side, Partial<Record<StrictPass, string>>>
  /** Names of all tasks it may need, by side and pass. */
  names: Record<Side, Partial<Record<Pass, string>>>
  /** By test, whether the isolated runs of both sides are equal; null until that is known, or where there are none. */
  equal: (boolean | null)[] | null
  /** Known as soon as `equal` is. */
  fill: SameFill | null
  /** Set once all its tasks have ended. */
  judgement: Judgement | null
}

/** Keys of the tasks a case has by now, of one side or of both, of all passes or of some. */
export function taskKeys({ tasks, strict }: CaseEntry, sides: readonly Side[] = SIDES, passes?: readonly Pass[]): string[] {
  if (tasks === null) return []
  return sides.flatMap((side) => {
    const keys = Object.entries({ plain: tasks[side], ...strict[side] })
    return keys.filter(([pass]) => passes === undefined || passes.some((one) => one === pass)).map(([, key]) => key)
  })
}

/** A round as the log says. */
export interface RoundEntry {
  id: string
  owner: string
  spec: RoundSpec
  casesDigest: string
  /** What its owner gets, compared with other researchers: 1 unless the coordinator's operator says otherwise. */
  share: number
  state: RoundState
  openedAt: number
  endedAt: number | null
  cases: CaseEntry[]
  judged: number
  /** The tasks it needs, each once. */
  tasks: Set<string>
  /** Of these, how many have an open ballot. */
  openBallots: number
}

/** An accepted verdict on a task. */
export interface VoteEntry extends Vote, VerdictRecord {
  network?: string | undefined
  at: number
  /** Under a confidence policy. */
  trust?: VoteTrust
}

/** An answer whose outputs are still to be compared with those of others, and what it was given for. */
export interface Arrival {
  vote: VoteEntry
  as: Purpose | undefined
}

/** What the trust rules keep of a fresh vote. */
export function voteTrust(newcomer: boolean): VoteTrust {
  return { newcomer, batch: null, spent: false, void: false, again: [], excused: false, borrowed: false }
}

/** An operator's vote on a task. */
export function voteOf({ votes }: TaskEntry, operator: string): VoteEntry | undefined {
  return votes.find((vote) => vote.operator === operator)
}

/** An assignment that is out. */
export interface OpenAssignment {
  nonce: string
  task: string
  node: string
  operator: string
  network?: string | undefined
  givenAt: number
  deadlineAt: number
  /** Set where it is not for a vote. */
  as?: Purpose
}

/**
 * A task: one program under one executor, pass, limits and policy.
 * `waiting`: nobody has it yet; `balloting`: given or voted on; then `decided` or `undecided`, under a confidence policy
 * perhaps `provisional` before.
 */
export interface TaskEntry {
  key: string
  /** Name of the task on the wire and in verdicts. */
  id: string
  task: Task
  policy: Policy
  tests: number
  votes: VoteEntry[]
  open: Map<string, OpenAssignment>
  ballot: Ballot
  distances: Distances
  /** Answers that do not count yet, since their outputs are still to be compared with those of others; the oldest first. */
  arrivals: Arrival[]
  /** Who uses the outcome. */
  users: { round: string; index: number; side: Side }[]
  /** Assignments that came to nothing: declined, expired, withdrawn. */
  wasted: number
  /** How often it was not done by its deadline. */
  overdue: number
  /** By operator, that it was given back for troubles the node had with it. */
  declines: Map<string, Declined>
  /** Null under a majority policy. */
  trust: TaskTrust | null
}

export type TaskState = 'waiting' | 'balloting' | 'provisional' | 'decided' | 'undecided'

export function taskState(entry: TaskEntry): TaskState {
  if (entry.ballot.state !== 'open') return entry.ballot.state
  return entry.votes.length + entry.open.size > 0 ? 'balloting' : 'waiting'
}

/** What a node has done so far, as the accepted verdicts tell. */
export interface NodeEntry {
  node: string
  operator: string
  verdicts: number
  /** Cells in which it agreed with the decision, and in which it did not. */
  agreed: number
  disagreed: number
  declined: number
  expired: number
  lastAt: number
  environments: Map<string, VoteEntry['environment']>
}
