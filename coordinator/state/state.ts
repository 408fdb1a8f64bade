import { type LaterPass, type Pass, type Policy, SIDES, type Side } from '../../protocol/index.ts'
import { agree, type Ballot, cellKey, disagrees, saysAlike, tally } from '../rules/ballot.ts'
import { mayBeSame } from '../rules/dispatch.ts'
import type { TestEvidence } from '../rules/judge.ts'
import { costOf, partOf } from '../rules/spending.ts'
import { exposureOf } from '../rules/visibility.ts'
import { isFinal, type KeptTrust, Trust, type TrustTotals } from '../trust/trust.ts'
import { CO_VERIFY, type Workload } from '../workload.ts'
import { Changes } from './changes.ts'
import { Connections } from './connections.ts'
import { Costs, type KeptCosts } from './costs.ts'
import { comparatorFor, comparatorKey, type Distances, distancesUnder } from './distances.ts'
import type { Event } from './events.ts'
import { evidenceIn, fillOf, sameIsolated } from './evidence.ts'
import { forgettable, MAX_NODES_KNOWN, MAX_OPERATORS_KNOWN } from './forgetting.ts'
import { Interning } from './interning.ts'
import {
  type Arrival,
  type CaseEntry,
  type GivenUp,
  isSplit,
  NOT_DECLINED,
  NOTHING_OPEN,
  type NodeEntry,
  type OpenAssignment,
  type RoundEntry,
  type TaskCounts,
  type TaskEntry,
  taskKeys,
  taskState,
  type VoteEntry,
} from './model.ts'
import { laterPasses, namesIn, namesOf, type TaskNames, taskOf } from './needed.ts'
import { cancel, complete, extend, open, pause, resume, seal } from './rounds.ts'
import { type KeptThroughput, Throughput } from './throughput.ts'

/** Closed rounds at hand, which the pages list; a kilobyte or two each. The records and the log have all. */
export const MAX_CLOSED_ROUNDS = 10_000
/** Classes of one node that are shown: a machine has three, and some more when its tools are brought up to date. */
export const MAX_ENVIRONMENTS_OF_NODE = 16
/** Days of work of one node that are shown. */
export const MAX_DAYS_OF_NODE = 30
/** Length of a day, milliseconds. */
export const DAY_MS = 86_400_000

type Of<T extends Event['t']> = Extract<Event, { t: T }>

/** How many nodes and operators are remembered at most. */
export interface Remembered {
  nodes: number
  operators: number
}

const REMEMBERED: Remembered = { nodes: MAX_NODES_KNOWN, operators: MAX_OPERATORS_KNOWN }

/** Counts over all that ever was. */
export interface StateTotals {
  events: number
  verdicts: number
  finals: { decided: number; undecided: number }
  made: number
  closed: number
  seq: number
  trust: TrustTotals
  throughput: KeptThroughput
  costs: KeptCosts
}

/** All that a state is made from, each list in the order of its numbers. */
export interface KeptState {
  totals: StateTotals
  blocked: ReadonlyMap<string, { at: number; reason: string }>
  closedRounds: readonly RoundEntry[]
  /** With their cases; what is counted over tasks is worked out. */
  rounds: readonly RoundEntry[]
  comparing: readonly { round: string; index: number }[]
  /** Without what is out. */
  tasks: readonly TaskEntry[]
  assignments: readonly OpenAssignment[]
  nodes: readonly NodeEntry[]
  trust: Omit<KeptTrust, 'totals'>
}

/**
 * Everything the coordinator knows, worked out from the event log: a fold over events, in order.
 * `apply` is the only way it changes; the same events always give the same state.
 * Names of tasks need hashing, which is asynchronous, so callers prepare them with `nameTasks` before `cases-added`.
 */
