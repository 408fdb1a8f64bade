import { randomBytes } from 'node:crypto'
import type { Connection, Stream } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import type { Logger } from 'pino'
import {
  ASSIGNMENT_GRACE_MS,
  COMPILE_WALL_MS,
  type DeclineReason,
  MAX_CREDITS,
  MAX_OUTPUT_BYTES,
  MAX_TESTS_PER_CASE,
  NODE_ABSENCE_MS,
  type RejectCode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import { choose, deadlineMs, SCAN_LIMIT } from '../rules/dispatch.ts'
import type { Ended, Event } from '../state/events.ts'
import type { OpenAssignment, TaskEntry } from '../state/model.ts'
import { QUEUES, type Queue } from '../state/state.ts'
import type { Presence } from '../view.ts'
import type { CheckedVerdict, Rejected } from './check.ts'
import { type SessionDesk, WorkSession } from './session.ts'

/** How often deadlines are looked at. */
const TICK_MS = 1_000
/** A node that reconnects may open its new stream before we notice that the old one is dead. */
const STREAMS_PER_NODE = 2

export interface WorkComponents {
  host: Libp2p
  ledger: Ledger
  clock: Clock
  log: Logger
}

/**
 * Gives tasks to nodes and takes their verdicts. Its sessions are the nodes that are connected; what they hold is in
 * the ledger, so that a coordinator that was stopped goes on where it was.
 */
export class WorkService implements SessionDesk {
  readonly agent: string
  readonly log: Logger
  readonly #host: Libp2p
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly singleOperator: boolean
  readonly #sessions = new Map<string, WorkSession>()
  /** Nodes that hold assignments and are not connected, since when. */
  readonly #absent = new Map<string, number>()
  #ticker: NodeJS.Timeout | null = null
  #awake = false
  #stopped = false

  constructor({ host, ledger, clock, log }: WorkComponents, init: { agent: string; singleOperator: boolean }) {
    this.#host = host
    this.#ledger = ledger
    this.#clock = clock
    this.log = log
    this.agent = init.agent
    this.singleOperator = init.singleOperator
  }

  async start(): Promise<void> {
    for (const { node } of this.#ledger.state.assignments.values()) this.#absent.set(node, this.#clock.now())
    await this.#host.handle(WORK_PROTOCOL, (stream, connection) => this.#serve(stream, connection), {
      maxInboundStreams: STREAMS_PER_NODE,
      runOnLimitedConnection: true,
    })
    this.#ticker = setInterval(() => this.tick(), TICK_MS)
    this.#ledger.changes.on('change', ({ t }) => {
      if (t !== 'assigned') this.wake()
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#ticker !== null) clearInterval(this.#ticker)
    this.#ticker = null
    await this.#host.unhandle(WORK_PROTOCOL)
    for (const session of this.#sessions.values()) session.end(new Error('the coordinator stops'))
    await this.#ledger.durable.catch(() => undefined)
  }

  now(): number {
    return this.#clock.now()
  }

  presence(): Presence[] {
    const { holding } = this.#ledger.state
    return [...this.#sessions.values()].map(({ node, operator, network, executors, abilities }) => ({
      node,
      operator,
      network,
      executors,
      abilities,
      running: holding.get(node) ?? 0,
    }))
  }

  /** Looks at deadlines: what is overdue, or held by a node that has been away too long, goes back. */
  tick(): void {
    const now = this.#clock.now()
    for (const assignment of [...this.#ledger.state.assignments.values()]) {
      const since = this.#absent.get(assignment.node)
      const away = since !== undefined && now - since > NODE_ABSENCE_MS
      if (now <= assignment.deadlineAt && !away) continue
      this.#giveBack(assignment, 'expired', away ? 'node-away' : 'deadline')
      this.#tellWithdrawn(assignment)
    }
    // Whoever has been away that long holds nothing any more: strangers who come and go leave nothing behind.
    for (const [node, since] of this.#absent) if (now - since > NODE_ABSENCE_MS) this.#absent.delete(node)
    this.wake()
  }

  /** Gives out work soon, once for all that asks for it in this turn. */
  wake(): void {
    if (this.#awake) return
    this.#awake = true
    setImmediate(() => {
      this.#awake = false
      if (!this.#stopped) this.#dispatch()
    })
  }

  joined(session: WorkSession, holding: readonly string[]): void {
    this.#sessions.get(session.node)?.replace()
    this.#sessions.set(session.node, session)
    this.#absent.delete(session.node)
    const held = new Set(holding)
    for (const assignment of [...this.#ledger.state.assignments.values()]) {
      if (assignment.node === session.node && !held.has(assignment.nonce)) this.#giveBack(assignment, 'expired', 'node-forgot')
    }
    this.log.info({ event: 'node-joined', node: session.node, executors: [...session.executors] })
    this.#ledger.changes.emit('presence')
  }

  left(session: WorkSession): void {
    if (this.#sessions.get(session.node) !== session) return
    this.#sessions.delete(session.node)
    if (this.#ledger.state.holding.has(session.node)) this.#absent.set(session.node, this.#clock.now())
    this.log.info({ event: 'node-left', node: session.node })
    this.#ledger.changes.emit('presence')
  }

  declined(session: WorkSession, nonce: string, reason: DeclineReason): void {
    const assignment = this.#ledger.state.assignments.get(nonce)
    if (assignment?.node !== session.node) return
    this.log.info({ event: 'assignment-declined', node: session.node, nonce, reason })
    session.learn(false, this.#clock.now())
    this.#giveBack(assignment, 'declined', reason)
  }

  /** A verdict that does not hold uses up its assignment. */
  refused(session: WorkSession, nonce: string, { code }: Rejected): void {
    const assignment = this.#ledger.state.assignments.get(nonce)
    session.learn(false, this.#clock.now())
    if (assignment?.node === session.node) this.#giveBack(assignment, 'expired', `rejected: ${code}`)
  }

  assignmentOf(
    node: string,
    nonce: string,
  ): { assignment: OpenAssignment; entry: TaskEntry } | { answer: RejectCode | 'accepted' } {
    const { assignments, tasks, ended } = this.#ledger.state
    const assignment = assignments.get(nonce)
    const entry = assignment === undefined ? undefined : tasks.get(assignment.task)
    if (assignment !== undefined && entry !== undefined) {
      return assignment.node === node ? { assignment, entry } : { answer: 'not-yours' }
    }
    const past = ended.get(nonce)
    if (past === undefined) return { answer: 'unknown-assignment' }
    if (past.node !== node) return { answer: 'not-yours' }
    return { answer: past.how === 'returned' ? 'accepted' : 'expired' }
  }

  accept(session: WorkSession, { record, blobs }: CheckedVerdict, acknowledge: () => void): void {
    const held = this.assignmentOf(session.node, record.nonce)
    if ('answer' in held) return
    this.#record({ t: 'verdict', at: this.#clock.now(), ...record }, blobs)
    this.whenDurable(acknowledge)
    session.learn(true, this.#clock.now())
    for (const open of [...held.entry.open.values()]) {
      if (!this.#ledger.state.isLive(held.entry)) this.#withdraw(open)
    }
  }

  /** Calls back when everything recorded so far is on disk; not at all if that fails. */
  whenDurable(then: () => void): void {
    this.#ledger.durable.then(then, () => undefined)
  }

  /** Stops what a round no longer needs. */
  withdrawUnneeded(): void {
    for (const assignment of [...this.#ledger.state.assignments.values()]) {
      const entry = this.#ledger.state.tasks.get(assignment.task)
      if (entry !== undefined && !this.#ledger.state.isLive(entry)) this.#withdraw(assignment)
    }
  }

  /** 0 bytes when the node never held it. A verdict sent again after its assignment ended brings its outputs once more. */
  outputCap(node: string, nonce: string): { bytes: number; open: boolean } {
    const held = this.assignmentOf(node, nonce)
    if (!('answer' in held)) return { bytes: held.entry.tests * held.entry.task.limits.outputBytes, open: true }
    const past = held.answer === 'accepted' || held.answer === 'expired'
    return { bytes: past ? MAX_TESTS_PER_CASE * MAX_OUTPUT_BYTES : 0, open: false }
  }

  async program(cid: string): Promise<Uint8Array | undefined> {
    return await this.#ledger.store.blob(cid)
  }

  async #serve(stream: Stream, connection: Connection): Promise<void> {
    await new WorkSession(this, stream, connection).run()
  }

  #dispatch(): void {
    let given = true
    while (given) {
      given = false
      for (const session of this.#sessions.values()) given = this.#giveOne(session) || given
    }
  }

  /** One task to one node, if it has a credit and there is something for it. */
  #giveOne(session: WorkSession): boolean {
    const now = this.#clock.now()
    const { node, operator, network, abilities } = session
    if (!session.isReady(now) || (this.#ledger.state.holding.get(node) ?? 0) >= MAX_CREDITS) return false
    const queues = QUEUES.flatMap((queue) => [this.#queue(queue), this.#beyond(session, queue)])
    const entry = choose(queues, { node, operator, network, abilities })
    if (entry === null) return false
    session.credits--
    const within = deadlineMs(entry, COMPILE_WALL_MS, ASSIGNMENT_GRACE_MS)
    const nonce = randomBytes(16).toString('hex')
    const whose = { node, operator, ...(network === operator ? {} : { network }) }
    this.#record({ t: 'assigned', at: now, nonce, task: entry.key, ...whose, deadlineAt: now + within })
    this.whenDurable(() => session.assign(nonce, entry, within))
    return true
  }

  *#queue(which: Queue): Generator<TaskEntry> {
    for (const key of this.#ledger.state.wanting[which]) {
      const entry = this.#ledger.state.tasks.get(key)
      if (entry !== undefined) yield entry
    }
  }

  /**
   * The queue from where this node's last look ended. Where all that one look sees waits for others, what is behind it
   * would otherwise never be given to anybody.
   */
  *#beyond({ looks }: WorkSession, which: Queue): Generator<TaskEntry> {
    const queue = this.#ledger.state.wanting[which]
    if (queue.size <= SCAN_LIMIT) return
    looks[which] ??= queue.values()
    for (let next = looks[which].next(); !next.done; next = looks[which].next()) {
      const entry = this.#ledger.state.tasks.get(next.value)
      if (entry !== undefined) yield entry
    }
    looks[which] = null
  }

  #giveBack(assignment: OpenAssignment, how: Ended, reason: string): void {
    this.#record({ t: 'ended', at: this.#clock.now(), nonce: assignment.nonce, how, reason })
  }

  #withdraw(assignment: OpenAssignment): void {
    this.#giveBack(assignment, 'withdrawn', 'not needed')
    this.#tellWithdrawn(assignment)
  }

  /** Waits for the disk as the assignment itself did: said earlier, it would come before what it takes back. */
  #tellWithdrawn({ node, nonce }: OpenAssignment): void {
    this.whenDurable(() => this.#sessions.get(node)?.withdraw(nonce))
  }

  /** Records without waiting; whoever is told of it waits with `whenDurable`, and a failure is the ledger's to report. */
  #record(event: Event, blobs?: ReadonlyMap<string, Uint8Array>): void {
    this.#ledger.record(event, blobs).catch(() => undefined)
  }
}
