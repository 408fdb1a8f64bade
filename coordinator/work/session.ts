import type { Connection, Stream } from '@libp2p/interface'
import {
  abilityFor,
  CertificateError,
  Channel,
  checkCertificate,
  classOf,
  type DeclineReason,
  type Environment,
  type ExecutorName,
  FromNode,
  isOlder,
  MAX_CREDITS,
  type NoticeCode,
  type Origin,
  OUTPUT_CHUNK_BYTES,
  ProtocolError,
  REPLY_MS,
  type RefuseCode,
  type RejectCode,
  type ToNode,
  updateAdvice,
} from '../../protocol/index.ts'
import type { MessagePace, Visitors } from '../door/guard.ts'
import type { Journal } from '../operations/journal.ts'
import type { VerdictRecord } from '../state/events.ts'
import type { OpenAssignment, TaskEntry } from '../state/model.ts'
import { type CheckedVerdict, type Question, questionOf, Rejected, withContents } from './check.ts'
import type { Guest } from './guests.ts'
import { networkOf, operatorOf } from './operator.ts'

/** A node may still ask for the program of an assignment that was taken back meanwhile. */
const PROGRAMS_REMEMBERED = 2 * MAX_CREDITS

/** A larger program is worth its question: a node may have it from before, and other words wait behind it. */
const MAX_UNASKED_PROGRAM_BYTES = 256 * 1024

/** What leads to an accepted verdict, with it: `want`, `verdict`, and `need` where the program did not come by itself. Pieces of outputs are more. */
const MESSAGES_OF_VERDICT = 3
/** Between two questions of a node how it stands: each costs a signature and a look at what its tasks share. */
const LEAST_BETWEEN_ASKS_MS = 5_000

type Of<T extends FromNode['t']> = Extract<FromNode, { t: T }>

/** Outputs on their way: counted up to the cap, and kept when a verdict on them can still count. */
interface Arriving {
  nonce: string
  outputs: Map<number, Uint8Array[]>
  bytes: number
  cap: number
  kept: boolean
}

/** What a session asks of the service it belongs to. */
export interface SessionDesk {
  readonly agent: string
  /** By executor the class in which a node is of most use. */
  preferred(): string[]
  readonly log: Journal
  readonly visitors: Visitors
  readonly singleOperator: boolean
  /** The coordinator's clock. */
  now(): number
  joined(session: WorkSession, holding: readonly string[]): void
  left(session: WorkSession): void
  /** The node can start this many more. */
  wanted(session: WorkSession, credits: number): void
  /** The node's open assignment of that nonce, or null. */
  heldBy(node: string, nonce: string): { assignment: OpenAssignment; entry: TaskEntry } | null
  /** What to answer a node that says something of an assignment which it does not hold. */
  answerFor(node: string, nonce: string): Promise<RejectCode | 'accepted'>
  /** Most bytes of output that may come for an assignment of that node. */
  outputCap(node: string, nonce: string): Promise<number>
  /** The bytes of a program. */
  program(cid: string): Promise<Uint8Array | undefined>
  /** The bytes of a program where they need not be read, or undefined. */
  programAtHand(cid: string): Uint8Array | undefined
  /** What a verdict says, as `readVerdict`. @throws Rejected */
  read(question: Question): Promise<VerdictRecord>
  /** Records a verdict; `acknowledge` is called when it is on disk. @returns false where the assignment ended while it was being read */
  accept(session: WorkSession, verdict: CheckedVerdict, acknowledge: () => void): boolean
  /** Calls back when everything recorded so far is on disk. */
  whenDurable(then: () => void): void
  /** Why nothing can be taken now, in words for the node's owner, or null. */
  unavailable(): string | null
  /** Resolves when something can be. */
  available(): Promise<void>
  /** What the operator of this coordinator knows of a node, by its name or its owner's; of a stranger, whether he is let in. */
  guest(node: string, owner: string | null): Promise<Guest | 'stranger' | 'turned-away'>
  /** Whether one more may begin now. */
  admits(): boolean
  declined(session: WorkSession, nonce: string, reason: DeclineReason): void
  refused(session: WorkSession, nonce: string, error: Rejected): void
  /** How the node stands, and what became of these verdicts of its. */
  tell(session: WorkSession, asked: Of<'ask'>['verdicts']): Promise<ToNode>
  /** The oldest release of ours that is let in. */
  readonly leastVersion: string
}