export class State {
  readonly rounds = new Map<string, RoundEntry>()
  /** Rounds that have left memory, without cases and tasks, in the order in which they did: the last `MAX_CLOSED_ROUNDS`. */
  readonly closedRounds = new Map<string, RoundEntry>()
  readonly tasks = new Map<string, TaskEntry>()
  readonly assignments = new Map<string, OpenAssignment>()
  /** The nonces of those each node holds; nodes without one are left out. */
  readonly holding = new Map<string, Set<string>>()
  readonly nodes = new Map<string, NodeEntry>()
  /** Tasks that want more assignments, in the order in which they were asked for. */
  readonly wanting = new Set<string>()
  /** Tasks of which votes, assignments or users changed: whoever gives out work takes them from here. */
  readonly touched = new Set<string>()
  /** Tasks with answers that wait until their outputs are compared: somebody who has the bytes must do it. */
  readonly measuring = new Set<string>()
  /** Cases whose isolated runs differ in their bytes: somebody who has these must compare them. By round and index. */
  readonly comparing = new Map<string, { round: string; index: number }>()
  /** Who stands how, and what is checked: under confidence policies. */
  readonly trust: Trust
  /** Programs that nobody is to run any more, and why. */
  readonly blocked = new Map<string, { at: number; reason: string }>()
  /** Rounds on which something was spent: whoever watches their limits takes them from here. */
  readonly charged = new Set<string>()
  /** Keys of tasks by name: the same work under several policies has several. */
  readonly named = new Map<string, string[]>()
  /** Tasks by program: who shares one is found without a pass over all. */
  readonly byProgram = new Map<string, TaskEntry[]>()
  /** What hangs together by shared programs, and whether anything of it is still voted on. */
  readonly connections = new Connections((program) => this.#besides(program))
  /** Tests that were decided, by the class in which they were. */
  readonly decidedIn = new Map<string, number>()
  /** Tasks whose ballots have ended. */
  readonly finals = { decided: 0, undecided: 0 }
  /** What was done when, without what was done for rounds alone that nobody was to know of then. */
  throughput = new Throughput()
  /** What decided tasks cost, by class. */
  costs = new Costs()
  /** What is not as it was when somebody last took note of it. */
  readonly changes = new Changes()
  events = 0
  verdicts = 0
  /** Tasks there ever were, and rounds that are closed. */
  made = 0
  closed = 0
  /** By name of a task, how many cases of rounds in memory may need it: as long as there is one it stays in memory. */
  readonly #needed = new Map<string, number>()
  /** Names of tasks that may have lost what they were kept for. */
  readonly #loose = new Set<string>()
  /** All rounds at hand in order; null: one has come, or has been closed, since it was asked for. */
  #inOrder: readonly RoundEntry[] | null = null
  readonly #interning = new Interning()
  readonly #judge: Workload['judge']
  readonly #most: Remembered
  #seq = 0

  /** @param workload what cases are judged by @param most how many nodes and operators are remembered */
  constructor({ judge }: Pick<Workload, 'judge'> = CO_VERIFY, most: Remembered = REMEMBERED) {
    this.#judge = judge
    this.#most = most
    const host = {
      task: (key: string) => this.#task(key),
      isWanted: (entry: TaskEntry) => this.isWanted(entry),
      decide: (entry: TaskEntry, ballot: Ballot, at: number) => this.#decide(entry, ballot, at),
      isBlocked: (entry: TaskEntry) => this.blocked.has(entry.task.program),
      // A round that was closed and is named by somebody who voted in it was not cancelled.
      isAggregated: (round: string) => (this.rounds.get(round)?.state ?? 'aggregated') === 'aggregated',
      changed: ({ id }: TaskEntry) => void this.changes.tasks.add(id),
      unpinned: (key: string) => void this.#loose.add(this.#task(key).id),
      seq: () => ++this.#seq,
    }
    this.trust = new Trust(host, this.changes, most.operators)
  }

  /** What is kept of a state beside its rounds, cases, tasks and assignments. */
  get totals(): StateTotals {
    const { events, verdicts, finals, made, closed, trust, throughput, costs } = this
    const shown = { throughput: throughput.kept, costs: costs.kept }
    return { events, verdicts, finals: { ...finals }, made, closed, seq: this.#seq, trust: trust.totals, ...shown }
  }

  /** The state that was kept: as if all its events had been applied. */
  static from(kept: KeptState, workload?: Workload, most?: Remembered): State {
    const state = new State(workload, most)
    state.#load(kept)
    return state
  }

  /**
   * @param names as `nameTasks` gives them, for `cases-added`
   * @param recalled what tasks of these names there are that left this state: all of them, as they were then
   */
  apply(event: Event, names: TaskNames = new Map(), recalled: readonly TaskEntry[] = []): void {
    this.events++
    this.changes.events++
    this.#apply(event, names, recalled)
    for (const id of this.#loose) this.#release(id, event.at)
    this.#loose.clear()
    this.#forgetNodes()
    this.trust.operators.forget()
  }

  #apply(event: Event, names: TaskNames, recalled: readonly TaskEntry[]): void {
    switch (event.t) {
      case 'round-opened':
        this.#open(event)
        break
      case 'cases-added':
        this.#add(event, names, recalled)
        break
      case 'round-sealed':
        this.#seal(event)
        break
      case 'round-cancelled':
        this.#cancel(event)
        break
      case 'round-closed':
        this.#closeRound(event)
        break
      case 'round-extended':
        extend(this.#changed(event.round), event)
        break
      case 'round-paused':
        pause(this.#changed(event.round), event)
        this.#serveAnew(event.round)
        break
      case 'round-resumed':
        resume(this.#changed(event.round), event)
        this.#serveAnew(event.round)
        break
      case 'program-blocked':
        this.blocked.set(event.program, { at: event.at, reason: event.reason })
        this.changes.blocked = true
        for (const entry of this.byProgram.get(event.program) ?? []) this.#giveUpIfBarred(entry, event.at)
        break
      case 'program-unblocked':
        this.blocked.delete(event.program)
        this.changes.blocked = true
        break
      case 'node-named':
        this.#name(event)
        break
      case 'assigned':
        this.#assign(event)
        break
      case 'ended':
        this.#end(event)
        break
      case 'verdict':
        this.#vote(event)
        break
      case 'measured':
        this.#measured(event)
        break
      case 'compared':
        this.#compared(event)
        break
      case 'drawn':
        this.trust.drawn(event, event.at)
        break
      case 'excused':
        this.trust.repeated(this.#task(event.task), event.node, null, event.at)
        break
      default:
        throw new Error(`event log: unknown event ${String((event satisfies never as Event).t)}`)
    }
  }

  #open(event: Of<'round-opened'>): void {
    const entry = open(event, ++this.#seq)
    this.rounds.set(entry.id, entry)
    this.#inOrder = null
    this.changes.rounds.add(entry)
  }

  /** A round of which something is not as it was. */
  #changed(id: string): RoundEntry {
    const round = this.#round(id)
    this.changes.rounds.add(round)
    return round
  }

  #add({ round, from, cases, at }: Of<'cases-added'>, names: TaskNames, recalled: readonly TaskEntry[]): void {
    const entry = this.#round(round)
    const back = recalled.filter(({ key }) => !this.tasks.has(key))
    for (const task of back) this.#recall(task)
    cases.forEach((record, offset) => {
      const item: CaseEntry = {
        ...record,
        index: from + offset,
        tasks: null,
        strict: NO_LATER_PASSES,
        names: namesOf(entry.spec, record, names),
        equal: null,
        fill: null,
        judgement: null,
      }
      entry.cases.push(item)
      entry.size = entry.cases.length
      for (const id of namesIn(item)) this.#needed.set(id, (this.#needed.get(id) ?? 0) + 1)
      if (record.tests > 0) {
        item.tasks = { cpp: this.#use(entry, item, 'cpp', 'plain'), cuda: this.#use(entry, item, 'cuda', 'plain') }
        this.connections.join(item.programs)
      }
      this.#advance(entry, item, at)
    })
    for (const task of back) this.#giveUpIfBarred(task, at)
    this.trust.touch(
      back.map(({ key }) => key),
      at,
    )
  }

  /** A task that had left the state is needed again. */
  #recall(entry: TaskEntry): void {
    entry.seq = ++this.#seq
    Object.assign(entry, { users: [], rounds: [] })
    this.#enter(entry)
    this.trust.resume(entry)
    this.changes.tasks.add(entry.id)
  }

  /** Finds or makes the task of one side of a case in one pass. */
  #use(round: RoundEntry, item: CaseEntry, side: Side, pass: Pass): string {
    const task = taskOf(round.spec, item, side, pass)
    const id = item.names[side][pass]
    if (id === undefined) throw new Error(`event log: task of case ${item.index + 1} was not named`)
    const { policy, compare } = round.spec
    const distances = distancesUnder(round.votes === 'digest' ? null : comparatorFor(compare, pass))
    const key = this.#keyFor(`${id}:${policyKey(policy)}${comparatorKey(distances.compare)}`, round)
    const entry = this.tasks.get(key) ?? this.#make({ key, id, task, distances }, round, item, side)
    const user = { round: round.id, index: item.index, side }
    if (entry.users.length < SHORT_LIST) entry.users = entry.users.concat(user)
    else entry.users.push(user)
    if (!round.tasks.has(key)) {
      round.tasks.add(key)
      entry.rounds = entry.rounds.concat(round.id)
      addTo(round.counts, entry.filed, 1)
    }
    this.#updateWanting(entry)
    return key
  }

  /** A re-run asks again; and what ended without a vote for the rounds before is not held against those that come. */
  #keyFor(shared: string, { id, parent, tasks }: RoundEntry): string {
    const stands = (this.tasks.get(shared)?.givenUp ?? null) === null || tasks.has(shared)
    return parent === null && stands ? shared : `${shared}:${id}`
  }

  #make(named: Pick<TaskEntry, 'key' | 'id' | 'task' | 'distances'>, round: RoundEntry, item: CaseEntry, side: Side): TaskEntry {
    const { id, task, distances } = named
    const { policy } = round.spec
    const { tests } = item
    const confident = policy.kind === 'confidence'
    const givenUp = this.#barred(task.program, round, item, side)
    const entry: TaskEntry = {
      seq: ++this.#seq,
      key: named.key,
      id,
      task,
      distances: named.distances,
      policy,
      tests,
      votes: [],
      open: NOTHING_OPEN,
      users: [],
      rounds: [],
      arrivals: [],
      wasted: 0,
      overdue: 0,
      spentMs: 0,
      givenUp,
      declines: NOT_DECLINED,
      filed: { state: 'waiting', verdicts: 0, split: false, givenUp: null },
      ballot: policy.kind === 'majority' ? tally(policy, tests, []) : NO_BALLOT,
      counted: null,
      trust: confident ? { replicate: false, bootstrap: false, asked: new Map(), answers: 0, abandoned: givenUp !== null } : null,
    }
    const same = this.named.get(id) ?? []
    // The point of a re-run is to ask again.
    if (confident) this.trust.begin(entry, round.parent === null ? this.#votesBefore(same, distances) : [])
    else if (givenUp !== null) entry.ballot = unfinished(entry.ballot)
    this.#countFinal(entry.ballot)
    this.made++
    this.#enter(entry)
    return entry
  }

  #enter(entry: TaskEntry): void {
    const { key, id, task } = entry
    this.named.set(id, (this.named.get(id) ?? []).concat(key))
    const sharing = this.byProgram.get(task.program)
    if (sharing === undefined) this.byProgram.set(task.program, [entry])
    else sharing.push(entry)
    this.tasks.set(key, entry)
  }

  /** Why a task of a case ends before anybody is asked, or null. */
  #barred(program: string, round: RoundEntry, item: CaseEntry, side: Side): GivenUp | null {
    if (this.blocked.has(program)) return 'blocked'
    return this.#overspent(round, item, side) ? 'limit' : null
  }

