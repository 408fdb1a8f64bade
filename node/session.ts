import type { PeerId } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import type { Logger } from 'pino'
import {
  AGENT,
  ANSWER_MS,
  type Assign,
  Channel,
  checkReceipt,
  type DeclineReason,
  type Environment,
  type FromNode,
  KernelswarmError,
  MAX_ASKED,
  MAX_UNACKNOWLEDGED,
  NODE_HEARTBEAT_MS,
  type NoticeCode,
  OUTPUT_CHUNK_BYTES,
  ProtocolError,
  REPLY_MS,
  type RefuseCode,
  type Reputation,
  SILENCE_MS,
  ToNode,
  WORK_PROTOCOL,
} from '../protocol/index.ts'
import type { Outbox, Parcel } from './outbox.ts'
import type { Programs } from './programs.ts'
import type { Reach } from './reach.ts'
import type { RunListener } from './runs.ts'
import type { Work, WorkEvents } from './work.ts'

/** How often it is looked whether the coordinator has been silent for too long. */
const LISTEN_MS = 5_000

export interface SessionComponents {
  host: Libp2p
  work: Work
  outbox: Pick<Outbox, 'drop' | 'nonces' | 'parcels'>
  programs: Programs
  log: Logger
  /** Whoever keeps what ran. */
  listener?: RunListener | undefined
  /** What the coordinator says of this node. */
  heard: SessionNews
  /** Told of what goes over the wire, in bytes. */
  onBytes?: ((bytes: number) => void) | undefined
  /** Whether work may be taken now. */
  mayTake: () => boolean
  /** Whether the node's owner does not want an assignment. */
  isUnwanted: (assign: Assign) => boolean
  /** Verdicts of which it is still to be learned what became of them; at most so many. */
  toAskAbout: (limit: number) => readonly { nonce: string; task: string }[]
  /** The session of the moment: what was begun under this one may end under the next. */
  current: () => WorkEvents | null
}

/** What a coordinator says of a node beside its work. */
export interface SessionNews {
  welcomed(words: { agent: string; preferred: readonly string[]; least: string | null }): void
  notice(code: NoticeCode, message: string): void
  reputation(reputation: Reputation): void
}

/** Where there is nothing to learn of verdicts, how often it is asked how the node stands. */
const REPUTATION_MS = 5 * 60_000

/** What a node says of itself. */
export interface Announced {
  environments: readonly Environment[]
  /** For one test, bytes. */
  memoryBytes: number
  /** Its owner's, if it has one. */
  certificate: Uint8Array | null
  /** What its owner calls it, if anything. */
  name: string | null
}

/** The coordinator turned this node away; trying again at once is no use. */
export class TurnedAway extends KernelswarmError<RefuseCode> {}

/** Another process has connected with this node's key. To come back at once would only throw that one out. */
export class KeyInUse extends KernelswarmError<NoticeCode> {}

/**
 * One connection to a coordinator, from dialling to its end:
 *
 *     hello -> welcome, then what waits in the outbox, then `want` for every free slot; from there on each `assign`
 *     is answered by `output`* `verdict` or `decline`, followed by `want` for the slot that is free again.
 */
export class Session implements WorkEvents {
  readonly #c: SessionComponents
  readonly #coordinator: string
  readonly #channel: Channel<ToNode, FromNode>
  /** Assignments that wait for their program. */
  readonly #waiting = new Map<string, Assign[]>()
  readonly #signal: AbortSignal
  /** Verdicts go out one after the other: the outputs of two must not mix. */
  #sending: Promise<void> = Promise.resolve()
  #welcomed = false
  /** Given back before the welcome: `hello` has said they are held. */
  readonly #unsaid: { nonce: string; reason: DeclineReason }[] = []
  /** Assignments asked for that have not come yet. */
  #asked = 0
  /** Verdicts that are on their way, or have come and were not acknowledged. */
  readonly #unacknowledged = new Set<string>()
  #inquiring = false
  #inquiredAt = Number.NEGATIVE_INFINITY
  /** When the coordinator said something last. */
  #heardAt = performance.now()
  /** Until when it is to have said something, where it was asked out of turn. */
  #asking: NodeJS.Timeout | undefined

