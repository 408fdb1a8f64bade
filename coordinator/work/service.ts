import { randomBytes } from 'node:crypto'
import type { Connection, Stream } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import type { Logger } from 'pino'
import {
  ASSIGNMENT_GRACE_MS,
  COMPILE_WALL_MS,
  type DeclineReason,
  NODE_ABSENCE_MS,
  type RejectCode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import { choose, deadlineMs } from '../rules/dispatch.ts'
import type { Ended } from '../state/events.ts'
import type { OpenAssignment, TaskEntry } from '../state/model.ts'
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
  /** Told when the event log cannot be written any more: nothing more may be promised. */
  onStoreFailure: (error: Error) => void
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
  readonly #onStoreFailure: (error: Error) => void
  readonly singleOperator: boolean
  readonly #sessions = new Map<string, WorkSession>()
  /** Nodes that hold assignments and are not connected, since when. */
  readonly #absent = new Map<string, number>()
  #ticker: NodeJS.Timeout | null = null
  #awake = false
  #durable: Promise<void> = Promise.resolve()

  constructor({ host, ledger, clock, log, onStoreFailure }: WorkComponents, init: { agent: string; singleOperator: boolean }) {
    this.#host = host
    this.#ledger = ledger
    this.#clock = clock
    this.log = log
    this.#onStoreFailure = onStoreFailure
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
    if (this.#ticker !== null) clearInterval(this.#ticker)
    this.#ticker = null
    await this.#host.unhandle(WORK_PROTOCOL)
    for (const session of this.#sessions.values()) session.end(new Error('the coordinator stops'))
    await this.#durable.catch(() => undefined)
  }

  presence(): Presence[] {
    const running = new Map<string, number>()
    for (const { node } of this.#ledger.state.assignments.values()) running.set(node, (running.get(node) ?? 0) + 1)
    return [...this.#sessions.values()].map(({ node, operator, executors }) => ({
      node,
      operator,
      executors,
      running: running.get(node) ?? 0,
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
      this.#sessions.get(assignment.node)?.withdraw(assignment.nonce)
    }
    this.wake()
  }

  /** Gives out work soon, once for all that asks for it in this turn. */
  wake(): void {
    if (this.#awake) return
    this.#awake = true
    setImmediate(() => {
      this.#awake = false
      this.#dispatch()
    })
  }

  joined(session: WorkSession, holding: readonly string[]): void {
    this.#sessions.get(session.node)?.end(new Error('the node opened another stream'))
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
    this.#absent.set(session.node, this.#clock.now())
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
    this.#keep(this.#ledger.record({ t: 'verdict', at: this.#clock.now(), ...record }, blobs))
    this.whenDurable(acknowledge)
    session.learn(true, this.#clock.now())
    for (const open of [...held.entry.open.values()]) {
      if (!this.#ledger.state.isLive(held.entry)) this.#withdraw(open)
    }
  }

  /** Calls back when everything recorded so far is on disk; not at all if that fails. */
  whenDurable(then: () => void): void {
    this.#durable.then(then, () => undefined)
  }

  /** Stops what a round no longer needs. */
  withdrawUnneeded(): void {
    for (const assignment of [...this.#ledger.state.assignments.values()]) {
      const entry = this.#ledger.state.tasks.get(assignment.task)
      if (entry !== undefined && !this.#ledger.state.isLive(entry)) this.#withdraw(assignment)
    }
  }

  /** Most bytes of output that may come for an assignment of that node: 0 when it holds none. */
  outputCap(node: string, nonce: string): number {
    const held = this.assignmentOf(node, nonce)
    // A verdict sent again after its assignment ended still brings its outputs; they are dropped, but within bounds.
    if ('answer' in held) return held.answer === 'accepted' || held.answer === 'expired' ? 64 * 1024 * 1024 : 0
    return held.entry.tests * held.entry.task.limits.outputBytes
  }

  async programFor(node: string, program: string): Promise<Uint8Array | undefined> {
    const { assignments, tasks } = this.#ledger.state
    const given = [...assignments.values()].some(
      (assignment) => assignment.node === node && tasks.get(assignment.task)?.task.program === program,
    )
    return given ? await this.#ledger.store.blob(program) : undefined
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
    if (!session.isReady(now)) return false
    const { node, operator, executors } = session
    const entry = choose([this.#queue('begun'), this.#queue('fresh')], { node, operator, executors })
    if (entry === null) return false
    session.credits--
    const within = deadlineMs(entry.tests, entry.task.limits.wallMs, COMPILE_WALL_MS, ASSIGNMENT_GRACE_MS)
    const nonce = randomBytes(16).toString('hex')
    this.#keep(this.#ledger.record({ t: 'assigned', at: now, nonce, task: entry.key, node, operator, deadlineAt: now + within }))
    this.whenDurable(() => session.assign(nonce, entry, within))
    return true
  }

  *#queue(which: 'begun' | 'fresh'): Generator<TaskEntry> {
    for (const key of this.#ledger.state.wanting[which]) {
      const entry = this.#ledger.state.tasks.get(key)
      if (entry !== undefined) yield entry
    }
  }

  #giveBack(assignment: OpenAssignment, how: Ended, reason: string): void {
    this.#keep(this.#ledger.record({ t: 'ended', at: this.#clock.now(), nonce: assignment.nonce, how, reason }))
  }

  #withdraw(assignment: OpenAssignment): void {
    this.#giveBack(assignment, 'withdrawn', 'not needed')
    this.#sessions.get(assignment.node)?.withdraw(assignment.nonce)
  }

  /** What was recorded last is durable after all that came before it. */
  #keep(durable: Promise<void>): void {
    this.#durable = durable
    durable.catch(this.#onStoreFailure)
  }
}
