import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { CircuitRelayServerComponents, CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { GossipSub } from '@libp2p/gossipsub'
import { type Identify, identify } from '@libp2p/identify'
import type { ConnectionGater, MessageStream, PeerId, PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { CIPHERS } from './ciphers.ts'
import { ProtocolError, UsageError } from './errors.ts'
import { gathered } from './gather.ts'
import { ANSWER_MS, DIAL_MS, MAX_CONNECTIONS, MAX_HANDSHAKES } from './limits.ts'
import { Pace } from './pace.ts'
import { Circuits } from './reach/circuits.ts'
import { type GossipUse, gossip } from './reach/gossip.ts'
import { type LanUse, lan } from './reach/lan.ts'
import { refusing } from './refusing.ts'
import { fewStreams, type Meter, throttled } from './throttle.ts'
import { lateWindows } from './windows.ts'

/** Bytes a peer may send on one stream before we have read them: what bounds the memory a slow reader costs. */
const STREAM_WINDOW_BYTES = 1024 * 1024
/** A work stream is silent while long tasks run; heartbeats come every 20 s, so this is many of them missed. */
const STREAM_INACTIVITY_MS = 10 * 60_000

/**
 * A peer that is pinged has so long to answer: one that is busy is not gone. A coordinator that gives out a round of a million cases
 * has a heap of several GB, and stands still for ten seconds and more while that is tidied on a machine that is busy.
 */
const PING_MS = 120_000

/**
 * The muxer's own pings, by which routers know that a connection is used: both ends send them, which at every thirty seconds is
 * 67 frames a second each way for a coordinator with a thousand nodes, whatever else they have to say.
 */
const KEEP_ALIVE_MS = 60_000

/**
 * Small buffers are cut from slabs of this size. Node 24 takes 64 KiB, and what libp2p keeps of a peer, an address of thirty bytes,
 * holds the whole of the slab it was cut from.
 */
const SLAB_BYTES = 8 * 1024

/** New connections a second, from one address as from all: a household or a lab behind one router comes back all at once. */
const INBOUND_PER_SECOND = 100

/** Who may connect, and how fast he is read. */
export interface HostGuard {
  /** Asked of the address of each who connects, before anything is made of it; the gater is asked of those who are left. */
  turnsAway: (ip: string) => boolean
  /** Asked of every connection. */
  gater: ConnectionGater
  /** Of an inbound connection; null: as fast as it comes. */
  meterOf: (connection: MessageStream) => Meter | null
}

/** The libp2p node as every role uses it: TCP, through relays too, noise, yamux, identify, ping. */
export interface HostInit {
  key: PrivateKey
  /** Addresses to listen on; none for those who only dial out. */
  listen: readonly string[]
  /** Other addresses it is reached at: a name, a port that a router forwards. */
  announce?: readonly string[]
  /**
   * Through which relays it is reached.
   * @default none; it can dial through any
   */
  circuits?: Circuits
  /** Where it is a relay itself: the service, and who may be reached through it. */
  relay?: { service: (components: CircuitRelayServerComponents) => CircuitRelayService; mayReserve: (peer: string) => boolean }
  /** Whether it announces something, or hears and passes on what coordinators announce. @default neither */
  gossip?: GossipUse
  /** Whether it looks for coordinators on its LAN, or is found there too. @default neither */
  lan?: LanUse
  /** Most connections at once. @default MAX_CONNECTIONS */
  maxConnections?: number
  /** Of one that strangers connect to. @default connections are paced, and nobody is known from others */
  guard?: HostGuard
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
  const {
    key,
    listen,
    announce = [],
    maxConnections = MAX_CONNECTIONS,
    inboundPerSecond = INBOUND_PER_SECOND,
    pingPeers = true,
  } = init
  const { circuits = new Circuits([]), relay } = init
  const guard = init.guard ?? paced(inboundPerSecond)
  Buffer.poolSize = Math.min(Buffer.poolSize, SLAB_BYTES)
  for (const address of [...listen, ...announce]) parseAddress(address)
  try {
    return await createLibp2p({
      privateKey: key,
      addresses: { listen: [...listen, ...circuits.listen], appendAnnounce: [...announce] },
      transports: [tcp({ listenOpts: refusing(guard.turnsAway) }), circuits.transport()],
      connectionEncrypters: [throttled(gathered(noise({ crypto: CIPHERS })), guard.meterOf)],
      streamMuxers: [
        fewStreams(
          lateWindows(
            yamux({
              keepAliveInterval: KEEP_ALIVE_MS,
              streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES, inactivityTimeout: STREAM_INACTIVITY_MS },
            }),
          ),
        ),
      ],
      connectionManager: {
        maxConnections,
        inboundConnectionThreshold: inboundPerSecond,
        maxIncomingPendingConnections: MAX_HANDSHAKES,
      },
      connectionGater: {
        ...guard.gater,
        denyInboundRelayReservation: (peer) => !(relay?.mayReserve(peer.toString()) ?? false),
      },
      connectionMonitor: {
        enabled: pingPeers,
        pingTimeout: { minTimeout: PING_MS, maxTimeout: PING_MS },
      },
      peerDiscovery: init.lan === undefined ? [] : [lan(init.lan)],
      services: {
        identify: identify(),
        ping: ping(),
        ...(relay === undefined ? {} : { relay: relay.service }),
        ...(init.gossip === undefined ? {} : { gossip: gossip(init.gossip) }),
      },
    })
  } catch (error) {
    throw listenError(listen, error as Error)
  }
}

function paced(perSecond: number): HostGuard {
  const pace = new Pace(perSecond)
  return { turnsAway: () => false, gater: { denyInboundConnection: () => !pace.take() }, meterOf: () => null }
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

/** Checks a peer id. @throws UsageError `option` */
export function parsePeer(text: string): string {
  try {
    return peerIdFromString(text).toString()
  } catch {
    throw new UsageError('option', `${text}: not a peer id; expected something like 12D3KooW...`)
  }
}

/** The peer id of a key, as text. */
export function peerIdOf(key: PrivateKey): string {
  return peerIdFromPrivateKey(key).toString()
}

/** The gossip service of a host that was made with it. */
export function gossipOf(host: Libp2p): GossipSub {
  return (host as Libp2p<{ gossip: GossipSub }>).services.gossip
}

/** Asks a connected peer whether it is there: a connection may stand long after its path is gone. @throws when no answer comes */
export async function assertAnswers(host: Libp2p, peer: PeerId, options: { signal?: AbortSignal } = {}): Promise<void> {
  const bound = AbortSignal.timeout(ANSWER_MS)
  const signal = options.signal === undefined ? bound : AbortSignal.any([bound, options.signal])
  await (host as Libp2p<{ ping: Ping }>).services.ping.ping(peer, { signal })
}

/**
 * Dials a peer (at an address, or one already connected, through a relay or not) and opens a stream; bounded in time.
 * @throws ProtocolError `version` when it speaks no such protocol, which says what is spoken there and here; else what libp2p says
 */
export async function openStream(
  host: Libp2p,
  peer: Multiaddr | PeerId,
  protocol: string,
  options: { signal?: AbortSignal } = {},
): Promise<Stream> {
  const bound = AbortSignal.timeout(DIAL_MS)
  const signal = options.signal === undefined ? bound : AbortSignal.any([bound, options.signal])
  try {
    return await host.dialProtocol(peer, protocol, { signal, runOnLimitedConnection: true })
  } catch (error) {
    if ((error as Error).name !== 'UnsupportedProtocolError') throw error
    throw new ProtocolError('version', await whatIsSpoken(host, peer, protocol))
  }
}

/** What a peer says of itself (identify), in words for whoever has to bring one side up to date. */
async function whatIsSpoken(host: Libp2p, peer: Multiaddr | PeerId, protocol: string): Promise<string> {
  const named = 'getComponents' in peer ? peer.getComponents().findLast(({ name }) => name === 'p2p')?.value : peer.toString()
  const [connection] = host.getConnections(named === undefined ? undefined : peerIdFromString(named))
  const said =
    connection === undefined
      ? null
      : await identifyService(host)
          .identify(connection)
          .catch(() => null)
  const spoken = (said?.protocols ?? []).filter((one) => one.startsWith(OURS))
  const there = spoken.length === 0 ? 'no protocol of kernelswarm' : spoken.join(' and ')
  return `${protocol} is spoken here, ${there} there: update the older one, the coordinator first`
}

function identifyService(host: Libp2p): Identify {
  return (host as Libp2p<{ identify: Identify }>).services.identify
}

/** What ids of our protocols begin with. */
const OURS = '/kernelswarm/'
