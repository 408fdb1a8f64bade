import { type Pass, SIDES, type Side } from '../../protocol/index.ts'
import type { Ballot, CellDecision, CellVote } from '../rules/ballot.ts'
import type { Declined } from '../rules/dispatch.ts'
import { Distances, type KeptDistances } from '../state/distances.ts'
import { isAlike } from '../state/interning.ts'
import type { CaseEntry, NodeEntry, RoundEntry, RoundHead, TaskEntry, VoteEntry } from '../state/model.ts'
import { isSplit, NOT_DECLINED, NOTHING_OPEN, noTasks, taskState } from '../state/model.ts'
import type { TaskTrust } from '../trust/model.ts'

/**
 * What the state holds, as text: JSON, which the engine reads and writes several times faster than anything else here.
 * Maps and sets are objects with one field, `$map` or `$set`.
 */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (one instanceof Map) return { $map: [...one] }
    return one instanceof Set ? { $set: [...one] } : one
  })
}

export function decode<T>(text: string): T {
  return JSON.parse(text, (_, one: unknown) => {
    const kept = one as { $map?: [unknown, unknown][]; $set?: unknown[] } | null
    if (Array.isArray(kept?.$map)) return new Map(kept.$map)
    return Array.isArray(kept?.$set) ? new Set(kept.$set) : one
  }) as T
}

/** A round without its cases. `closed`: it has left memory. */
export function headRecord(round: RoundEntry, closed: boolean): string {
  const { cases: _, tasks: __, unsettled: ___, troubled: ____, ...head } = round
  return encode({ ...head, closed })
}

export interface KeptHead extends RoundHead {
  closed: boolean
}

/** A round in memory from what is kept of it; what is counted over cases and tasks is zero. */
export function roundFrom({ closed: _, ...head }: KeptHead): RoundEntry {
  const counted = { judged: 0, judgements: { equivalent: 0, different: 0, invalid: 0, undecided: 0 }, counts: noTasks() }
  return { ...head, ...counted, size: 0, cases: [], tasks: new Set(), unsettled: new Set(), troubled: new Set() }
}

/** A round that has left memory. */
export function closedFrom({ closed: _, ...head }: KeptHead): RoundEntry {
  return { ...head, cases: [], tasks: new Set(), unsettled: new Set(), troubled: new Set() }
}

/** A case. A name that stands in the key of a task is not said twice. */
export function caseRecord(item: CaseEntry, comparing: boolean): string {
  const keys = keysOf(item)
  const names = { cpp: without(item.names.cpp, keys.cpp), cuda: without(item.names.cuda, keys.cuda) }
  return JSON.stringify({ ...item, names, comparing } satisfies KeptCase)
}

type Names = CaseEntry['names'][Side]

/** The keys of the tasks that a case has, by side and pass. */
function keysOf({ tasks, strict }: CaseEntry): Record<Side, Names> {
  return tasks === null
    ? { cpp: {}, cuda: {} }
    : { cpp: { plain: tasks.cpp, ...strict.cpp }, cuda: { plain: tasks.cuda, ...strict.cuda } }
}

function without(names: Names, keys: Names): Names {
  return Object.fromEntries(Object.entries(names).filter(([pass]) => keys[pass as Pass] === undefined))
}

type KeptCase = CaseEntry & { comparing: boolean }

export function caseFrom(text: string): { item: CaseEntry; comparing: boolean } {
  const { comparing, ...item } = JSON.parse(text) as KeptCase
  const keys = keysOf(item)
  for (const side of SIDES) {
    for (const [pass, key] of Object.entries(keys[side])) item.names[side][pass as Pass] = nameIn(key)
  }
  return { item, comparing }
}

/** The name in a task's key. */
export function nameIn(key: string): string {
  return key.slice(0, key.indexOf(':'))
}

/** Adds a case to a round that is being read; they come in order. */
export function addCase(round: RoundEntry, item: CaseEntry): void {
  round.cases.push(item)
  round.size = round.cases.length
  if (item.judgement === null) return
  round.judged++
  round.judgements[item.judgement[round.spec.rule]]++
}

/** A case as it is now: what it consists of is never changed, only put in place of what was there. */
export function caseAsItIs(item: CaseEntry): CaseEntry {
  return { ...item }
}

/** A task as it is now: what of it can change is copied. What is out, and what is filed, is not kept with it. */
export function taskAsItIs(entry: TaskEntry): TaskEntry {
  const { users, votes, arrivals, trust, distances } = entry
  return {
    ...entry,
    users: [...users],
    votes: votes.map(voteAsItIs),
    // The trust rules note what they think of an answer when it is counted.
    arrivals: arrivals.map(({ vote, as }) => ({ vote: { ...voteAsItIs(vote) }, as })),
    distances: distances.copied(),
    trust: trust && { ...trust },
  }
}

/** Only what the trust rules note of a vote can change. */
function voteAsItIs(vote: VoteEntry): VoteEntry {
  const { trust } = vote
  return trust === undefined ? vote : { ...vote, trust: { ...trust, again: [...trust.again] } }
}

/** A node: `encode` says the same, in five times the time, and those that work change all the time. */
export function nodeRecord({ environments, decided, days, ...node }: NodeEntry): string {
  const lists = { environments: { $map: [...environments] }, decided: { $map: [...decided] }, days: { $map: [...days] } }
  return JSON.stringify({ ...node, ...lists })
}