/**
 * One node's conversation, from `hello` to the end of its stream.
 *
 *     hello -> welcome | refused, then until the end: want, need, (output* verdict), decline, progress, goodbye
 *
 * Refused is who has nothing to run with, or an owner's certificate that does not count, or has ended meanwhile; and
 * everybody for as long as nothing can be written.
 * What breaks this order ends the stream with a code and costs nobody else anything.
 */
export class WorkSession {
  readonly node: string
  /** Of a node that the coordinator's operator knows: who runs it, once it has said hello. */
  network: string
  /** Known once it has said hello. */
  operator: string
  /** What it showed of its owner, and how long that holds. */
  #owned: { certificate: Uint8Array; until: number } | null = null
  #owner: string | null = null
  readonly executors = new Set<ExecutorName>()
  readonly abilities = new Set<string>()
  readonly classes = new Map<string, string>()
  /** What it can give one test, bytes. */
  memoryBytes = 0
  /** What its owner calls it, or null. */
  name: string | null = null
  readonly #channel: Channel<FromNode, ToNode>
  readonly #service: SessionDesk
  readonly #connection: Connection
  readonly #pace: MessagePace
  /** Where it runs things, as it says. */
  environments: readonly Environment[] = []
  /** The programs of the assignments it was given last. */
  readonly #given = new Set<string>()
  /** Outputs of the one verdict that is arriving. */
  #arriving: Arriving | null = null
  /** When it asked how it stands last. */
  #askedAt = Number.NEGATIVE_INFINITY
  /** Since when we wait for its next word; null while we are at the last one. */
  #waitingSince: number | null = null

  constructor(service: SessionDesk, stream: Stream, connection: Connection) {
    this.#service = service
    this.#connection = connection
    this.#pace = service.visitors.paceOf(connection)
    this.#channel = new Channel(stream, { schema: FromNode, pace: () => this.#pace.take(1) })
    this.node = connection.remotePeer.toString()
    this.network = networkOf(this.node, connection.remoteAddr, { singleOperator: service.singleOperator })
    this.operator = operatorOf(null, this.network)
  }

