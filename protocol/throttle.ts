import type { ConnectionEncrypter, MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { Allowance } from './allowance.ts'
import { ProtocolError } from './errors.ts'
import { MAX_STREAMS_PER_CONNECTION, STREAMS_PER_SECOND } from './limits.ts'

/** Nobody is left unread for longer at a time, however much he has said. */
const LONGEST_PAUSE_MS = 10_000

/** Milliseconds until so many more bytes of a connection may be read; 0: now. */
export type Meter = (bytes: number) => number

/**
 * Reads inbound connections no faster than their meters allow: the socket is paused, and what waits waits at its other end.
 * Bytes are counted as they come from the network, before anything is decrypted, whatever they are.
 *
 * Wraps the encrypter, which knows nothing of it.
 */
export function throttled<C>(
  make: (components: C) => ConnectionEncrypter,
  meterOf: (connection: MessageStream) => Meter | null,
): (components: C) => ConnectionEncrypter {
  return (components) => {
    const inner = make(components)
    const secureInbound: ConnectionEncrypter['secureInbound'] = async (connection, options) => {
      const secured = await inner.secureInbound(connection, options)
      const meter = meterOf(connection)
      if (meter !== null) throttle(connection, meter)
      return secured
    }
    return Object.assign(Object.create(inner) as ConnectionEncrypter, { secureInbound })
  }
}

function throttle(connection: MessageStream, meter: Meter): void {
  let paused: NodeJS.Timeout | null = null
  connection.addEventListener('message', ({ data }) => {
    const ms = meter(data.byteLength)
    if (ms === 0 || paused !== null || connection.status !== 'open') return
    connection.pause()
    paused = setTimeout(
      () => {
        paused = null
        if (connection.status === 'open') connection.resume()
      },
      Math.min(ms, LONGEST_PAUSE_MS),
    )
  })
  connection.addEventListener('close', () => clearTimeout(paused ?? undefined))
}

/**
 * Ends inbound connections on which more streams are opened than ours need: each costs a negotiation, whatever it is for.
 * Wraps the muxer's factory.
 */
export function fewStreams<C>(make: (components: C) => StreamMuxerFactory): (components: C) => StreamMuxerFactory {
  return (components) => {
    const inner = make(components)
    const createStreamMuxer: StreamMuxerFactory['createStreamMuxer'] = (connection) => {
      const muxer = inner.createStreamMuxer(connection)
      if (connection.direction === 'inbound') watch(muxer, connection)
      return muxer
    }
    return Object.assign(Object.create(inner) as StreamMuxerFactory, { createStreamMuxer })
  }
}

function watch(muxer: StreamMuxer, connection: MessageStream): void {
  const opened = new Allowance({ perSecond: STREAMS_PER_SECOND, burst: 4 * STREAMS_PER_SECOND })
  const onStream = () => {
    if (opened.take(1) === 0 && muxer.streams.length <= MAX_STREAMS_PER_CONNECTION) return
    connection.abort(new ProtocolError('unexpected', 'more streams than any of ours needs'))
  }
  // Not before the connection itself listens: until somebody does, the muxer keeps what arrives.
  const listen = muxer.addEventListener.bind(muxer)
  let isWatched = false
  muxer.addEventListener = ((...args: Parameters<typeof listen>) => {
    listen(...args)
    if (isWatched || args[0] !== 'stream') return
    isWatched = true
    listen('stream', onStream)
  }) as typeof muxer.addEventListener
}