  /**
   * What counted in ballots that have ended on the same task, of whoever may be one person once. Nothing where outputs would
   * have to be compared first: to take only those that need not be would be to choose among answers.
   */
  #votesBefore(keys: readonly string[], distances: Distances): VoteEntry[] {
    const ended = keys.map((key) => this.#task(key)).filter(({ ballot }) => isFinal(ballot))
    const counted = ended.flatMap((entry) => entry.votes.filter(({ trust }) => trust?.void !== true))
    const votes = counted.filter((vote, at) => counted.findIndex((other) => mayBeSame(other, vote)) === at)
    for (const entry of ended) distances.copy(entry.distances)
    const known = votes.every(({ cells }) => {
      const missing = distances.missing(cells)
      distances.add(cells)
      return missing.length === 0
    })
    return known ? votes : []
  }

  #seal({ round, at }: Of<'round-sealed'>): void {
    const entry = this.#round(round)
    seal(entry)
    this.changes.rounds.add(entry)
    this.#finish(entry, at)
  }

  #cancel({ round, at }: Of<'round-cancelled'>): void {
    const entry = this.#round(round)
    cancel(entry, at)
    for (const { tasks, judgement, programs } of entry.cases) {
      if (tasks !== null && judgement === null) this.connections.settle(programs, false)
    }
    this.changes.rounds.add(entry)
    this.#serveAnew(round)
    const tasks = [...entry.tasks].map((key) => this.#task(key)).sort((a, b) => a.seq - b.seq)
    this.trust.touch(
      tasks.map(({ key }) => key),
      at,
    )
    for (const [key, { index, ...waiting }] of this.comparing) {
      if (waiting.round !== round) continue
      this.comparing.delete(key)
      this.changes.cases.set(entry.cases[index] as CaseEntry, round)
    }
  }

  /** Its cases and what only they needed leave memory; whoever keeps records has them. */
  #closeRound({ round, at }: Of<'round-closed'>): void {
    const entry = this.#round(round)
    if (entry.state !== 'aggregated' && entry.state !== 'cancelled') throw new Error(`event log: round ${round} has not ended`)
    this.rounds.delete(round)
    this.closed++
    this.#shelve(bare(entry))
    this.changes.rounds.add(entry)
    this.trust.close(round, entry.state === 'cancelled')
    const names = new Set<string>()
    for (const item of entry.cases) {
      for (const id of namesIn(item)) this.#unneed(id, names)
      if (item.tasks !== null) this.connections.leave(item.programs, item.judgement !== null)
    }
    // What stays is used by others; what leaves goes with its users, as they were.
    for (const id of names) if (this.#needed.has(id) || !this.#release(id, at)) this.#forgetUsers(id, round)
  }

  #shelve(round: RoundEntry): void {
    this.#inOrder = null
    this.closedRounds.set(round.id, round)
    if (this.closedRounds.size <= MAX_CLOSED_ROUNDS) return
    const [oldest = ''] = this.closedRounds.keys()
    this.closedRounds.delete(oldest)
  }

  /** A round in memory, or one that has left it. */
  roundNamed(id: string): RoundEntry | undefined {
    return this.rounds.get(id) ?? this.closedRounds.get(id)
  }

  /** How many tasks the cases in memory may come to, their later passes with them: each that they share once. */
  get needed(): number {
    return this.#needed.size
  }

  /** Whether some case in memory may come to the task of a name. */
  needs(name: string): boolean {
    return this.#needed.has(name)
  }

  /** Rounds in memory and those that have left it, in the order in which they were opened. */
  allRounds(): readonly RoundEntry[] {
    this.#inOrder ??= [...this.closedRounds.values(), ...this.rounds.values()].sort((a, b) => a.seq - b.seq)
    return this.#inOrder
  }

  #unneed(id: string, names: Set<string>): void {
    const left = (this.#needed.get(id) ?? 1) - 1
    if (left > 0) this.#needed.set(id, left)
    else this.#needed.delete(id)
    names.add(id)
  }

  #forgetUsers(id: string, closed: string): void {
    for (const key of this.named.get(id) ?? []) {
      const entry = this.#task(key)
      if (!entry.rounds.includes(closed)) continue
      entry.users = entry.users.filter(({ round }) => round !== closed)
      entry.rounds = entry.rounds.filter((round) => round !== closed)
      this.#updateWanting(entry)
    }
  }

  /** Lets the tasks of a name leave memory, unless they are needed, given out, or what newcomers are tried by. */
  #release(id: string, at: number): boolean {
    if (this.#needed.has(id)) return false
    const entries = (this.named.get(id) ?? []).map((key) => this.#task(key))
    const isHeld = ({ key, open, arrivals, trust }: TaskEntry) =>
      open.size + arrivals.length > 0 || (trust?.asked.size ?? 0) > 0 || this.trust.known.has(key)
    if (entries.some(isHeld)) return false
    if (this.changes.tasks.delete(id)) this.changes.gone.set(id, entries)
    this.named.delete(id)
    for (const entry of entries) this.#leave(entry, at)
    return true
  }

  #leave(entry: TaskEntry, at: number): void {
    const { key, task } = entry
    const sharing = this.byProgram.get(task.program)?.filter((other) => other !== entry) ?? []
    if (sharing.length === 0) this.byProgram.delete(task.program)
    else this.byProgram.set(task.program, sharing)
    this.trust.forget(entry, at)
    this.tasks.delete(key)
    this.wanting.delete(key)
    this.touched.add(key)
  }

  /** Whether something of a round is to be given out has changed. */
  #serveAnew(round: string): void {
    for (const key of this.#round(round).tasks) this.#updateWanting(this.#task(key))
  }

  #assign({ nonce, task, node, operator, network, at, deadlineAt, as }: Of<'assigned'>): void {
    const purpose = as === undefined ? {} : { as }
    const assignment: OpenAssignment = {
      seq: ++this.#seq,
      nonce,
      task,
      node,
      operator,
      network,
      givenAt: at,
      deadlineAt,
      ...purpose,
    }
    const entry = this.#task(task)
    if (as === undefined) this.#setOpen(entry, new Map([...entry.open, [nonce, assignment]]))
    else this.trust.asked(entry, nonce, { node, operator, as })
    this.#hold(assignment)
    this.changes.open.set(nonce, assignment)
    const known = this.#node(assignment)
    known.lastAt = at
    if (known.since === 0) known.since = at
    this.#updateWanting(entry)
    if (entry.trust !== null) this.trust.given(operator, at)
  }

  /** Who has answered nothing is forgotten first; who holds work is not. */
  #forgetNodes(): void {
    const leaving = forgettable(this.nodes, this.#most.nodes, ({ node, verdicts, lastAt }) =>
      this.holding.has(node) ? null : { rank: Number(verdicts > 0), lastAt, name: node },
    )
    for (const entry of leaving) {
      this.nodes.delete(entry.node)
      this.changes.nodes.delete(entry)
      this.changes.nodesGone.add(entry.node)
    }
  }

  #setOpen(entry: TaskEntry, open: TaskEntry['open']): void {
    const wasBusy = entry.open.size > 0
    entry.open = open
    if (wasBusy !== open.size > 0) this.connections.setBusy(entry.task.program, open.size > 0)
  }

  #hold(assignment: OpenAssignment): void {
    const { nonce, node } = assignment
    this.assignments.set(nonce, assignment)
    const held = this.holding.get(node) ?? new Set()
    this.holding.set(node, held.add(nonce))
  }

  #end({ nonce, how, reason, at }: Of<'ended'>): void {
    const assignment = this.#close(nonce)
    const entry = this.#task(assignment.task)
    entry.wasted++
    this.#charge(assignment, null, at)
    if (how === 'declined') this.#node(assignment).declined++
    if (how === 'expired') this.#node(assignment).expired++
    if (how === 'expired' && reason === 'deadline') entry.overdue++
    if (how === 'declined' && !NO_TROUBLE.includes(reason)) this.#givenBack(entry, assignment.operator, reason, at)
    if (entry.trust !== null) this.trust.unanswered(assignment, how !== 'withdrawn', at)
    if (assignment.as === 'repeat') {
      // What was only put off is still to be said.
      if (how === 'withdrawn' && this.isWanted(entry)) this.trust.touch([entry.key], at)
      else this.trust.repeated(entry, assignment.node, null, at)
    }
    this.#updateWanting(entry)
  }

  /** A task that as many operators could not run as the most patient of its rounds allows ends undecided. */
  #givenBack(entry: TaskEntry, operator: string, reason: string, at: number): void {
    const times = (entry.declines.get(operator)?.times ?? 0) + 1
    entry.declines = new Map([...entry.declines, [operator, { times, at, reason }]])
    const patience = Math.max(...entry.rounds.map((round) => this.#round(round).spec.giveUpAfter))
    if (entry.declines.size >= patience && this.isLive(entry)) this.#giveUp(entry, 'declined', at)
  }

  /** A task ends undecided, whoever has voted on it. */
  #giveUp(entry: TaskEntry, why: GivenUp, at: number): void {
    entry.givenUp = why
    if (entry.trust === null) this.#decide(entry, unfinished(entry.ballot), at)
    else this.trust.abandon(entry, at)
  }

  /** A program that is blocked is run no more, nor one on which every round that waits for it has spent what it may. */
  #giveUpIfBarred(entry: TaskEntry, at: number): void {
    if (isFinal(entry.ballot) || entry.givenUp !== null) return
    if (this.blocked.has(entry.task.program)) this.#giveUp(entry, 'blocked', at)
    else if (this.isWanted(entry) && entry.users.every((user) => this.#isUserOverspent(user))) this.#giveUp(entry, 'limit', at)
  }

  #isUserOverspent({ round: id, index, side }: TaskEntry['users'][number]): boolean {
    const round = this.#round(id)
    return round.state === 'cancelled' || this.#overspent(round, round.cases[index] as CaseEntry, side)
  }

  /** Whether a round has spent on a program, in all its passes, what it may. */
  #overspent({ caps: { programSeconds } }: RoundEntry, item: CaseEntry, side: Side): boolean {
    if (programSeconds === undefined) return false
    return taskKeys(item, [side]).reduce((sum, key) => sum + this.#task(key).spentMs, 0) >= programSeconds * 1000
  }

  /** Whoever waits for a task pays for it, in equal parts; what nobody waits for any longer, those for whom it was begun. */
  #charge(assignment: OpenAssignment, said: VoteEntry['resources'] | null, at: number): void {
    const entry = this.#task(assignment.task)
    const { givenAt, deadlineAt } = assignment
    const cost = costOf({ executor: entry.task.executor, givenAt, deadlineAt, endedAt: at, said })
    entry.spentMs += cost.cpuMs + cost.gpuMs
    const all = entry.rounds.map((round) => this.#round(round))
    const waiting = all.filter(({ state }) => state === 'open' || state === 'verifying')
    const payers = waiting.length > 0 ? waiting : all
    const part = partOf(cost, payers.length)
    for (const { id } of payers) {
      const { spent } = this.#changed(id)
      spent.cpuMs += part.cpuMs
      spent.gpuMs += part.gpuMs
      this.charged.add(id)
    }
    const capped = waiting.find(({ caps }) => caps.programSeconds !== undefined)
    if (capped === undefined) return
    const user = entry.users.find(({ round }) => round === capped.id) as TaskEntry['users'][number]
    for (const key of taskKeys(capped.cases[user.index] as CaseEntry, [user.side])) this.#giveUpIfBarred(this.#task(key), at)
  }

  #vote({ t: _, ...record }: Of<'verdict'>): void {
    const assignment = this.#close(record.nonce)
    const { node, operator, network, task, givenAt, deadlineAt, as } = assignment
    this.verdicts++
    const entry = this.#task(task)
    const own = this.#interning.word(record.class)
    const environment = this.#interning.environment(record.environment)
    const cells = this.#interning.cells(record.cells, entry.votes)
    const said = { ...record, class: own, environment, cells }
    const vote: VoteEntry = { seq: ++this.#seq, ...said, node, operator, network, givenAt, deadlineAt }
    const known = this.#node({ node, operator })
    known.verdicts++
    known.lastAt = record.at
    known.environments.set(own, environment)
    keepLast(known.environments, MAX_ENVIRONMENTS_OF_NODE)
    const day = Math.floor(record.at / DAY_MS)
    known.days.set(day, (known.days.get(day) ?? 0) + 1)
    keepLast(known.days, MAX_DAYS_OF_NODE)
    if (this.#isKnown(entry)) this.throughput.count('verdicts', record.at)
    this.#receive(entry, { vote, as })
    this.#charge(assignment, record.resources, record.at)
    this.#updateWanting(entry)
  }

  /** An answer is counted when its outputs have been compared with those that are; until then the ballot waits. */
  #receive(entry: TaskEntry, arrival: Arrival): void {
    const { vote } = arrival
    if (entry.arrivals.length === 0 && entry.distances.missing(vote.cells).length === 0) {
      this.#count(entry, arrival, vote.at)
      return
    }
    entry.arrivals.push(arrival)
    this.measuring.add(entry.key)
  }

  #measured({ task, pairs, at }: Of<'measured'>): void {
    const entry = this.#task(task)
    entry.distances.learn(pairs)
    for (let [next] = entry.arrivals; next !== undefined; [next] = entry.arrivals) {
      if (entry.distances.missing(next.vote.cells).length > 0) break
      entry.arrivals.shift()
      this.#count(entry, next, at)
    }
    if (entry.arrivals.length === 0) this.measuring.delete(task)
    this.#updateWanting(entry)
  }

  #count(entry: TaskEntry, { vote, as }: Arrival, at: number): void {
    entry.distances.add(vote.cells)
    if (as === 'repeat') this.trust.repeated(entry, vote.node, vote, at)
    else if (as === 'admission') this.trust.examined(entry, vote, at)
    else this.#countVote(entry, vote, at)
  }

  #countVote(entry: TaskEntry, vote: VoteEntry, at: number): void {
    const { policy, ballot, tests, distances } = entry
    const wasFinal = isFinal(ballot)
    entry.votes = entry.votes.concat(vote)
    if (wasFinal) this.#late(entry, vote)
    if (policy.kind === 'confidence') this.trust.voted(entry, vote, at)
    else if (!wasFinal) this.#decide(entry, tally(policy, tests, entry.votes, distances.apart), at)
  }

  /** A vote on what is decided changes nothing; it may have said the same in other digits. */
  #late(entry: TaskEntry, vote: VoteEntry): void {
    const cells = entry.ballot.cells.map((cell, test) => {
      const said = vote.cells[test]
      if (cell === null || said === undefined || agree(said, cell) || !saysAlike(said, cell, entry.distances.apart)) return cell
      return { ...cell, alike: [...(cell.alike ?? []), said.output].sort() }
    })
    // Whoever shows the ballot as it stood goes on doing so.
    entry.ballot = { ...entry.ballot, cells }
    this.#score(entry, vote)
  }

  #decide(entry: TaskEntry, ballot: Ballot, at: number): void {
    const before = entry.ballot
    entry.ballot = ballot
    if (before.state === 'provisional' && !saysTheSame(before, ballot)) this.#forgetComparisons(entry)
    this.#updateWanting(entry)
    if (ballot.state === 'open') return
    this.#countFinal(ballot)
    if (isFinal(ballot)) entry.counted = entry.votes.length
    if (isFinal(ballot)) for (const vote of entry.votes) this.#score(entry, vote)
    if (isFinal(ballot)) this.#countClasses(ballot)
    if (ballot.state === 'decided' && before.state !== 'decided' && this.#isKnown(entry)) this.throughput.count('tasks', at)
    for (const { round, index } of entry.users) {
      const owner = this.#round(round)
      this.#advance(owner, owner.cases[index] as CaseEntry, at)
    }
  }

  #countClasses({ cells }: Ballot): void {
    for (const cell of cells) if (cell !== null) this.decidedIn.set(cell.class, (this.decidedIn.get(cell.class) ?? 0) + 1)
  }

  #countFinal({ state }: Ballot): void {
    if (state === 'decided' || state === 'undecided') this.finals[state]++
  }

  /** What a provisional decision said has changed: what was compared for cases that are not judged is to be compared again. */
  #forgetComparisons({ users }: TaskEntry): void {
    for (const { round, index } of users) {
      const item = this.#round(round).cases[index] as CaseEntry
      if (item.judgement !== null) continue
      item.equal = null
      item.fill = null
      this.changes.cases.set(item, round)
      this.comparing.delete(`${round}/${index}`)
    }
  }

  /** Counts in how many cells a vote agrees with what was decided. */
  #score({ ballot }: TaskEntry, vote: VoteEntry): void {
    const known = this.#node(vote)
    const against = disagrees(vote, ballot.cells).length
    known.disagreed += against
    known.agreed += ballot.cells.filter((cell) => cell !== null).length - against
    if (ballot.state !== 'decided' || against > 0) return
    known.decided.set(vote.class, (known.decided.get(vote.class) ?? 0) + 1)
    keepLast(known.decided, MAX_ENVIRONMENTS_OF_NODE)
    this.costs.note(vote.class, vote.resources.compileMs + vote.resources.runMs)
  }

  /** Whether it is of some round of which anybody may know, as things are. */
  #isKnown({ rounds }: TaskEntry): boolean {
    return rounds.some((id) => {
      const { spec, state } = this.#round(id)
      return exposureOf(spec.visibility, state) !== 'nothing'
    })
  }

  /**
   * Takes a case as far as what is decided allows. Work is asked for when it may matter, not before:
   *
   * 1. both plain runs;
   * 2. a side of which some test succeeded: its isolated run, and all passes of the original, whose flags make tests void, and its
   *    coverage, where the round wants that;
   * 3. both isolated runs in: they are compared;
   * 4. some test equal: the other passes of the translation;
   * 5. nothing under way any more: judged.
   */
  #advance(round: RoundEntry, item: CaseEntry, at: number): void {
    if (item.judgement !== null || round.state === 'cancelled') return
    this.changes.cases.set(item, round.id)
    if (item.tasks !== null) {
      const translation = item.source === 'cpp' ? 'cuda' : 'cpp'
      this.#openPasses(round, item, item.source, () => true)
      this.#openPasses(round, item, translation, (pass) => pass === 'isolated')
      if (item.equal === null && this.#haveEnded(taskKeys(item, SIDES, ['plain', 'isolated']))) this.#compare(round, item)
      if (item.equal?.includes(true)) this.#openPasses(round, item, translation, () => true)
      if (item.equal === null || !this.#haveEnded(taskKeys(item), isFinal)) return
    }
    const tests = Array.from({ length: item.tests }, (_, test) => this.evidence(round, item, test))
    item.judgement = this.#interning.saying(this.#judge(tests, { source: item.source, wallMs: round.spec.limits.wallMs }))
    if (item.tasks !== null) this.connections.settle(item.programs, true)
    round.judged++
    round.judgements[item.judgement[round.spec.rule]]++
    this.#finish(round, at)
  }

  /** Opens the later passes of a side that the round wants, once its plain run has shown that there is something to look at. */
  #openPasses(round: RoundEntry, item: CaseEntry, side: Side, wanted: (pass: LaterPass) => boolean): void {
    const plain = this.#task((item.tasks as Record<Side, string>)[side]).ballot
    if (plain.state === 'open' || !plain.cells.some((cell) => cell?.status === 'success')) return
    for (const pass of laterPasses(round.spec, side, item.source)) {
      if (!wanted(pass) || item.strict[side][pass] !== undefined) continue
      const key = this.#use(round, item, side, pass)
      item.strict = { ...item.strict, [side]: { ...item.strict[side], [pass]: key } }
    }
  }

  #haveEnded(keys: readonly string[], ended: (ballot: Ballot) => boolean = ({ state }) => state !== 'open'): boolean {
    return keys.every((key) => ended(this.#task(key).ballot))
  }

  /** Equal bytes are equal; others are for whoever has the bytes. */
  #compare(round: RoundEntry, item: CaseEntry): void {
    const tests = this.#evidenceOf(round, item)
    const equal = tests.map(sameIsolated)
    const fill = fillOf(tests)
    const key = `${round.id}/${item.index}`
    const exact = round.votes === 'digest' || round.spec.compare.kind === 'exact'
    if (equal.includes('unlike') || (!exact && [...fill.cpp, ...fill.cuda].includes(false))) {
      this.comparing.set(key, this.comparing.get(key) ?? { round: round.id, index: item.index })
      return
    }
    item.equal = this.#interning.saying(equal as (true | null)[])
    item.fill = this.#interning.saying(fill)
  }

  #compared({ round, index, equal, fill, at }: Of<'compared'>): void {
    const owner = this.#round(round)
    const item = owner.cases[index] as CaseEntry
    this.comparing.delete(`${round}/${index}`)
    item.equal = equal
    item.fill = fill ?? fillOf(this.#evidenceOf(owner, item))
    this.#advance(owner, item, at)
  }

  #evidenceOf(round: RoundEntry, item: CaseEntry): TestEvidence[] {
    return Array.from({ length: item.tests }, (_, test) => this.evidence(round, item, test))
  }

  /** What is decided about one test of a case. */
  evidence(round: RoundEntry, item: CaseEntry, test: number): TestEvidence {
    return evidenceIn(this.tasks, round, item, test)
  }

  #finish(round: RoundEntry, at: number): void {
    if (round.judged < round.cases.length) return
    complete(round, at)
    this.changes.rounds.add(round)
  }

  #close(nonce: string): OpenAssignment {
    const assignment = this.assignments.get(nonce)
    if (assignment === undefined) throw new Error(`event log: assignment ${nonce} is not open`)
    this.assignments.delete(nonce)
    const held = this.holding.get(assignment.node)
    held?.delete(nonce)
    if (held?.size === 0) this.holding.delete(assignment.node)
    const entry = this.#task(assignment.task)
    const { id, trust, rounds } = entry
    this.#setOpen(entry, without(entry.open, nonce))
    trust?.asked.delete(nonce)
    if (this.changes.open.get(nonce)) this.changes.open.delete(nonce)
    else this.changes.open.set(nonce, null)
    if (rounds.length === 0) this.#loose.add(id)
    return assignment
  }

  #updateWanting(entry: TaskEntry): void {
    this.touched.add(entry.key)
    this.changes.tasks.add(entry.id)
    const wants = this.isServed(entry) && this.isLive(entry) && entry.arrivals.length === 0
    if (wants && entry.ballot.wanted > entry.open.size) this.wanting.add(entry.key)
    else this.wanting.delete(entry.key)
    this.#recount(entry)
  }

  /** Whatever happens to a task ends here: its rounds' counts follow it. */
  #recount(entry: TaskEntry): void {
    const { filed, votes, ballot, key } = entry
    const state = taskState(entry)
    const grown = filed.verdicts !== votes.length
    const split = filed.split || (grown && isSplit(entry))
    const { givenUp } = entry
    const changed = grown || state !== filed.state || split !== filed.split || givenUp !== filed.givenUp
    const now = changed ? { state, verdicts: votes.length, split, givenUp } : filed
    const unsettled = ballot.state === 'open' || (ballot.state === 'provisional' && ballot.wanted > 0)
    const troubled = ballot.state === 'open' && entry.declines.size > 0
    for (const id of entry.rounds) {
      const round = this.#round(id)
      if (changed) {
        addTo(round.counts, filed, -1)
        addTo(round.counts, now, 1)
      }
      setIn(round.unsettled, key, unsettled)
      setIn(round.troubled, key, troubled)
    }
    entry.filed = now
  }

  /** Whether somebody still waits for this task's outcome. */
  isLive(entry: TaskEntry): boolean {
    const { state, wanted } = entry.ballot
    return (state === 'open' || (state === 'provisional' && wanted > 0)) && this.isWanted(entry)
  }

  /** Whether something of it may be given out: some round that uses its outcome goes on. */
  isServed({ rounds, task }: TaskEntry): boolean {
    if (this.blocked.has(task.program)) return false
    return rounds.some((id) => {
      const round = this.#round(id)
      return round.state !== 'cancelled' && round.paused === null
    })
  }

  /** Whether what was given of it may end: some round that uses its outcome goes on, or was paused with leave for that. */
  mayEnd({ rounds, task }: TaskEntry): boolean {
    if (this.blocked.has(task.program)) return false
    return rounds.some((id) => {
      const { state, paused } = this.#round(id)
      return state !== 'cancelled' && (paused === null || paused.finish)
    })
  }

  /** Whether some round that was not cancelled uses its outcome. */
  isWanted({ rounds }: TaskEntry): boolean {
    return rounds.some((round) => this.#round(round).state !== 'cancelled')
  }

  /** Those who have done nothing yet have no names. */
  #name({ node, name, at }: Of<'node-named'>): void {
    const known = this.nodes.get(node)
    if (known === undefined) throw new Error(`event log: unknown node ${node}`)
    Object.assign(known, { name, namedAt: at })
    this.changes.nodes.add(known)
  }

  #node({ node, operator }: { node: string; operator: string }): NodeEntry {
    let known = this.nodes.get(node)
    if (known === undefined) {
      known = {
        node,
        operator,
        name: null,
        namedAt: null,
        since: 0,
        verdicts: 0,
        agreed: 0,
        disagreed: 0,
        declined: 0,
        expired: 0,
        lastAt: 0,
        environments: new Map(),
        decided: new Map(),
        days: new Map(),
      }
      this.nodes.set(node, known)
    }
    this.changes.nodes.add(known)
    this.changes.nodesGone.delete(node)
    return known
  }

  #load({ totals, blocked, closedRounds, rounds, comparing, tasks, assignments, nodes, trust }: KeptState): void {
    for (const round of closedRounds) this.#shelve(round)
    for (const [program, why] of blocked) this.blocked.set(program, why)
    Object.assign(this, { events: totals.events, verdicts: totals.verdicts, made: totals.made, closed: totals.closed })
    Object.assign(this.finals, totals.finals)
    this.throughput = Throughput.from(totals.throughput)
    this.costs = Costs.from(totals.costs)
    this.#seq = totals.seq
    for (const round of rounds) {
      this.rounds.set(round.id, round)
      this.charged.add(round.id)
      for (const item of round.cases) {
        for (const id of namesIn(item)) this.#needed.set(id, (this.#needed.get(id) ?? 0) + 1)
        for (const key of taskKeys(item)) round.tasks.add(key)
        this.#connect(round, item)
      }
    }
    for (const entry of tasks) if (entry.arrivals.length > 0) this.measuring.add(entry.key)
    for (const { round, index } of comparing) this.comparing.set(`${round}/${index}`, { round, index })
    for (const entry of tasks) this.#enter(entry)
    for (const { tasks: keys } of rounds) for (const key of keys) this.#task(key)
    for (const assignment of assignments) {
      const { nonce, task, node, as } = assignment
      const entry = this.#task(task)
      this.#hold(assignment)
      if (as === undefined) this.#setOpen(entry, new Map([...entry.open, [nonce, assignment]]))
      else entry.trust?.asked.set(nonce, { node, as })
    }
    for (const node of nodes) this.nodes.set(node.node, node)
    this.trust.load({ ...trust, totals: totals.trust }, tasks)
    for (const entry of tasks) {
      for (const round of entry.rounds) addTo(this.#round(round).counts, entry.filed, 1)
      this.#updateWanting(entry)
    }
    this.changes.clear()
  }

  /** A case that was kept. */
  #connect(round: RoundEntry, { tasks, programs, judgement }: CaseEntry): void {
    if (tasks === null) return
    this.connections.join(programs)
    if (judgement !== null || round.state === 'cancelled') this.connections.settle(programs, judgement !== null)
  }

  *#besides(program: string): Generator<string> {
    for (const { users } of this.byProgram.get(program) ?? []) {
      for (const { round, index } of users) {
        const item = this.rounds.get(round)?.cases[index]
        if (item !== undefined) yield* [item.programs.cpp, item.programs.cuda]
      }
    }
  }

  #round(id: string): RoundEntry {
    const entry = this.rounds.get(id)
    if (entry === undefined) throw new Error(`event log: unknown round ${id}`)
    return entry
  }

  #task(key: string): TaskEntry {
    const entry = this.tasks.get(key)
    if (entry === undefined) throw new Error(`event log: unknown task ${key}`)
    return entry
  }
}