  /** Serves the node until it leaves or breaks the protocol. Never throws. */
  async run(): Promise<void> {
    try {
      const messages = this.#channel[Symbol.asyncIterator]()
      if (!(await this.#greet(messages))) return
      while (await this.#serveNext(messages));
      await this.#channel.close()
    } catch (error) {
      this.#cut(error as Error)
    } finally {
      this.#service.left(this)
    }
  }

  /** Whether it goes on after the next message. A function of its own, so that none is held while the next one is waited for. */
  async #serveNext(messages: AsyncIterator<FromNode>): Promise<boolean> {
    const next = await this.#next(messages)
    const message = next.value
    // What was waited for longer than the engine looks among new things alone stays until it looks at all of them, with what it
    // was settled with: the result is, the message is not in it any more.
    next.value = undefined
    if (next.done || message?.t === 'goodbye') return false
    // Until then nothing more is read: the node keeps what it has to say.
    await this.#service.available()
    const over = await this.#ownerOver()
    if (over !== null) {
      await this.#refuse(over.code, over.message)
      return false
    }
    await this.#handle(message as FromNode)
    return true
  }

  /** Whether the node has been given that program lately, so that it will not ask for it. */
  hasProgram(cid: string): boolean {
    return this.#given.has(cid)
  }

  /** Tells the node to take a task. A program it will ask for goes before it, where it is at hand: a way there and back less. */
  assign(nonce: string, { id, task }: TaskEntry, deadlineMs: number, origins: Origin[]): void {
    const { program } = task
    const bytes = this.hasProgram(program) ? undefined : this.#service.programAtHand(program)
    this.#remember(program)
    if (bytes !== undefined && bytes.byteLength <= MAX_UNASKED_PROGRAM_BYTES) this.#tell({ t: 'program', program, bytes })
    this.#tell({ t: 'assign', nonce, taskId: id, task, deadlineMs, ...(origins.length > 0 && { origins }) })
  }

  #remember(program: string): void {
    this.#given.delete(program)
    this.#given.add(program)
    const [oldest = ''] = this.#given
    if (this.#given.size > PROGRAMS_REMEMBERED) this.#given.delete(oldest)
  }

  withdraw(nonce: string): void {
    this.#tell({ t: 'withdraw', nonce })
  }

  /** Tells the owner of the node something about it. */
  notify(code: NoticeCode, message: string): void {
    this.#tell({ t: 'notice', code, message })
  }

  /**
   * Ends the conversation since the node opened another one. Where that was not the same process, which may only have lost
   * its connection, its owner has to know: two with one key would throw each other out for ever.
   */
  replace(): void {
    const why =
      "another connection with this node's key has begun, so this one ends. If the folder of a node was copied, move node.key away in the copy, which then gets a key of its own; if not, somebody else has this key: move it away here"
    this.#finish({ t: 'notice', code: 'key-in-use', message: why }, new Error('the node opened another stream'))
  }

  /** Since when nothing has come from it that we would have taken, as `performance.now` counts; null while we are at something it said. */
  get silentSince(): number | null {
    return this.#waitingSince
  }

  /** Ends the conversation from our side. */
  end(reason: Error): void {
    this.#channel.abort(reason)
  }

  /** Ends the conversation with a node of which nothing is heard, and the connection with it: its path may be gone. */
  drop(reason: Error): void {
    this.#channel.abort(reason)
    this.#connection.abort(reason)
  }

  async #next(messages: AsyncIterator<FromNode>): Promise<IteratorResult<FromNode>> {
    this.#waitingSince = performance.now()
    return await messages.next().finally(() => {
      this.#waitingSince = null
    })
  }

  async #greet(messages: AsyncIterator<FromNode>): Promise<boolean> {
    const late = setTimeout(() => this.#channel.abort(new ProtocolError('timeout', 'no hello')), REPLY_MS)
    const first = await messages.next().finally(() => clearTimeout(late))
    if (first.done) {
      await this.#channel.close()
      return false
    }
    if (first.value.t !== 'hello') throw new ProtocolError('unexpected', `${first.value.t} before hello`)
    const { agent, environments, holding, memoryBytes, certificate, name = null } = first.value
    this.name = name
    this.#announce(environments)
    const least = this.#service.leastVersion
    if (isOlder(agent, least)) return await this.#refuse('version', updateAdvice(agent, least))
    if (!this.#service.admits()) return await this.#refuse('busy', 'many nodes are arriving; come back in a while')
    this.memoryBytes = memoryBytes
    if (environments.length === 0) return await this.#refuse('no-executor', 'this node can run nothing')
    const unavailable = this.#service.unavailable()
    if (unavailable !== null) return await this.#refuse('unavailable', unavailable)
    const refusal = certificate === undefined ? null : await this.#learnOwner(certificate)
    if (refusal !== null) return await this.#refuse(refusal.code, refusal.message)
    if (!(await this.#isLetIn())) return await this.#refuse('not-listed', notListed(this.node))
    this.#service.visitors.welcomed(this.#connection)
    await this.#channel.send({ t: 'welcome', agent: this.#service.agent, preferred: this.#service.preferred(), least })
    this.#service.joined(this, holding)
    return true
  }

  /** A node that is known counts for who runs it; whether another one is let in is the coordinator's to say. */
  async #isLetIn(): Promise<boolean> {
    const guest = await this.#service.guest(this.node, this.#owner)
    if (guest === 'stranger' || guest === 'turned-away') return guest === 'stranger'
    this.network = guest.operator
    this.operator = guest.operator
    return true
  }

  #announce(environments: readonly Environment[]): void {
    this.environments = environments
    for (const environment of environments) {
      const { executor, passes } = environment
      this.executors.add(executor)
      for (const pass of passes) {
        this.abilities.add(abilityFor({ executor, pass }))
        this.classes.set(abilityFor({ executor, pass }), classOf(environment, pass))
      }
    }
  }

  /** Says why the node is not let in. */
  async #refuse(code: RefuseCode, message: string): Promise<false> {
    this.#service.log.info({ event: 'node-refused', node: this.node, code })
    await this.#channel.send({ t: 'refused', code, message })
    await this.#channel.close()
    return false
  }

  /** Whoever says that somebody owns him, and cannot show it, is told so: to count him otherwise would hide it from him. */
  async #learnOwner(certificate: Uint8Array): Promise<CertificateError | null> {
    try {
      const { owner, expiresAt } = await checkCertificate(certificate, { node: this.node, now: this.#service.now() })
      this.#owned = { certificate, until: expiresAt }
      this.#owner = owner
      this.operator = operatorOf(owner, this.network)
      return null
    } catch (error) {
      if (error instanceof CertificateError) return error
      throw error
    }
  }

  /** A connection may last longer than the certificate it began with. */
  async #ownerOver(): Promise<CertificateError | null> {
    if (this.#owned === null || this.#service.now() < this.#owned.until) return null
    return await this.#learnOwner(this.#owned.certificate)
  }

  async #handle(message: FromNode): Promise<void> {
    switch (message.t) {
      case 'want':
        this.#service.wanted(this, message.credits)
        break
      case 'need':
        await this.#provide(message)
        break
      case 'output':
        await this.#collect(message)
        break
      case 'verdict':
        await this.#judge(message)
        break
      case 'decline':
        this.#arriving = null
        this.#service.declined(this, message.nonce, message.reason)
        break
      case 'progress':
        await this.#remind(message.running)
        // At its own pace: whoever says it all the time, and does not read, waits.
        await this.#channel.send({ t: 'alive' })
        break
      case 'ask':
        await this.#answer(message)
        break
      case 'hello':
      case 'goodbye':
        throw new ProtocolError('unexpected', `${message.t} in the middle`)
      default:
        throw new ProtocolError('unexpected', String((message satisfies never as FromNode).t))
    }
  }

  /** What it costs to look is bounded by how often that may be asked. */
  async #answer({ verdicts }: Of<'ask'>): Promise<void> {
    const now = performance.now()
    if (now - this.#askedAt < LEAST_BETWEEN_ASKS_MS) throw new ProtocolError('unexpected', 'asked again too soon')
    this.#askedAt = now
    await this.#channel.send(await this.#service.tell(this, verdicts))
  }

  /** What a node runs and does not hold any more it has not heard of; it is told again, at its own pace. */
  async #remind(running: readonly string[]): Promise<void> {
    for (const nonce of running) {
      if (this.#service.heldBy(this.node, nonce) !== null) continue
      // What it makes us say counts as what it says: else one message would cost as much as hundreds.
      this.#pace.take(1)
      await this.#channel.send({ t: 'withdraw', nonce })
    }
  }

  /** A program goes only to a node that was given an assignment for it. */
  async #provide({ program }: Of<'need'>): Promise<void> {
    const bytes = this.#given.has(program) ? await this.#service.program(program) : undefined
    if (bytes === undefined) throw new ProtocolError('unexpected', `asked for a program it was not given: ${program}`)
    await this.#channel.send({ t: 'program', program, bytes })
  }

