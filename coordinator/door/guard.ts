import type { Connection, ConnectionGater, MessageStream, MultiaddrConnection } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import {
  Allowance,
  type HostGuard,
  IDLE_CONNECTION_MS,
  MESSAGES_PER_SECOND,
  type Meter,
  PEER_BYTES_PER_SECOND,
  type ProtocolError,
  STRANGER_BYTES_PER_SECOND,
  STRANGERS_BYTES_PER_SECOND,
  STRANGERS_MESSAGES_PER_SECOND,
} from '../../protocol/index.ts'
import type { Journal } from '../operations/journal.ts'
import type { Door, Turned, Visit } from './door.ts'
import { placeOf, placeOfIp } from './place.ts'

/** How often it is looked for connections that nobody uses. */
const LOOK_MS = 10_000
/** Seconds' worth of bytes and messages that are saved up. */
const SAVED_SECONDS = 16
const SAVED_MESSAGE_SECONDS = 10
/** Streams of these say nothing of use. */
const IDLE_PROTOCOLS = ['/ipfs/ping/', '/ipfs/id/']

/** What is read of one peer's messages, and how fast. */
export interface MessagePace {
  /** Counts so many messages; milliseconds until the next one may be read. */
  take(messages: number): number
  /** They should not have counted. */
  giveBack(messages: number): void
}

/** What sessions tell of those they talk to. */
export interface Visitors {
  /** It said something of use. */
  welcomed(connection: Connection): void
  /** It did something for this coordinator. */
  worked(connection: Connection): void
  /** It broke the protocol. */
  offended(connection: Connection, error: ProtocolError): void
  isBanned(connection: Connection): boolean
  paceOf(connection: Connection): MessagePace
}

/** Errors that are nobody's offence: lines break, and machines are slow. */
const NO_OFFENCE: ReadonlySet<string> = new Set(['timeout', 'closed'])