  private constructor(
    components: SessionComponents,
    coordinator: PeerId,
    channel: Channel<ToNode, FromNode>,
    signal: AbortSignal,
  ) {
    this.#c = components
    this.#coordinator = coordinator.toString()
    this.#channel = channel
    this.#signal = signal
  }

  /** Connects to the coordinator. @throws when it cannot be reached */
  static async connect(
    components: SessionComponents,
    reach: Pick<Reach, 'open'>,
    coordinator: PeerId,
    options: { signal: AbortSignal },
  ): Promise<Session> {
    const stream = await reach.open(WORK_PROTOCOL, options)
    const channel = new Channel<ToNode, FromNode>(stream, {
      schema: ToNode,
      ...(components.onBytes && { onBytes: components.onBytes }),
    })
    return new Session(components, coordinator, channel, options.signal)
  }

  /**
   * Serves until the connection ends.
   * @throws TurnedAway, KeyInUse, ProtocolError
   */
  async run({ environments, memoryBytes, certificate, name }: Announced): Promise<void> {
    const late = setTimeout(() => this.#channel.abort(new ProtocolError('timeout', 'no welcome')), REPLY_MS)
    const heartbeat = setInterval(() => this.#beat(), NODE_HEARTBEAT_MS)
    const watch = setInterval(() => this.#listen(), LISTEN_MS)
    const stop = () => this.#channel.abort(new Error('the node stops'))
    this.#signal.addEventListener('abort', stop)
    if (this.#signal.aborted) stop()
    try {
      const holding = [...this.#c.work.heldOf(this.#coordinator), ...(await this.#c.outbox.nonces(this.#coordinator))]
      const owned = { ...(certificate === null ? {} : { certificate }), ...(name === null ? {} : { name }) }
      await this.#channel.send({ t: 'hello', agent: AGENT, environments: [...environments], memoryBytes, holding, ...owned })
      for await (const message of this.#channel) {
        clearTimeout(late)
        this.#heardAt = performance.now()
        await this.#handle(message)
      }
    } catch (error) {
      this.#channel.abort(error as Error)
      throw error
    } finally {
      clearTimeout(late)
      clearInterval(heartbeat)
      clearInterval(watch)
      clearTimeout(this.#asking)
      // A node connects again for as long as it lives: nothing of an ended connection may stay behind.
      this.#signal.removeEventListener('abort', stop)
      this.#welcomed = false
      this.#c.work.allotments.connected(this.#coordinator, false)
    }
  }

  /** Says goodbye, after what is still being sent. */
  async leave(): Promise<void> {
    await this.#sending.catch(() => undefined)
    await this.#channel.send({ t: 'goodbye' })
    await this.#channel.close()
  }

  finished(parcel: Parcel): void {
    if (this.#welcomed) this.#deliver(parcel)
  }

  declined(nonce: string, reason: DeclineReason): void {
    if (this.#welcomed) this.#tell({ t: 'decline', nonce, reason })
    else this.#unsaid.push({ nonce, reason })
  }

  freed(): void {
    this.ask()
  }

  /** Whether it has asked for work that has not come. */
  get isAsking(): boolean {
    return this.#asked > 0
  }

  async #handle(message: ToNode): Promise<void> {
    const { log, heard, listener } = this.#c
    switch (message.t) {
      case 'welcome':
        this.#welcomed = true
        this.#c.work.allotments.connected(this.#coordinator, true)
        heard.welcomed({ agent: message.agent, preferred: message.preferred ?? [], least: message.least ?? null })
        await this.#begin()
        break
      case 'refused':
        throw new TurnedAway(message.code, message.message)
      case 'assign':
        this.#take(message)
        break
      case 'program':
        await this.#provided(message.program, message.bytes)
        break
      case 'accepted':
        log.debug({ event: 'verdict-accepted', nonce: message.nonce })
        listener?.accepted(message.nonce)
        await this.#settled(message.nonce)
        break
      case 'rejected':
        log.warn({ event: 'verdict-rejected', nonce: message.nonce, code: message.code })
        listener?.rejected(message.nonce, message.code)
        await this.#settled(message.nonce)
        break
      case 'alive':
        break
      case 'withdraw':
        this.#withdraw(message.nonce)
        break
      case 'notice':
        if (message.code === 'key-in-use') throw new KeyInUse(message.code, message.message)
        log.warn({ event: 'notice', code: message.code, message: message.message })
        heard.notice(message.code, message.message)
        break
      case 'told':
        await this.#learn(message)
        break
      case 'cut':
        throw new ProtocolError('closed', `the coordinator ended the connection: ${message.code}`)
      default:
        throw new ProtocolError('unexpected', String((message satisfies never as ToNode).t))
    }
  }

  /**
   * Asks at once whether the coordinator is still there, instead of waiting until its silence has lasted: this machine slept, or is in
   * another network now.
   */
  probe(): void {
    const asked = performance.now()
    clearTimeout(this.#asking)
    this.#beat()
    this.#asking = setTimeout(() => {
      if (this.#heardAt < asked) this.#giveUp(ANSWER_MS)
    }, ANSWER_MS)
  }

  /** Says that the node is alive. */
  #beat(): void {
    if (!this.#welcomed) return
    this.#tell({ t: 'progress', running: this.#c.work.heldOf(this.#coordinator) })
    this.#inquire()
  }

  /** A coordinator that has not answered for so long is gone, whatever its connection says. */
  #listen(): void {
    if (performance.now() - this.#heardAt > SILENCE_MS) this.#giveUp(SILENCE_MS)
  }

  #giveUp(afterMs: number): void {
    this.#channel.abort(new ProtocolError('timeout', `the coordinator has said nothing for ${afterMs} ms`))
  }

  /** With a heartbeat: often enough to hear of a verdict before its round leaves the coordinator's memory. */
  #inquire(): void {
    if (!this.#welcomed || this.#inquiring) return
    const verdicts = [...this.#c.toAskAbout(MAX_ASKED)]
    if (verdicts.length === 0 && performance.now() - this.#inquiredAt < REPUTATION_MS) return
    this.#inquiring = true
    this.#inquiredAt = performance.now()
    this.#tell({ t: 'ask', verdicts })
  }

  async #learn({ reputation, outcomes, receipt }: Extract<ToNode, { t: 'told' }>): Promise<void> {
    this.#inquiring = false
    this.#c.heard.reputation(reputation)
    const of = { coordinator: this.#coordinator, node: this.#c.host.peerId.toString() }
    const checked = receipt === undefined ? null : await checkReceipt(receipt, of)
    const kept = checked && { bytes: receipt as Uint8Array, at: checked.at, nonces: checked.verdicts.map(({ nonce }) => nonce) }
    this.#c.listener?.told(this.#coordinator, outcomes, kept)
  }

  /** What waited while we were away goes first; then work for every free slot. */
  async #begin(): Promise<void> {
    for (const one of this.#unsaid.splice(0)) this.#tell({ t: 'decline', ...one })
    const waiting = await this.#c.outbox.nonces(this.#coordinator)
    for (const nonce of waiting) this.#unacknowledged.add(nonce)
    // One after the other, as they can be sent: all of them at once may be more than there is memory.
    this.#afterwards(async () => {
      for await (const parcel of this.#c.outbox.parcels(this.#coordinator)) await this.#send(parcel)
    })
    this.ask()
  }

  /** A verdict needs no care any more. Where work was not asked for because there were many of them, it may be now. */
  async #settled(nonce: string): Promise<void> {
    if (!(await this.#c.outbox.drop(this.#coordinator, nonce))) this.#c.log.warn({ event: 'outbox-not-written', nonce })
    this.#unacknowledged.delete(nonce)
    this.ask()
  }

  /** Asks for work for every slot for which there is none under way: worked out anew each time, so that none is lost. */
  ask(): void {
    if (!this.#welcomed || !this.#c.mayTake()) return
    const waiting = [...this.#waiting.values()].reduce((sum, assigns) => sum + assigns.length, 0)
    const { work } = this.#c
    const underway = work.heldOf(this.#coordinator).length + waiting + this.#asked
    // What is under way comes to the outbox in the end.
    const free = Math.min(work.limit(this.#coordinator), MAX_UNACKNOWLEDGED - this.#unacknowledged.size) - underway
    if (free <= 0) return
    this.#asked += free
    work.allotments.asked(this.#coordinator, free)
    this.#tell({ t: 'want', credits: free })
  }

  #take(assign: Assign): void {
    if (this.#asked === 0) throw new ProtocolError('unexpected', 'an assignment that was not asked for')
    this.#asked--
    this.#c.work.allotments.came(this.#coordinator)
    if (this.#c.isUnwanted(assign) || !this.#c.mayTake()) {
      this.declined(assign.nonce, this.#c.mayTake() ? 'unwanted' : 'shutting-down')
      this.ask()
      return
    }
    const { program } = assign.task
    const known = this.#c.programs.get(program)
    if (known !== undefined) {
      this.#c.work.start(assign, known, this.#coordinator, this.#c.current)
      return
    }
    const waiting = this.#waiting.get(program)
    if (waiting !== undefined) {
      waiting.push(assign)
      return
    }
    this.#waiting.set(program, [assign])
    this.#tell({ t: 'need', program })
  }

  async #provided(cid: string, bytes: Uint8Array): Promise<void> {
    const waiting = this.#waiting.get(cid) ?? []
    this.#waiting.delete(cid)
    const program = await this.#c.programs.add(cid, bytes)
    for (const assign of waiting) this.#c.work.start(assign, program, this.#coordinator, this.#c.current)
  }

  /** A run that is withdrawn frees its slot when its processes are gone; one that has not begun frees it now. */
  #withdraw(nonce: string): void {
    this.#c.work.withdraw(nonce)
    for (const [program, assigns] of this.#waiting) {
      const left = assigns.filter((assign) => assign.nonce !== nonce)
      if (left.length > 0) this.#waiting.set(program, left)
      else this.#waiting.delete(program)
    }
    this.ask()
  }

  #deliver(parcel: Parcel): void {
    this.#unacknowledged.add(parcel.nonce)
    this.#afterwards(() => this.#send(parcel))
  }

  #afterwards(send: () => Promise<void>): void {
    this.#sending = this.#sending.then(send).catch((error: Error) => this.#channel.abort(error))
  }

  async #send({ nonce, envelope, outputs }: Parcel): Promise<void> {
    const all = outputs.reduce((sum, { byteLength }) => sum + byteLength, 0)
    if (all <= OUTPUT_CHUNK_BYTES) {
      const along = outputs.map((bytes, test) => ({ test, bytes })).filter(({ bytes }) => bytes.byteLength > 0)
      await this.#channel.send({ t: 'verdict', nonce, envelope, outputs: along })
      return
    }
    for (const [test, output] of outputs.entries()) {
      for (let at = 0; at < output.byteLength; at += OUTPUT_CHUNK_BYTES) {
        await this.#channel.send({ t: 'output', nonce, test, bytes: output.subarray(at, at + OUTPUT_CHUNK_BYTES) })
      }
    }
    await this.#channel.send({ t: 'verdict', nonce, envelope })
  }

  #tell(message: FromNode): void {
    this.#channel.send(message).catch((error: Error) => this.#channel.abort(error))
  }
}
