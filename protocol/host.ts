import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { PeerId, PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { UsageError } from './errors.ts'
import { gathered } from './gather.ts'
import { DIAL_MS } from './limits.ts'
import { Pace } from './pace.ts'

/** Bytes a peer may send on one stream before we have read them: what bounds the memory a slow reader costs. */
const STREAM_WINDOW_BYTES = 1024 * 1024
/** A work stream is silent while long tasks run; heartbeats come every 20 s, so this is many of them missed. */
const STREAM_INACTIVITY_MS = 10 * 60_000

/** A peer that is pinged has so long to answer: one that is busy is not gone. */
const PING_MS = 30_000

/**
 * Small buffers are cut from slabs of this size. Node 24 takes 64 KiB, and what libp2p keeps of a peer, an address of thirty bytes,
 * holds the whole of the slab it was cut from.
 */
const SLAB_BYTES = 8 * 1024

/** New connections a second, from one address as from all: a household or a lab behind one router comes back all at once. */
const INBOUND_PER_SECOND = 100
/** Handshakes under way at the same time: more of them take each other's time, until they all take too long. */
const INBOUND_PENDING = 32

/** The libp2p node as every role uses it: TCP, noise, yamux, identify, ping. */
export interface HostInit {
  key: PrivateKey
  /** Addresses to listen on; none for those who only dial out. */
  listen: readonly string[]
  /** Most connections at once. @default 2000 */
  maxConnections?: number
  /**
   * New connections a second, from everywhere together; others are closed before they have cost a handshake.
   * @default 100
   */
  inboundPerSecond?: number
  /**
   * Whether peers are pinged every ten seconds and those dropped that do not answer. Where a protocol has heartbeats of its
   * own that is done twice; and a coordinator would open a thousand streams at once to do it.
   * @default true
   */
  pingPeers?: boolean
}

/** Starts a libp2p host; of its process, buffers are cut from smaller slabs from then on. @throws UsageError `address` when an address is no multiaddr or cannot be listened on */
export async function createHost(init: HostInit): Promise<Libp2p> {
  const { key, listen, maxConnections = 2000, inboundPerSecond = INBOUND_PER_SECOND, pingPeers = true } = init
  const pace = new Pace(inboundPerSecond)
  Buffer.poolSize = Math.min(Buffer.poolSize, SLAB_BYTES)
  for (const address of listen) parseAddress(address)
  try {
    return await createLibp2p({
      privateKey: key,
      addresses: { listen: [...listen] },
      transports: [tcp()],
      connectionEncrypters: [gathered(noise())],
      streamMuxers: [
        yamux({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES, inactivityTimeout: STREAM_INACTIVITY_MS } }),
      ],
      connectionManager: {
        maxConnections,
        inboundConnectionThreshold: inboundPerSecond,
        maxIncomingPendingConnections: INBOUND_PENDING,
      },
      connectionGater: { denyInboundConnection: () => !pace.take() },
      connectionMonitor: {
        enabled: pingPeers,
        pingTimeout: { minTimeout: PING_MS, maxTimeout: PING_MS },
      },
      services: { identify: identify(), ping: ping() },
    })
  } catch (error) {
    throw listenError(listen, error as Error)
  }
}

function listenError(listen: readonly string[], error: Error): Error {
  const text = [error, ...(error instanceof AggregateError ? error.errors : [])].map(String).join(' ')
  const where = listen.join(', ')
  if (text.includes('EADDRINUSE')) return new UsageError('address', `${where}: port in use; choose another one`)
  if (text.includes('EACCES'))
    return new UsageError('address', `${where}: no permission to listen there; ports under 1024 need root`)
  return listen.length === 0 ? error : new UsageError('address', `${where}: cannot listen there (${error.message})`)
}

/** @throws UsageError `address` */
export function parseAddress(text: string): Multiaddr {
  try {
    return multiaddr(text)
  } catch {
    throw new UsageError('address', `${text}: not a multiaddr; expected something like /ip4/127.0.0.1/tcp/4600/p2p/12D3Koo...`)
  }
}

/** Where a coordinator is dialled: an address with the peer id that has to answer there. @throws UsageError `address` */
export function parsePeerAddress(text: string): Multiaddr {
  const address = parseAddress(text)
  const id = address.getComponents().findLast(({ name }) => name === 'p2p')?.value
  if (id === undefined || !isPeerId(id)) {
    const what = id === undefined ? "the coordinator's peer id is missing" : `${id} is not a peer id`
    throw new UsageError('address', `${text}: ${what}; expected .../p2p/12D3Koo... as \`kernelswarm coordinator\` prints it`)
  }
  return address
}

function isPeerId(text: string): boolean {
  try {
    return peerIdFromString(text).toString() !== ''
  } catch {
    return false
  }
}

/** The peer id of a key, as text. */
export function peerIdOf(key: PrivateKey): string {
  return peerIdFromPrivateKey(key).toString()
}

/** Dials a peer (at an address, or one already connected) and opens a stream; bounded in time. */
export async function openStream(
  host: Libp2p,
  peer: Multiaddr | PeerId,
  protocol: string,
  options: { signal?: AbortSignal } = {},
): Promise<Stream> {
  const bound = AbortSignal.timeout(DIAL_MS)
  const signal = options.signal === undefined ? bound : AbortSignal.any([bound, options.signal])
  return await host.dialProtocol(peer, protocol, { signal })
}