/** The `Door` over libp2p: what is counted there comes from connections, and what it says is done to them. */
export class Guard implements HostGuard, Visitors {
  readonly #door: Door
  readonly #log: Journal
  readonly #onTurned: (why: Turned) => void
  /** By socket. */
  readonly #visits = new Map<object, Visit>()
  /** Those of which the key is known, by key and address: a libp2p connection does not say which socket it is over. */
  readonly #entered = new Map<string, Visit>()
  readonly #strangersBytes = new Allowance({
    perSecond: STRANGERS_BYTES_PER_SECOND,
    burst: SAVED_SECONDS * STRANGERS_BYTES_PER_SECOND,
  })
  readonly #strangersMessages = new Allowance({
    perSecond: STRANGERS_MESSAGES_PER_SECOND,
    burst: STRANGERS_MESSAGES_PER_SECOND,
  })
  #looking: NodeJS.Timeout | null = null

  /** @param init.onTurned counts those who are turned away, by why */
  constructor(components: { door: Door; log: Journal }, init: { onTurned: (why: Turned) => void }) {
    this.#door = components.door
    this.#log = components.log
    this.#onTurned = init.onTurned
  }

  /** What the host asks before there is a connection at all: what is turned away there costs next to nothing. */
  readonly turnsAway = (ip: string): boolean => {
    const turned = this.#door.turnsAway(placeOfIp(ip))
    if (turned !== null) this.#onTurned(turned)
    return turned !== null
  }

  /** What the host asks before it takes a connection. */
  readonly gater: ConnectionGater = {
    denyInboundConnection: (connection) => this.#arrives(connection),
    denyInboundEncryptedConnection: (peer, connection) => {
      const visit = this.#visits.get(connection)
      // Those that were dialled from here, and upgraded from there, did not arrive.
      if (visit === undefined) return this.#door.isBanned(peer.toString())
      const turned = this.#door.enters(visit, peer.toString())
      if (turned !== null) this.#onTurned(turned)
      else this.#entered.set(`${peer} ${connection.remoteAddr}`, visit)
      return turned !== null
    },
  }

  /** How fast bytes of a connection are read; null: as they come, from this machine itself. */
  readonly meterOf = (connection: MessageStream): Meter | null => {
    const visit = this.#visits.get(connection)
    if (visit === undefined || visit.place === null) return null
    const own = (perSecond: number) => new Allowance({ perSecond, burst: SAVED_SECONDS * perSecond })
    const [stranger, known] = [own(STRANGER_BYTES_PER_SECOND), own(PEER_BYTES_PER_SECOND)]
    return (bytes) => {
      if (this.#isKnown(visit)) return known.take(bytes)
      return Math.max(stranger.take(bytes), this.#strangersBytes.take(bytes))
    }
  }

  /** Closes connections on which nobody speaks. */
  watch(host: Libp2p): void {
    this.#looking = setInterval(() => {
      for (const connection of host.getConnections()) if (isIdle(connection)) this.#end(connection)
    }, LOOK_MS)
  }

  stop(): void {
    if (this.#looking !== null) clearInterval(this.#looking)
  }

  welcomed(connection: Connection): void {
    const visit = this.#entered.get(`${connection.remotePeer} ${connection.remoteAddr}`)
    if (visit !== undefined) this.#door.welcomed(visit)
  }

  worked(connection: Connection): void {
    this.#door.worked(connection.remotePeer.toString(), placeOf(connection.remoteAddr))
  }

  isBanned(connection: Connection): boolean {
    return this.#door.isBanned(connection.remotePeer.toString())
  }

  offended(connection: Connection, { code }: ProtocolError): void {
    if (NO_OFFENCE.has(code)) return
    const peer = connection.remotePeer.toString()
    for (const { who, until } of this.#door.offended(peer, placeOf(connection.remoteAddr), code)) {
      const line = { code, forMs: Math.round(until - Date.now()) }
      // An address is for its owner's eyes: not for the usual log.
      if (who === peer) this.#log.warn({ event: 'peer-banned', node: peer, ...line })
      else this.#log.warn({ event: 'place-banned', ...line })
      this.#log.debug({ event: 'banned', who, ...line })
    }
  }

  paceOf(connection: Connection): MessagePace {
    const peer = connection.remotePeer.toString()
    const isHere = placeOf(connection.remoteAddr) === null
    const own = new Allowance({ perSecond: MESSAGES_PER_SECOND, burst: SAVED_MESSAGE_SECONDS * MESSAGES_PER_SECOND })
    return {
      take: (messages) => {
        const ms = own.take(messages)
        return isHere || this.#door.isKnown(peer) ? ms : Math.max(ms, this.#strangersMessages.take(messages))
      },
      giveBack: (messages) => own.giveBack(messages),
    }
  }

  #arrives(connection: MultiaddrConnection): boolean {
    const visit = this.#door.arrives(placeOf(connection.remoteAddr))
    if (typeof visit === 'string') {
      this.#onTurned(visit)
      return true
    }
    this.#visits.set(connection, visit)
    connection.addEventListener('close', () => {
      if (!this.#visits.delete(connection)) return
      this.#door.leaves(visit)
      const name = `${visit.peer} ${connection.remoteAddr}`
      if (this.#entered.get(name) === visit) this.#entered.delete(name)
    })
    return false
  }

  #isKnown({ peer }: Visit): boolean {
    return peer !== null && this.#door.isKnown(peer)
  }

  #end(connection: Connection): void {
    this.#log.info({ event: 'idle-connection', node: connection.remotePeer.toString() })
    connection.abort(new Error('nobody speaks'))
  }
}

function isIdle({ direction, streams, timeline }: Connection): boolean {
  if (direction !== 'inbound' || Date.now() - timeline.open < IDLE_CONNECTION_MS) return false
  return streams.every(({ protocol }) => IDLE_PROTOCOLS.some((idle) => (protocol ?? idle).startsWith(idle)))
}
