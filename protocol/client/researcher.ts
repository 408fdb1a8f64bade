import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import type { Case } from '../case.ts'
import { Channel } from '../channel.ts'
import { KernelswarmError, ProtocolError } from '../errors.ts'
import type { SwarmFigures } from '../figures.ts'
import { CASES_WINDOW, REPLY_MS } from '../limits.ts'
import { type FromResearcher, ROUNDS_PROTOCOL, type RoundRefusal, ToResearcher } from '../messages/rounds.ts'
import { openByAny } from '../reach/ways.ts'
import type { Caps, RerunKind, RoundProgress, RoundSpec, RoundState } from '../round.ts'

/** The coordinator said no; message and code are its own. */
export class RefusedError extends KernelswarmError<RoundRefusal> {}

type Answer<T extends ToResearcher['t']> = Extract<ToResearcher, { t: T }>

/** Bytes of cases sent in one message at most, well under the cap of a frame. */
const BATCH_BYTES = 1024 * 1024

/** The researcher's side of the rounds protocol: one stream to one coordinator. */
export class ResearcherClient implements AsyncDisposable {
  readonly #channel: Channel<ToResearcher, FromResearcher>
  readonly #answers: AsyncIterator<ToResearcher>

  private constructor(channel: Channel<ToResearcher, FromResearcher>) {
    this.#channel = channel
    this.#answers = channel[Symbol.asyncIterator]()
  }

  /**
   * Dials the coordinator, at its address or by the first of several that works.
   * @throws when it cannot be reached within the time limit, or the signal aborts
   */
  static async connect(
    host: Libp2p,
    at: Multiaddr | readonly Multiaddr[],
    options: { signal: AbortSignal },
  ): Promise<ResearcherClient> {
    const stream = await openByAny(host, [at].flat() as Multiaddr[], ROUNDS_PROTOCOL, options)
    const channel = new Channel<ToResearcher, FromResearcher>(stream, { schema: ToResearcher })
    // Not longer than the stream: a signal may be that of a process that asks for days.
    const until = { once: true, signal: channel.closed }
    options.signal.addEventListener('abort', () => channel.abort(new ProtocolError('closed', 'interrupted')), until)
    return new ResearcherClient(channel)
  }

  /** Opens a round, or finds the one the same question made before; `have` cases are there already. */
  async open(spec: RoundSpec, casesDigest: string, salt: string): Promise<{ round: string; have: number; state: RoundState }> {
    const { round, have, state } = await this.#ask({ t: 'open', spec, casesDigest, salt }, 'opened')
    return { round, have, state }
  }

  /** Sends cases from number `have` on, batch by batch, each acknowledged on disk; `onSent` hears how many are there. */
  async send(round: string, cases: AsyncIterable<Case>, have: number, onSent: (have: number) => void): Promise<void> {
    let batch: Case[] = []
    let bytes = 0
    let from = have
    const flush = async () => {
      if (batch.length === 0) return
      const { have: now } = await this.#ask({ t: 'cases', round, from, cases: batch }, 'acknowledged')
      from = now
      batch = []
      bytes = 0
      onSent(now)
    }
    for await (const item of cases) {
      const size = sizeOf(item)
      if (batch.length === CASES_WINDOW || bytes + size > BATCH_BYTES) await flush()
      batch.push(item)
      bytes += size
    }
    await flush()
  }

  /** Says that all cases have been sent. */
  async seal(round: string, total: number): Promise<void> {
    await this.#ask({ t: 'seal', round, total }, 'sealed')
  }

  /** Live counts until the round has ended. */
  async *watch(round: string): AsyncGenerator<RoundProgress> {
    await this.#channel.send({ t: 'watch', round })
    for (;;) {
      const answer = await this.#next()
      if (answer.t === 'end') return
      yield expectAnswer(answer, 'progress').progress
    }
  }

  /**
   * The result files, piece by piece; a new name begins the next file.
   * @param options.except those that are here already
   */
  async *fetch(
    round: string,
    { partial, merged = false, except = [] }: { partial: boolean; merged?: boolean; except?: readonly string[] },
  ): AsyncGenerator<{ name: string; bytes: Uint8Array }> {
    await this.#channel.send({
      t: 'fetch',
      round,
      partial,
      ...(merged && { merged }),
      ...(except.length > 0 && { except: [...except] }),
    })
    for (;;) {
      const answer = await this.#next(REPLY_MS)
      if (answer.t === 'end') return
      yield expectAnswer(answer, 'file')
    }
  }

  /** Nothing is given out of it any more; what runs is withdrawn, or may end. */
  async pause(round: string, options: { finishRunning: boolean }): Promise<void> {
    await this.#ask({ t: 'pause', round, ...options }, 'end')
  }

  /** @param caps in place of those it has; what is left out stays */
  async resume(round: string, caps?: Caps): Promise<void> {
    await this.#ask({ t: 'resume', round, ...(caps === undefined ? {} : { caps }) }, 'end')
  }

  /** Begins to add a file to a round, or goes on; `send` and `seal` follow, unless it is there already. */
  async extend(round: string, casesDigest: string): Promise<{ round: string; from: number; have: number; complete: boolean }> {
    const { t: _, ...answer } = await this.#ask({ t: 'extend', round, casesDigest }, 'extended')
    return answer
  }

  /** Runs cases of an ended round again, as a round of its own. */
  async rerun(round: string, only: readonly RerunKind[], salt: string): Promise<{ round: string; cases: number }> {
    const { round: opened, have } = await this.#ask({ t: 'rerun', round, only: [...only], salt }, 'opened')
    return { round: opened, cases: have }
  }

  async cancel(round: string): Promise<void> {
    await this.#ask({ t: 'cancel', round }, 'end')
  }

  /** The rounds of this key. */
  async list(before?: string): Promise<RoundProgress[]> {
    return (await this.#ask({ t: 'list', ...(before === undefined ? {} : { before }) }, 'rounds')).rounds
  }

  /** What such a round has cost there so far. */
  async figures(spec: RoundSpec): Promise<SwarmFigures> {
    return (await this.#ask({ t: 'figures', spec }, 'figures')).figures
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channel.close().catch(() => this.#channel.abort(new Error('done')))
  }

  async #ask<T extends ToResearcher['t']>(message: FromResearcher, expected: T): Promise<Answer<T>> {
    await this.#channel.send(message)
    return expectAnswer(await this.#next(REPLY_MS), expected)
  }

  async #next(withinMs?: number): Promise<ToResearcher> {
    let gone = new ProtocolError('closed', 'the coordinator closed the connection')
    const late = () => {
      gone = new ProtocolError('timeout', `the coordinator did not answer within ${withinMs} ms`)
      this.#channel.abort(gone)
    }
    const timer = withinMs === undefined ? undefined : setTimeout(late, withinMs)
    try {
      const next = await this.#answers.next()
      if (next.done) throw gone
      if (next.value.t === 'refused') throw new RefusedError(next.value.code, next.value.message)
      return next.value
    } finally {
      clearTimeout(timer)
    }
  }
}

function expectAnswer<T extends ToResearcher['t']>(answer: ToResearcher, expected: T): Answer<T> {
  if (answer.t !== expected) throw new ProtocolError('unexpected', `${answer.t} where ${expected} was expected`)
  return answer as Answer<T>
}

/** At least the bytes a case takes on the wire. */
function sizeOf({ cpp, cuda, wrapper, cppTests, cudaTests, reference = '' }: Case): number {
  return [cpp, cuda, wrapper, reference, ...cppTests, ...cudaTests].reduce((sum, text) => sum + Buffer.byteLength(text) + 16, 256)
}