/** A round without what is of its cases and tasks but counts. */
function bare(round: RoundEntry): RoundEntry {
  return { ...round, cases: [], tasks: new Set(), unsettled: new Set(), troubled: new Set() }
}

/** Up to here a list is made anew by concat when it becomes longer: one that grows has room for sixteen more, and there are millions. */
const SHORT_LIST = 16

function addTo(counts: TaskCounts, { state, verdicts, split, givenUp }: TaskEntry['filed'], sign: 1 | -1): void {
  counts[state] += sign
  counts.verdicts += sign * verdicts
  counts.disagreements += sign * Number(split)
  counts.blocked += sign * Number(givenUp === 'blocked')
  counts.limited += sign * Number(givenUp === 'limit')
}

/** Lets the oldest go of what is more than is kept. */
function keepLast<K>(map: Map<K, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}

function setIn(keys: Set<string>, key: string, isIn: boolean): void {
  if (isIn) keys.add(key)
  else keys.delete(key)
}

function without(open: TaskEntry['open'], nonce: string): TaskEntry['open'] {
  if (!open.has(nonce)) return open
  return open.size === 1 ? NOTHING_OPEN : new Map([...open].filter(([other]) => other !== nonce))
}

/** A case of which no later pass was opened. */
const NO_LATER_PASSES: CaseEntry['strict'] = { cpp: {}, cuda: {} }

/** A ballot before anything was counted. */
const NO_BALLOT: Ballot = { cells: [], state: 'open', wanted: 0 }

/** What makes ballots on the same task different ones. */
function policyKey(policy: Policy): string {
  return policy.kind === 'majority' ? `${policy.quorum}/${policy.replicas}` : `${policy.theta}/${policy.f}/${policy.replicas}`
}

/** A ballot as it is, on which nobody votes any more. */
function unfinished(ballot: Ballot): Ballot {
  return { ...ballot, state: 'undecided', wanted: 0 }
}

/** Whether two ballots decided the same cells alike. */
function saysTheSame(a: Ballot, b: Ballot): boolean {
  const keys = ({ cells }: Ballot) => cells.map((cell) => (cell === null ? '' : `${cell.class}\n${cellKey(cell)}`))
  const [one, two] = [keys(a), keys(b)]
  return one.length === two.length && one.every((key, test) => key === two[test])
}

/** Reasons for giving a task back that say nothing of the task: the node is stopped, or its owner does not want the round. */
const NO_TROUBLE: readonly string[] = ['shutting-down', 'unwanted']
