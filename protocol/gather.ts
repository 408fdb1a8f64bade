import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'

/**
 * What a turn of the event loop says to one peer leaves as one encrypted frame and one write: messages, their acknowledgements
 * and the muxer's window updates would each be a frame of its own otherwise, and each frame two writes, which is a third of
 * what a busy coordinator takes.
 *
 * Wraps the encrypter, which sits between muxer and socket; neither knows of it.
 */
export function gathered<C>(make: (components: C) => ConnectionEncrypter): (components: C) => ConnectionEncrypter {
  return (components) => {
    const inner = make(components)
    const turn = new Turn()
    const gather = (secured: SecuredConnection, socket: MessageStream): SecuredConnection => {
      endQuietly(secured.connection)
      const flush = gatherSends(secured.connection, turn)
      flushBeforeClose(secured.connection, flush)
      // Who ends a connection closes its socket.
      flushBeforeClose(socket, flush)
      return secured
    }
    return {
      protocol: inner.protocol,
      ...capabilitiesOf(inner),
      secureInbound: async (connection, options) =>
        gather(await inner.secureInbound(inOnePiece(connection), options), connection),
      secureOutbound: async (connection, options) =>
        gather(await inner.secureOutbound(inOnePiece(connection), options), connection),
    }
  }
}

/** What libp2p looks up on a component under its own symbols. */
function capabilitiesOf(component: object): object {
  const symbols = Object.getOwnPropertySymbols(component)
  return Object.fromEntries(symbols.map((symbol) => [symbol, (component as Record<symbol, unknown>)[symbol]]))
}

/** What is left to do at the end of this turn of the event loop. */
class Turn {
  #left: (() => void)[] = []

  add(task: () => void): void {
    if (this.#left.push(task) > 1) return
    setImmediate(() => {
      const left = this.#left
      this.#left = []
      for (const one of left) one()
    })
  }
}

/** What is sent on a connection waits for the end of the turn. Returns what lets it leave at once. */
function gatherSends(connection: MessageStream, turn: Turn): () => void {
  const send = connection.send.bind(connection)
  let waiting: Uint8ArrayList | null = null
  /** The socket takes no more for now: whoever sends is told to wait for `drain`. */
  let full = false
  const flush = () => {
    const data = waiting
    waiting = null
    // On a connection that has ended meanwhile there is nobody to be told.
    if (data === null || connection.status !== 'open') return
    try {
      full = !send(data)
    } catch (error) {
      // The socket has ended meanwhile: whoever sent it sees that by `close`.
      connection.abort(error as Error)
    }
  }
  connection.addEventListener('drain', () => {
    full = false
  })
  connection.send = (data) => {
    // A connection that is ending says so itself.
    if (connection.status !== 'open') return send(data)
    if (waiting === null) {
      waiting = new Uint8ArrayList()
      turn.add(flush)
    }
    waiting.append(data)
    return !full
  }
  return flush
}

const LENGTH_BYTES = 2
/** Thrown again and again: nobody looks where it comes from. */
const TOO_SHORT = new RangeError('the length of a frame has not come yet')

/**
 * Noise's decoder sees by an exception that it has no more frames, once for all that comes, and to note where one was made takes the
 * engine 25 us: a thirtieth of what a busy coordinator takes. Here it is one that was made before. A field of the library's own is
 * what says so; in one that has none nothing is changed.
 */
function endQuietly(connection: MessageStream): void {
  const { decoder } = connection as { decoder?: { lengthDecoder?: (data: Uint8ArrayList) => number } }
  const decode = decoder?.lengthDecoder
  if (decoder === undefined || decode === undefined) return
  decoder.lengthDecoder = (data) => {
    if (data.byteLength < LENGTH_BYTES) throw TOO_SHORT
    return decode(data)
  }
}

/** What was said last is not lost where somebody says it and leaves. */
function flushBeforeClose(connection: MessageStream, flush: () => void): void {
  const close = connection.close.bind(connection)
  connection.close = async (options) => {
    flush()
    await close(options)
  }
}

/** A list of pieces is copied together, as the socket would write each of them by itself. */
function inOnePiece(connection: MessageStream): MessageStream {
  const send = connection.send.bind(connection)
  connection.send = (data) => send(data instanceof Uint8Array ? data : data.subarray())
  return connection
}
