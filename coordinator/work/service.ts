import { randomInt, randomUUID } from 'node:crypto'
import type { Connection, PrivateKey, Stream } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import {
  type DeclineReason,
  MAX_OUTPUT_BYTES,
  MAX_TESTS_PER_CASE,
  NODE_ABSENCE_MS,
  Pace,
  type RejectCode,
  SILENCE_MS,
  type ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import { type AssignedEvent, Dispatcher, type EndedEvent } from '../dispatch/dispatcher.ts'
import type { Visitors } from '../door/guard.ts'
import type { Ledger } from '../ledger.ts'
import type { Journal } from '../operations/journal.ts'
import type { Preference } from '../preference.ts'
import { dueLimits } from '../rounds/limits.ts'
import { mayHold } from '../rules/holding.ts'
import type { RoundCaps } from '../rules/spending.ts'
import { Shelf } from '../shelf.ts'
import type { Ended, Event, VerdictRecord } from '../state/events.ts'
import type { OpenAssignment, TaskEntry } from '../state/model.ts'
import { type DiskCondition, sayCondition } from '../store/condition.ts'
import { type DrawnEvent, dueDraws, dueExcuses } from '../trust/due.ts'
import { incidentNotice } from '../trust/incident.ts'
import type { Presence } from '../view.ts'
import type { CheckedVerdict, Question, Rejected } from './check.ts'
import { Checkers } from './checkers.ts'
import type { Guest, Guests } from './guests.ts'
import { type SessionDesk, WorkSession } from './session.ts'
import { answerAsk, originsOf } from './told.ts'

/** How often deadlines are looked at. */
const TICK_MS = 1_000
/**
 * Assignments given in one turn of the event loop. What nodes answer to them comes before more is given: a coordinator that is
 * behind gives less, and what comes in never waits long.
 */
const GIVEN_PER_TURN = 32
/** Bytes of programs at hand: every program is asked for by as many nodes as have to agree on it, mostly one after the other. */
const PROGRAM_BYTES = 32 * 1024 * 1024
/** Work is given no more often: what came meanwhile is looked at together. */
const BETWEEN_DISPATCHES_MS = 4
/** A node's name is changed once in so long at most. */
const NAME_REST_MS = 3_600_000
/** A node that reconnects may open its new stream before we notice that the old one is dead. */
const STREAMS_PER_NODE = 2

export interface WorkComponents {
  host: Libp2p
  /** The coordinator's, for receipts. */
  key: PrivateKey
  ledger: Ledger
  clock: Clock
  log: Journal
  preference: Preference
  guests: Guests
  visitors: Visitors
}

/**
 * Gives tasks to nodes and takes their verdicts: the shell of the `Dispatcher` over libp2p, clock and disk. Its sessions
 * are the nodes that are connected; what they hold is in the ledger, so that a coordinator that was stopped goes on
 * where it was.
 */
export class WorkService implements SessionDesk {
  readonly agent: string
  readonly log: Journal
  readonly visitors: Visitors
  readonly leastVersion: string
  readonly #host: Libp2p
  readonly #key: PrivateKey
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #preference: Preference
  readonly #guests: Guests
  readonly singleOperator: boolean
  readonly #sessions = new Map<string, WorkSession>()
  readonly #dispatcher: Dispatcher
  readonly #shelf: Shelf
  readonly #checkers: Checkers
  /** Assignments whose nodes are told of them when the program has been read, until then. */
  readonly #telling = new Map<string, Promise<void>>()
  readonly #arrivals: Pace
  /** Incidents of which those concerned were told; those before the start were told then, as far as they were there. */
  #told: number
  readonly #caps: RoundCaps
  #ticker: NodeJS.Timeout | null = null
  /** What those who are connected know of the disk. */
  #said: DiskCondition['state'] = 'good'
  /** No deadline is looked at before. */
  #quietUntil = Number.NEGATIVE_INFINITY
  readonly #onCondition = (condition: DiskCondition) => this.#conditionChanged(condition)
  #awake = false
  /** By `performance.now`. */
  #dispatchedAt = 0
  #stopped = false

  constructor(
    { host, key, ledger, clock, log, preference, guests, visitors }: WorkComponents,
    init: { agent: string; singleOperator: boolean; arrivalsPerSecond: number; leastVersion: string; caps?: RoundCaps },
  ) {
    this.#key = key
    this.leastVersion = init.leastVersion
    this.#caps = init.caps ?? {}
    this.#host = host
    this.#preference = preference
    this.#guests = guests
    this.#ledger = ledger
    this.#clock = clock
    this.log = log
    this.visitors = visitors
    this.agent = init.agent
    this.singleOperator = init.singleOperator
    this.#shelf = new Shelf((cids) => ledger.store.blobs(cids), { most: PROGRAM_BYTES })
    this.#checkers = new Checkers(log)
    this.#arrivals = new Pace(init.arrivalsPerSecond)
    this.#told = ledger.state.trust.reported
    const nonce = () => randomUUID().replaceAll('-', '')
    const held = (node: string) => mayHold(ledger.state.nodes.get(node))
    this.#dispatcher = new Dispatcher({ state: ledger.state, nonce, random: randomInt, mayHold: held }, clock.now())
  }

  async start(): Promise<void> {
    await this.#host.handle(WORK_PROTOCOL, (stream, connection) => this.#serve(stream, connection), {
      maxInboundStreams: STREAMS_PER_NODE,
      runOnLimitedConnection: true,
    })
    this.#ticker = setInterval(() => this.tick(), TICK_MS)
    this.#ledger.store.onGather = () => this.#dispatchNow()
    if (this.#awake) this.#dispatchSoon()
    this.#ledger.store.disk.changes.on('condition', this.#onCondition)
    this.#ledger.changes.on('change', (event) => {
      if (event.t === 'measured') this.#withdrawFrom(this.#ledger.state.tasks.get(event.task) as TaskEntry)
      if (event.t !== 'assigned') this.wake()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#ticker !== null) clearInterval(this.#ticker)
    this.#ticker = null
    this.#ledger.store.onGather = null
    this.#ledger.store.disk.changes.off('condition', this.#onCondition)
    await this.#host.unhandle(WORK_PROTOCOL)
    for (const session of this.#sessions.values()) session.end(new Error('the coordinator stops'))
    await this.#checkers.close()
    await this.#ledger.settled()
  }

  now(): number {
    return this.#clock.now()
  }

  preferred(): string[] {
    return this.#preference.classes()
  }

  presence(): Presence[] {
    const { holding } = this.#ledger.state
    return [...this.#sessions.values()].map(
      ({ node, operator, network, executors, abilities, classes, environments, memoryBytes }) => ({
        node,
        operator,
        network,
        executors,
        abilities,
        classes,
        environments,
        memoryBytes,
        running: holding.get(node)?.size ?? 0,
        slots: (holding.get(node)?.size ?? 0) + this.#dispatcher.creditsOf(node),
      }),
    )
  }

  /**
   * Looks at deadlines: what is overdue, or held by a node that has been away too long, goes back. Not while the disk fails,
   * nor before what waited for it meanwhile has been heard.
   */
  tick(): void {
    if (this.unavailable() !== null || this.#clock.now() < this.#quietUntil) return
    for (const event of this.#dispatcher.tick(this.#clock.now())) this.#takeBack(event)
    for (const event of dueExcuses(this.#ledger.state, this.#clock.now())) this.#record(event)
    this.#cutSilent()
    this.wake()
  }

  /** A connection may stay open long after whoever was at its other end is gone. */
  #cutSilent(): void {
    // Not the clock of events: a machine that sets its own has heard no less.
    const now = performance.now()
    for (const session of this.#sessions.values()) {
      if (session.silentSince !== null && now - session.silentSince > SILENCE_MS) session.drop(new Error('the node is silent'))
    }
  }

  /**
   * Gives out work soon, once for all that asks for it meanwhile: where something is being written, with the next batch, since a node
   * hears of it when that is on disk. Its last verdict is acknowledged then too, in the same frame.
   */
  wake(): void {
    if (this.#awake) return
    this.#awake = true
    if (!this.#ledger.store.isWriting) this.#dispatchSoon()
  }

  #dispatchSoon(): void {
    const early = this.#dispatchedAt + BETWEEN_DISPATCHES_MS - performance.now()
    if (early > 0) setTimeout(() => this.#dispatchNow(), early)
    else setImmediate(() => this.#dispatchNow())
  }

  /** Unless it was done since it was asked for. */
  #dispatchNow(): void {
    if (!this.#awake || this.#stopped) return
    this.#awake = false
    this.#dispatchedAt = performance.now()
    this.#dispatch()
  }

  joined(session: WorkSession, holding: readonly string[]): void {
    this.#sessions.get(session.node)?.replace()
    this.#sessions.set(session.node, session)
    for (const event of this.#dispatcher.joined(session, holding, this.#clock.now())) this.#record(event)
    this.#noteName(session)
    // What was taken back while it was away: it could not be told.
    const over = holding.filter((nonce) => this.heldBy(session.node, nonce) === null)
    this.whenDurable(() => over.forEach((nonce) => void session.withdraw(nonce)))
    this.log.info({ event: 'node-joined', node: session.node, executors: [...session.executors] })
    this.#ledger.changes.emit('presence')
  }

  /** A node that has worked here is called as its owner wants. Not changed too often: each change is an event of the log for ever. */
  #noteName({ node, name }: WorkSession): void {
    const known = this.#ledger.state.nodes.get(node)
    const now = this.#clock.now()
    if (known === undefined || known.verdicts === 0 || known.name === name) return
    if (known.namedAt !== null && now - known.namedAt < NAME_REST_MS) return
    this.#record({ t: 'node-named', at: now, node, name })
  }

  left(session: WorkSession): void {
    if (this.#sessions.get(session.node) !== session) return
    this.#sessions.delete(session.node)
    this.#dispatcher.left(session.node, this.#clock.now())
    this.log.info({ event: 'node-left', node: session.node })
    this.#ledger.changes.emit('presence')
  }

  wanted({ node }: WorkSession, credits: number): void {
    this.#dispatcher.wants(node, credits)
    this.wake()
  }

  declined(session: WorkSession, nonce: string, reason: DeclineReason): void {
    const assignment = this.#ledger.state.assignments.get(nonce)
    if (assignment?.node !== session.node) return
    this.log.info({ event: 'assignment-declined', node: session.node, nonce, reason })
    // What its owner does not want is neither its fault nor the task's: it is given other work at once.
    if (reason === 'unwanted') this.#dispatcher.unwanted(session.node, assignment.task)
    else this.#dispatcher.learn(session.node, false, this.#clock.now())
    this.#giveBack(assignment, 'declined', reason)
    // That may have been the last try.
    this.#withdrawFrom(this.#ledger.state.tasks.get(assignment.task) as TaskEntry)
  }

  /** A verdict that does not hold uses up its assignment. */
  refused(session: WorkSession, nonce: string, { code }: Rejected): void {
    const assignment = this.#ledger.state.assignments.get(nonce)
    this.#dispatcher.learn(session.node, false, this.#clock.now())
    if (assignment?.node === session.node) this.#giveBack(assignment, 'expired', `rejected: ${code}`)
  }

  heldBy(node: string, nonce: string): { assignment: OpenAssignment; entry: TaskEntry } | null {
    const { assignments, tasks } = this.#ledger.state
    const assignment = assignments.get(nonce)
    const entry = assignment?.node === node ? tasks.get(assignment.task) : undefined
    return assignment === undefined || entry === undefined ? null : { assignment, entry }
  }

  async answerFor(node: string, nonce: string): Promise<RejectCode | 'accepted'> {
    if (this.#ledger.state.assignments.has(nonce)) return 'not-yours'
    const past = await this.#ledger.past(nonce)
    if (past === null) return 'unknown-assignment'
    if (past.node !== node) return 'not-yours'
    return past.how === 'returned' ? 'accepted' : 'expired'
  }

  async read(question: Question): Promise<VerdictRecord> {
    return await this.#checkers.read(question)
  }

  accept(session: WorkSession, { record, blobs }: CheckedVerdict, acknowledge: () => void): boolean {
    const held = this.heldBy(session.node, record.nonce)
    if (held === null) return false
    // What another replica said is there: who says the same adds his signature only.
    for (const [test, { output }] of record.cells.entries()) {
      if (held.entry.votes.some(({ cells }) => cells[test]?.output === output)) blobs.delete(output)
    }
    this.#record({ t: 'verdict', at: this.#clock.now(), ...record }, blobs)
    this.#noteName(session)
    this.whenDurable(acknowledge)
    this.#dispatcher.learn(session.node, true, this.#clock.now())
    this.#withdrawFrom(held.entry)
    return true
  }

  /** Calls back when everything recorded so far is on disk; not at all if that fails. */
  whenDurable(then: () => void): void {
    this.#ledger.durable.then(then, () => undefined)
  }

  /** Stops what no round needs or wants any more; nodes are told at once, or when they are back. */
  withdrawUnneeded(): void {
    const held = new Set([...this.#ledger.state.assignments.values()].map(({ task }) => task))
    for (const key of held) this.#withdrawFrom(this.#ledger.state.tasks.get(key) as TaskEntry)
  }

  /** 0 bytes when the node never held it. A verdict sent again after its assignment ended brings its outputs once more. */
  async outputCap(node: string, nonce: string): Promise<number> {
    const held = this.heldBy(node, nonce)
    if (held !== null) return held.entry.tests * held.entry.task.limits.outputBytes
    const answer = await this.answerFor(node, nonce)
    return answer === 'accepted' || answer === 'expired' ? MAX_TESTS_PER_CASE * MAX_OUTPUT_BYTES : 0
  }

  async tell({ node, operator }: WorkSession, asked: Parameters<SessionDesk['tell']>[1]): Promise<ToNode> {
    return await answerAsk({ ledger: this.#ledger, key: this.#key, now: this.#clock.now() }, { node, operator }, asked)
  }

  async program(cid: string): Promise<Uint8Array | undefined> {
    return await this.#shelf.get(cid)
  }

  programAtHand(cid: string): Uint8Array | undefined {
    return this.#shelf.atHand(cid)
  }

  async #serve(stream: Stream, connection: Connection): Promise<void> {
    // It connected before it was banned; what it does meanwhile is heard no more.
    if (this.visitors.isBanned(connection)) connection.abort(new Error('banned'))
    else await new WorkSession(this, stream, connection).run()
  }

  unavailable(): string | null {
    const { condition } = this.#ledger
    return condition.state === 'failing' ? sayCondition(condition) : null
  }

  async available(): Promise<void> {
    await this.#ledger.store.disk.writable()
    await this.#ledger.store.room()
  }

  async guest(node: string, owner: string | null): Promise<Guest | 'stranger' | 'turned-away'> {
    const unlisted = this.#guests.isPrivate ? 'turned-away' : 'stranger'
    try {
      return (await this.#guests.find(node, owner)) ?? unlisted
    } catch (error) {
      this.log.error({ event: 'node-list', detail: (error as Error).message })
      return unlisted
    }
  }

  admits(): boolean {
    return this.#arrivals.take()
  }

  /** Those who are connected are told when nothing can be taken any more; they keep what they have. */
  #conditionChanged(condition: DiskCondition): void {
    const before = this.#said
    this.#said = condition.state
    if (condition.state === before) return
    if (before === 'failing') this.#quietUntil = this.#clock.now() + NODE_ABSENCE_MS
    if (condition.state === 'good') this.wake()
    const words = this.unavailable()
    if (words !== null) for (const session of this.#sessions.values()) session.notify('unavailable', words)
  }

  #dispatch(): void {
    if (this.#ledger.condition.state !== 'good') return
    const now = this.#clock.now()
    this.#holdLimits(now)
    for (let draws = this.#draws(now); draws.length > 0; draws = this.#draws(now)) for (const event of draws) this.#record(event)
    this.#tellIncidents()
    // A disk that is slow is a coordinator that is behind: what it has not written yet is for later, too.
    if (this.#ledger.store.isBehind) {
      this.#ledger.store.room().then(
        () => this.wake(),
        () => undefined,
      )
      return
    }
    for (let given = 0; given < GIVEN_PER_TURN; given++) {
      const event = this.#dispatcher.next(now)
      if (event === null) return
      this.#give(event)
    }
    // Not with the next batch, which on a slow disk is a while away.
    this.#awake = true
    this.#dispatchSoon()
  }

  /** Pauses what has used what it may. */
  #holdLimits(now: number): void {
    const due = dueLimits(this.#ledger.state, this.#caps, now)
    for (const event of due) {
      this.log.warn({ event: 'round-limit', round: event.round, detail: event.detail })
      this.#record(event)
    }
    if (due.length > 0) this.withdrawUnneeded()
  }

  #draws(now: number): DrawnEvent[] {
    return dueDraws(this.#ledger.state, randomInt, now)
  }

  /** Tells the nodes concerned what the trust rules did to their operator; who is suspended has nothing to run for a ballot. */
  #tellIncidents(): void {
    const { trust } = this.#ledger.state
    const fresh = trust.incidentsAfter(this.#told)
    this.#told = trust.reported
    for (const incident of fresh) {
      const { kind, reason, nodes } = incident
      this.log.warn({ event: `operator-${kind}`, reason, nodes })
      if (kind === 'suspended') for (const event of this.#dispatcher.takeBack(nodes, this.#clock.now())) this.#takeBack(event)
      this.whenDurable(() => {
        for (const node of nodes) this.#sessions.get(node)?.notify(kind, incidentNotice(incident))
      })
    }
  }

  #give(event: AssignedEvent): void {
    this.#record(event)
    const { node, nonce, task, at, deadlineAt } = event
    const entry = this.#ledger.state.tasks.get(task) as TaskEntry
    // The session that asked: a later one of the same node has not, and says itself what it holds.
    const session = this.#sessions.get(node)
    const origins = originsOf(this.#ledger.state, entry)
    const tell = () => session?.assign(nonce, entry, deadlineAt - at, origins)
    const { program } = entry.task
    if (session?.hasProgram(program) !== false || this.programAtHand(program) !== undefined) {
      this.whenDurable(tell)
      return
    }
    // Read while the assignment is being written, and waited for: the node would have to ask for it. Where it cannot be read it does.
    const read = this.#shelf.get(program).catch(() => undefined)
    const told = Promise.all([this.#ledger.durable, read])
      .then(tell, () => undefined)
      .finally(() => this.#telling.delete(nonce))
    this.#telling.set(nonce, told)
  }

  #giveBack({ nonce }: OpenAssignment, how: Ended, reason: string): void {
    this.#record({ t: 'ended', at: this.#clock.now(), nonce, how, reason })
  }

  #withdrawFrom(entry: TaskEntry): void {
    for (const event of this.#dispatcher.unneeded(entry, this.#clock.now())) this.#takeBack(event)
  }

  /** The node is told when it is on disk, as of the assignment itself: said earlier, it would come before what it takes back. */
  #takeBack(event: EndedEvent): void {
    const { nonce } = event
    const node = this.#ledger.state.assignments.get(nonce)?.node ?? ''
    this.#record(event)
    const withdraw = () => this.#sessions.get(node)?.withdraw(nonce)
    const told = this.#telling.get(nonce)
    this.whenDurable(told === undefined ? withdraw : () => told.then(withdraw))
  }

  /** Records without waiting; whoever is told of it waits with `whenDurable`, and a failure is the ledger's to report. */
  #record(event: Event, blobs?: ReadonlyMap<string, Uint8Array>): void {
    this.#ledger.record(event, blobs).catch(() => undefined)
  }
}