  /** Every piece of an output but its last is full: what is held is never much more than the outputs' own bytes. */
  async #collect({ nonce, test, bytes }: Omit<Of<'output'>, 't'>): Promise<void> {
    const arriving = this.#arriving?.nonce === nonce ? this.#arriving : await this.#arrivingFor(nonce)
    const pieces = arriving.outputs.get(test) ?? []
    const last = pieces.at(-1)
    if (bytes.byteLength === 0 || (last !== undefined && last.byteLength < OUTPUT_CHUNK_BYTES)) {
      throw new ProtocolError('unexpected', `a piece of ${bytes.byteLength} bytes after one of ${last?.byteLength ?? 'none'}`)
    }
    arriving.bytes += bytes.byteLength
    if (arriving.bytes > arriving.cap) throw new ProtocolError('too-large', `outputs of ${nonce} exceed ${arriving.cap} bytes`)
    if (!arriving.kept) return
    pieces.push(bytes)
    arriving.outputs.set(test, pieces)
  }

  async #arrivingFor(nonce: string): Promise<Arriving> {
    const cap = await this.#service.outputCap(this.node, nonce)
    const kept = this.#service.heldBy(this.node, nonce) !== null
    const arriving = { nonce, outputs: new Map(), bytes: 0, cap, kept }
    this.#arriving = arriving
    return arriving
  }

  async #judge({ nonce, envelope, outputs: along = [] }: Of<'verdict'>): Promise<void> {
    for (const piece of along) await this.#collect({ nonce, ...piece })
    const arrived = this.#arriving?.nonce === nonce ? this.#arriving.outputs : new Map<number, Uint8Array[]>()
    this.#arriving = null
    const outputs = new Map([...arrived].map(([test, pieces]) => [test, Buffer.concat(pieces)]))
    const held = this.#service.heldBy(this.node, nonce)
    if (held === null) return await this.#judgeLate(nonce)
    try {
      const question = questionOf({ envelope, outputs, ...held, announced: this.environments })
      const checked = withContents(question, await this.#service.read(question))
      if (!this.#service.accept(this, checked, () => this.#tell({ t: 'accepted', nonce }))) return await this.#judgeLate(nonce)
      this.#service.visitors.worked(this.#connection)
      this.#pace.giveBack(MESSAGES_OF_VERDICT + arrived.size)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      this.#service.refused(this, nonce, error)
      await this.#reject(nonce, error.code, error.message)
    }
  }

  /** On an assignment that it does not hold, or not any more. */
  async #judgeLate(nonce: string): Promise<void> {
    const answer = await this.#service.answerFor(this.node, nonce)
    if (answer === 'accepted') await this.#acceptAgain(nonce)
    else await this.#reject(nonce, answer, 'not held')
  }

  /** It is acknowledged when it is on disk, which the first time may not be long ago. Sent at the node's pace, as refusals are. */
  async #acceptAgain(nonce: string): Promise<void> {
    await new Promise<void>((resolve) => this.#service.whenDurable(resolve))
    await this.#channel.send({ t: 'accepted', nonce })
  }

  async #reject(nonce: string, code: RejectCode, detail: string): Promise<void> {
    this.#service.log.info({ event: 'verdict-rejected', node: this.node, nonce, code })
    this.#service.log.debug({ event: 'verdict-rejected', nonce, detail })
    await this.#channel.send({ t: 'rejected', nonce, code })
  }

  /** Sends without waiting; a node that does not read is cut when its stream says so. */
  #tell(message: ToNode): void {
    this.#channel.send(message).catch((error: Error) => this.#channel.abort(error))
  }

  #cut(error: Error): void {
    const code = error instanceof ProtocolError ? error.code : 'internal'
    if (code === 'closed') return
    if (error instanceof ProtocolError) this.#service.visitors.offended(this.#connection, error)
    // What a peer's bytes or its connection did to make an error may be in its words, an address too: not for the usual log.
    this.#service.log.info({ event: 'node-cut', node: this.node, code })
    this.#service.log.debug({ event: 'node-cut', node: this.node, detail: error.message })
    this.#finish({ t: 'cut', code }, error)
  }

  /** Says one thing more, and ends. */
  #finish(last: ToNode, reason: Error): void {
    const ended = this.#channel.send(last).then(() => this.#channel.close())
    ended.catch(() => undefined).finally(() => this.#channel.abort(reason))
  }
}

function notListed(node: string): string {
  return `this coordinator lets in only nodes that its operator knows; he adds this one with: kernelswarm coordinator allow-node ${node}`
}
