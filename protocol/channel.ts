import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Stream } from '@libp2p/interface'
import * as lp from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import { type Pushable, pushable } from 'it-pushable'
import { Uint8ArrayList } from 'uint8arraylist'
import type { z } from 'zod'
import { decodeCanonical, encodeCanonical } from './canonical.ts'
import { ProtocolError } from './errors.ts'
import { MAX_MESSAGE_BYTES, SEND_MS } from './limits.ts'

/** Bytes held of a peer that sends faster than we read; beyond it the stream is paused and the peer's window closes. */
const READ_HIGH_WATER_BYTES = 1024 * 1024
/** Bytes waiting to be sent beyond which `send` waits for the peer to read. */
const SEND_HIGH_WATER_BYTES = 1024 * 1024

/**
 * A conversation over one libp2p stream: canonical, schema-checked messages in both directions.
 *
 *     stream bytes -> frames (varint length, at most `maxBytes`) -> canonical dag-cbor -> `In`
 *     `Out` -> canonical dag-cbor -> frames -> stream bytes
 *
 * A frame that is too long is refused by its length, before it is held. Reading goes only as fast as the
 * messages are taken. A peer that breaks the form ends the iteration with a `ProtocolError`.
 *
 * A generator that waits holds what it took last, and a coordinator has a thousand of them waiting: that much memory would be held
 * until each peer's next word, long enough for the engine to look for it in all of its heap only. So bytes go from one to the
 * next in lists, which are emptied when the next has taken what was in them.
 */
export class Channel<In, Out> implements AsyncIterable<In> {
  readonly #stream: Stream
  readonly #schema: z.ZodType<In>
  readonly #maxBytes: number
  readonly #pace: (() => number) | undefined
  readonly #onBytes: (bytes: number) => void
  readonly #outgoing: Pushable<Uint8ArrayList> = pushable()
  readonly #sent: Promise<void>
  readonly #closed = new AbortController()

  /**
   * @param init `pace` is asked for each message, before it is decoded: milliseconds for which no further one is read; `onBytes` is
   *   told of every message that goes or comes, how long it is
   */
  constructor(
    stream: Stream,
    init: { schema: z.ZodType<In>; maxBytes?: number; pace?: () => number; onBytes?: (bytes: number) => void },
  ) {
    this.#stream = stream
    this.#schema = init.schema
    this.#maxBytes = init.maxBytes ?? MAX_MESSAGE_BYTES
    this.#pace = init.pace
    this.#onBytes = init.onBytes ?? (() => {})
    stream.maxReadBufferLength = 4 * READ_HIGH_WATER_BYTES
    stream.addEventListener('close', () => this.#closed.abort(), { once: true })
    if (stream.status !== 'open') this.#closed.abort()
    this.#sent = pipe(this.#outgoing, (messages) => framed(messages, this.#maxBytes), sinkTo(stream))
    // Whoever waits for `close` or `send` learns of the failure; nobody may be waiting.
    this.#sent.catch((error: Error) => {
      this.#outgoing.end(error)
      stream.abort(error)
    })
  }

  /** Queues a message; resolves when the queue is short again, so a caller who awaits is slowed to the peer's pace. */
  async send(message: Out): Promise<void> {
    if (this.#stream.status !== 'open') throw new ProtocolError('closed', 'the stream is closed')
    const bytes = encodeCanonical(message)
    this.#onBytes(bytes.byteLength)
    this.#outgoing.push(new Uint8ArrayList(bytes))
    if (this.#outgoing.readableLength > SEND_HIGH_WATER_BYTES) {
      // Of a stream that is gone nothing leaves any more.
      await this.#outgoing.onEmpty({ signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(SEND_MS)]) })
    }
  }

  /** Aborts when the stream is gone, for whoever waits for something else before the next message. */
  get closed(): AbortSignal {
    return this.#closed.signal
  }

  /** Says no more, waits until all that was said has left, and leaves the peer's side open. */
  async close(): Promise<void> {
    this.#outgoing.end()
    await this.#sent
    await this.#stream.close({ signal: AbortSignal.timeout(SEND_MS) })
    // It leaves at the end of the turn (`gather.ts`); a host that stops destroys the sockets of its listener before that.
    await turn()
  }

  /** Ends both directions at once; the peer sees a reset. */
  abort(error: Error): void {
    this.#outgoing.end()
    this.#stream.abort(error)
  }

  [Symbol.asyncIterator](): AsyncIterator<In> {
    const frames = pipe(readFrom(this.#stream), (bytes) => lp.decode(bytes, { maxDataLength: this.#maxBytes }))
    return {
      next: async () => await this.#next(frames),
      return: async () => ({ done: true, value: await frames.return(undefined) }),
    }
  }

  async #next(frames: AsyncGenerator<Uint8ArrayList>): Promise<IteratorResult<In, undefined>> {
    try {
      const { done, value: frame } = await frames.next()
      if (done) return { done, value: undefined }
      this.#onBytes(frame.byteLength)
      const ms = this.#pace?.() ?? 0
      if (ms > 0) await this.#wait(ms)
      const message = this.#parse(frame.subarray())
      empty(frame)
      return { done: false, value: message }
    } catch (error) {
      await frames.return(undefined)
      throw asProtocolError(error as Error)
    }
  }

  /** Meanwhile what comes waits: a little of it here, then at the other end. */
  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closed.signal }).catch(() => undefined)
  }

  #parse(frame: Uint8Array): In {
    const parsed = this.#schema.safeParse(decodeCanonical(frame))
    if (parsed.success) return parsed.data
    const issue = parsed.error.issues[0]
    throw new ProtocolError('schema', `message: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'not as expected'}`)
  }
}

