import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'

/** What yamux 8 has of a stream, as its types call it. */
interface Windowed {
  state: number
  /** Bytes the peer may send before it hears from us again, and how many of them it has left. */
  recvWindow: number
  recvWindowCapacity: number
  sendWindowUpdate(): void
}

/** yamux's `StreamState.Established`: it has nothing else to say by an update. */
const ESTABLISHED = 3

/**
 * Tells a peer how much more it may send when half of that is used, as the first implementation of yamux does (hashicorp/yamux). This one tells it after
 * every frame that comes: for messages of a line or two that is a frame of its own each time, encrypted, written, and read at the
 * other end, as many as there are messages.
 *
 * Wraps the muxer's factory. What says so are fields of the library's own; where they are missing nothing is changed.
 */
export function lateWindows<C>(make: (components: C) => StreamMuxerFactory): (components: C) => StreamMuxerFactory {
  return (components) => {
    const inner = make(components)
    const createStreamMuxer: StreamMuxerFactory['createStreamMuxer'] = (connection) => {
      const muxer = inner.createStreamMuxer(connection)
      const makes = muxer as StreamMuxer & { _newStream?: (...args: unknown[]) => Partial<Windowed> }
      const make = makes._newStream?.bind(muxer)
      if (make !== undefined) makes._newStream = (...args) => late(make(...args))
      return muxer
    }
    return Object.assign(Object.create(inner) as StreamMuxerFactory, { createStreamMuxer })
  }
}

function late(stream: Partial<Windowed>): Partial<Windowed> {
  if (!isWindowed(stream)) return stream
  const tell = stream.sendWindowUpdate.bind(stream)
  stream.sendWindowUpdate = () => {
    if (stream.state === ESTABLISHED && 2 * stream.recvWindowCapacity > stream.recvWindow) return
    tell()
  }
  return stream
}

function isWindowed(stream: Partial<Windowed>): stream is Windowed {
  const { state, recvWindow, recvWindowCapacity, sendWindowUpdate } = stream
  return [state, recvWindow, recvWindowCapacity].every((field) => typeof field === 'number') && sendWindowUpdate !== undefined
}