/** A cell by its place among those that the record says once; what a decision adds to it stands beside. */
type KeptDecision = Omit<CellDecision, keyof CellVote> & { cell: number }
type KeptVote = Omit<VoteEntry, 'cells' | 'environment'> & { cells: number[]; environment: number }
interface KeptTask
  extends Omit<TaskEntry, 'open' | 'rounds' | 'filed' | 'users' | 'ballot' | 'votes' | 'declines' | 'trust' | 'distances'> {
  /** By round, in the order in which they came: index and side. */
  users: [round: string, users: [index: number, side: Side][]][]
  ballot: Omit<Ballot, 'cells'> & { cells: (KeptDecision | null)[] }
  votes: KeptVote[]
  declines: [string, Declined][]
  distances: KeptDistances | null
  trust: Omit<TaskTrust, 'asked'> | null
}
interface KeptTasks {
  cells: CellVote[]
  environments: VoteEntry['environment'][]
  tasks: KeptTask[]
}

/** All tasks of one name: the same work under several policies. What is out is kept apart. */
export function tasksRecord(entries: readonly TaskEntry[]): string {
  const cells: CellVote[] = []
  const environments: VoteEntry['environment'][] = []
  const tasks = entries.map((entry) => keptTask(entry, cells, environments))
  return JSON.stringify({ cells, environments, tasks } satisfies KeptTasks)
}

function keptTask(entry: TaskEntry, cells: CellVote[], environments: VoteEntry['environment'][]): KeptTask {
  const { open: _, rounds: __, filed: ___, users, ballot, votes, declines, trust, distances, ...rest } = entry
  return {
    ...rest,
    declines: [...declines],
    distances: distances.compare === null ? null : distances.kept,
    trust: trust === null ? null : withoutAsked(trust),
    users: runs(users),
    ballot: { ...ballot, cells: ballot.cells.map((cell) => keptDecision(cell, cells)) },
    votes: votes.map(({ cells: said, environment, ...vote }) => ({
      ...vote,
      cells: said.map((cell) => placeOf(cells, cell, isAlike)),
      environment: placeOf(environments, environment, Object.is),
    })),
  }
}

function withoutAsked({ asked: _, ...trust }: TaskTrust): Omit<TaskTrust, 'asked'> {
  return trust
}

/** Users that follow each other in one round, together. */
function runs(users: TaskEntry['users']): KeptTask['users'] {
  const found: KeptTask['users'] = []
  for (const { round, index, side } of users) {
    const last = found.at(-1)
    if (last?.[0] === round) last[1].push([index, side])
    else found.push([round, [[index, side]]])
  }
  return found
}

function keptDecision(cell: CellDecision | null, cells: CellVote[]): KeptDecision | null {
  if (cell === null) return null
  const { status, output, compat, masked, findings, ...decided } = cell
  return { ...decided, cell: placeOf(cells, { status, output, compat, masked, findings }, isAlike) }
}

/** Where something stands in a list that holds each once; few are in it. */
function placeOf<T>(list: T[], one: T, alike: (a: T, b: T) => boolean): number {
  const at = list.findIndex((other) => alike(other, one))
  return at >= 0 ? at : list.push(one) - 1
}

/** @param shared makes one of environments that are alike */
export function tasksFrom(
  text: string,
  shared: (environment: VoteEntry['environment']) => VoteEntry['environment'],
): TaskEntry[] {
  const { cells, environments, tasks } = JSON.parse(text) as KeptTasks
  const places = environments.map(shared)
  return tasks.map((kept) => taskFrom(kept, cells, places))
}

function taskFrom(
  { users, ballot, votes, declines, trust, distances, ...rest }: KeptTask,
  cells: CellVote[],
  environments: VoteEntry['environment'][],
): TaskEntry {
  const said = votes.map((vote) => vote.cells.map((place) => cells[place] as CellVote))
  const entry: TaskEntry = {
    ...rest,
    users: users.flatMap(([round, list]) => list.map(([index, side]) => ({ round, index, side }))),
    rounds: [...new Set(users.map(([round]) => round))],
    open: NOTHING_OPEN,
    declines: declines.length === 0 ? NOT_DECLINED : new Map(declines),
    distances: distances === null ? Distances.none : Distances.from(distances, said[0]),
    trust: trust && { ...trust, asked: new Map() },
    filed: { state: 'waiting', verdicts: 0, split: false, givenUp: null },
    ballot: { ...ballot, cells: ballot.cells.map((cell) => decisionFrom(cell, cells)) },
    votes: votes.map(({ cells: _, environment, ...vote }, at) => ({
      ...vote,
      cells: said[at] ?? [],
      environment: environments[environment] as VoteEntry['environment'],
    })),
  }
  entry.filed = { state: taskState(entry), verdicts: entry.votes.length, split: isSplit(entry), givenUp: entry.givenUp }
  return entry
}

function decisionFrom(kept: KeptDecision | null, cells: CellVote[]): CellDecision | null {
  if (kept === null) return null
  const { cell, ...decided } = kept
  return { ...(cells[cell] as CellVote), ...decided }
}