/** The stream's bytes, paused while more than the high water mark waits to be taken. */
async function* readFrom(stream: Stream): AsyncGenerator<Uint8ArrayList> {
  let waiting = 0
  const queue = pushable<Uint8ArrayList>({ objectMode: true })
  const onMessage = ({ data }: { data: Uint8Array | Uint8ArrayList }) => {
    waiting += data.byteLength
    queue.push(new Uint8ArrayList(data))
    if (waiting > READ_HIGH_WATER_BYTES) stream.pause()
  }
  const onEnd = () => queue.end()
  const onClose = ({ error }: { error?: Error }) => queue.end(error)
  stream.addEventListener('message', onMessage)
  stream.addEventListener('end', onEnd)
  stream.addEventListener('close', onClose)
  if (stream.readableEnded || stream.status !== 'open') queue.end()
  try {
    for await (const data of queue) {
      waiting -= data.byteLength
      if (stream.readStatus === 'paused' && waiting <= READ_HIGH_WATER_BYTES / 2) stream.resume()
      yield data
      empty(data)
    }
  } finally {
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('end', onEnd)
    stream.removeEventListener('close', onClose)
  }
}

/** Each message with its length before it. */
async function* framed(messages: AsyncIterable<Uint8ArrayList>, maxBytes: number): AsyncGenerator<Uint8ArrayList> {
  for await (const message of messages) {
    const frame = lp.encode.single(message, { maxDataLength: maxBytes })
    empty(message)
    yield frame
    empty(frame)
  }
}

function empty(list: Uint8ArrayList): void {
  list.consume(list.byteLength)
}

function sinkTo(stream: Stream): (source: AsyncIterable<Uint8Array | Uint8ArrayList>) => Promise<void> {
  return async (source) => {
    for await (const bytes of source) {
      stream.send(bytes)
      // Not `onDrain`: it waits the first time only, and a stream holds whatever it is given.
      while (stream.writeBufferLength > SEND_HIGH_WATER_BYTES) await someSent(stream)
    }
  }
}

/** Resolves when the peer has taken something. @throws when it takes nothing within the time limit, or the stream ends */
async function someSent(stream: Stream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = setTimeout(() => reject(new ProtocolError('timeout', `the peer read nothing for ${SEND_MS} ms`)), SEND_MS)
  const onDrain = () => resolve()
  const onClose = ({ error }: { error?: Error }) => reject(error ?? new ProtocolError('closed', 'the stream is closed'))
  stream.addEventListener('drain', onDrain)
  stream.addEventListener('close', onClose)
  try {
    await promise
  } finally {
    clearTimeout(late)
    stream.removeEventListener('drain', onDrain)
    stream.removeEventListener('close', onClose)
  }
}

function asProtocolError(error: Error): ProtocolError {
  if (error instanceof ProtocolError) return error
  if (error.name === 'InvalidDataLengthError') return new ProtocolError('too-large', error.message, { cause: error })
  if (error.name === 'InvalidMessageLengthError' || error.name === 'InvalidDataLengthLengthError') {
    return new ProtocolError('malformed', error.message, { cause: error })
  }
  return new ProtocolError('closed', error.message, { cause: error })
}
