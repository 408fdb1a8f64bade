import type {
  Caps,
  JudgementWord,
  LaterPass,
  Pass,
  PauseReason,
  Policy,
  RoundSpec,
  RoundState,
  Side,
  Task,
} from '../../protocol/index.ts'
import { SIDES } from '../../protocol/index.ts'
import { type Ballot, saysAlike, type Vote } from '../rules/ballot.ts'
import type { Declined } from '../rules/dispatch.ts'
import type { Judgement } from '../rules/judge.ts'
import type { Spent } from '../rules/spending.ts'
import type { Purpose, TaskTrust, VoteTrust } from '../trust/model.ts'
import type { Distances } from './distances.ts'
import type { CaseRecord, Parent, SameFill, VerdictRecord } from './events.ts'

/** A case of a round and what is known of it. */
export interface CaseEntry extends CaseRecord {
  index: number
  /** Keys of its two plain tasks; null for a case without tests, which has nothing to run. */
  tasks: Record<Side, string> | null
  /** Keys of the tasks of later passes that were opened so far. */
  strict: Record<Side, Partial<Record<LaterPass, string>>>
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

/** Why nothing of a round is given out, since when, and whether what was out by then may end. */
export interface Paused {
  at: number
  reason: PauseReason
  detail: string
  finish: boolean
}

/** A file that was added to a round: its cases begin at `from`; `cases` is null until all are here. */
export interface Addition {
  casesDigest: string
  from: number
  cases: number | null
}

/** A round as the log says, without its cases. */
export interface RoundHead {
  /** Of two rounds the one that was opened later has the larger one. */
  seq: number
  id: string
  owner: string
  spec: RoundSpec
  casesDigest: string
  /** What its owner gets, compared with other researchers: 1 unless the coordinator's operator says otherwise. */
  share: number
  state: RoundState
  paused: Paused | null
  /** What was added to it after its first file. */
  additions: Addition[]
  /** How answers agree: within the round's tolerance, or, in rounds of stores of version 3, by their bytes alone. */
  votes: 'tolerance' | 'digest'
  /** Set where it runs cases of another round again. */
  parent: Parent | null
  /** What it may use now; `spec.caps` is what it was opened with. */
  caps: Caps
  spent: Spent
  openedAt: number
  endedAt: number | null
  /** How many cases it has. */
  size: number
  judged: number
  /** Of the judged cases, how many have which judgement under the round's rule. */
  judgements: Record<JudgementWord, number>
  /** Of the tasks it needs, each counted once. */
  counts: TaskCounts
}

/** A round in memory. */
export interface RoundEntry extends RoundHead {
  cases: CaseEntry[]
  /** The tasks it needs, each once. */
  tasks: Set<string>
  /** Of its tasks, those that may still want a vote. */
  unsettled: Set<string>
  /** Of these, those that nodes gave back since they could not run them. */
  troubled: Set<string>
}

/** How a round's tasks stand: by state, and over all of them the accepted verdicts and the tasks on which two said different things. */
export interface TaskCounts extends Record<TaskState, number> {
  verdicts: number
  disagreements: number
  /** Tasks that ended since their program was blocked, or had used its seconds. */
  blocked: number
  limited: number
}

export function noTasks(): TaskCounts {
  return {
    waiting: 0,
    balloting: 0,
    provisional: 0,
    decided: 0,
    undecided: 0,
    verdicts: 0,
    disagreements: 0,
    blocked: 0,
    limited: 0,
  }
}

/** What a round counts of a task. */
interface Filed {
  state: TaskState
  verdicts: number
  split: boolean
  givenUp: GivenUp | null
}

/** An accepted verdict on a task. */
export interface VoteEntry extends Vote, VerdictRecord {
  /** Of two votes the one that came later has the larger one. */
  seq: number
  network?: string | undefined
  /** When it was asked for, and until when. */
  givenAt: number
  deadlineAt: number
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
  return {
    newcomer,
    batch: null,
    place: null,
    stood: null,
    spent: false,
    void: false,
    again: [],
    excused: false,
    borrowed: false,
    counted: null,
  }
}

/** An operator's vote on a task. */
export function voteOf({ votes }: TaskEntry, operator: string): VoteEntry | undefined {
  return votes.find((vote) => vote.operator === operator)
}

/** Why a task ended undecided without having been voted on to its end. */
export type GivenUp = 'declined' | 'limit' | 'blocked'

/** An assignment that is out. */
export interface OpenAssignment {
  seq: number
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
  /** Of two tasks the one that came into the state later has the larger one. */
  seq: number
  key: string
  /** Name of the task on the wire and in verdicts. */
  id: string
  task: Task
  policy: Policy
  tests: number
  votes: readonly VoteEntry[]
  open: ReadonlyMap<string, OpenAssignment>
  ballot: Ballot
  distances: Distances
  /** Answers that do not count yet, since their outputs are still to be compared with those of others; the oldest first. */
  arrivals: Arrival[]
  /** How many votes were in when the ballot ended; null while it has not. Those that came later count for nothing. */
  counted: number | null
  /** Who uses the outcome. */
  users: { round: string; index: number; side: Side }[]
  /** The rounds of these, each once. */
  rounds: readonly string[]
  /** What the rounds' counts hold of it. */
  filed: Filed
  /** Assignments that came to nothing: declined, expired, withdrawn. */
  wasted: number
  /** How often it was not done by its deadline. */
  overdue: number
  /** What nodes spent on it, processor and GPU together, milliseconds. */
  spentMs: number
  givenUp: GivenUp | null
  /** By operator, that it was given back for troubles the node had with it. */
  declines: ReadonlyMap<string, Declined>
  /** Null under a majority policy. */
  trust: TaskTrust | null
}

/** Most tasks have nothing out and were declined by nobody; there may be millions of them. */
export const NOTHING_OPEN: TaskEntry['open'] = new Map()
export const NOT_DECLINED: TaskEntry['declines'] = new Map()

export type TaskState = 'waiting' | 'balloting' | 'provisional' | 'decided' | 'undecided'

export function taskState(entry: TaskEntry): TaskState {
  if (entry.ballot.state !== 'open') return entry.ballot.state
  return entry.votes.length + entry.open.size > 0 ? 'balloting' : 'waiting'
}

/** Whether two verdicts on a task said different things. */
export function isSplit({ votes, distances: { apart } }: Pick<TaskEntry, 'votes' | 'distances'>): boolean {
  const [first, ...rest] = votes
  return rest.some((vote) =>
    vote.cells.some((cell, test) => {
      const other = first?.cells[test]
      return other !== undefined && !saysAlike(cell, other, apart)
    }),
  )
}

/** What a node has done so far, as the accepted verdicts tell. */
export interface NodeEntry {
  node: string
  operator: string
  /** What its owner calls it, or null. */
  name: string | null
  /** When that was changed last, or null. */
  namedAt: number | null
  /** When it was given its first work. */
  since: number
  verdicts: number
  /** Cells in which it agreed with the decision, and in which it did not. */
  agreed: number
  disagreed: number
  declined: number
  expired: number
  lastAt: number
  /** By class: the last `MAX_ENVIRONMENTS_OF_NODE` that it answered in first. */
  environments: Map<string, VoteEntry['environment']>
  /** By class, decided tasks on which it said in every test what was decided; of the last `MAX_ENVIRONMENTS_OF_NODE`. */
  decided: Map<string, number>
  /** By day since 1970, the verdicts that came from it: the last `MAX_DAYS_OF_NODE` on which there were any. */
  days: Map<number, number>
}
