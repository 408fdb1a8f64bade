import { type CircuitRelayServerInit, circuitRelayServer } from '@libp2p/circuit-relay-v2'
import type { Connection, PrivateKey } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import { createHost } from '../host.ts'
import { MAX_RELAYED, MAX_RESERVATIONS, RELAYED_BYTES, RELAYED_MS, RESERVATION_MS } from '../limits.ts'

export interface RelayInit {
  key: PrivateKey
  listen: readonly string[]
  /** Other addresses it is reached at: a name, a port that a router forwards. */
  announce?: readonly string[]
  /** Who may be reached through it. */
  mayReserve: (peer: string) => boolean
  /**
   * How long one connection through it may last.
   * @default RELAYED_MS
   */
  connectionMs?: number
  /**
   * How much may pass through one connection, both ways together.
   * @default RELAYED_BYTES
   */
  connectionBytes?: number
}

/**
 * A relay: reached by everybody, it hands connections to those who hold a place with it. It cannot read what passes: both ends
 * encrypt, and know each other by their keys. Its limits let a work stream live for a day; the libp2p default (128 KiB, two
 * minutes) is for finding each other only.
 * @throws UsageError `address`
 */
export async function createRelay(init: RelayInit): Promise<Libp2p> {
  const { key, listen, announce = [], mayReserve, connectionMs = RELAYED_MS, connectionBytes = RELAYED_BYTES } = init
  const relay: CircuitRelayServerInit = {
    reservations: {
      maxReservations: MAX_RESERVATIONS,
      reservationTtl: RESERVATION_MS,
      defaultDurationLimit: connectionMs,
      defaultDataLimit: BigInt(connectionBytes),
    },
    maxOutboundStopStreams: MAX_RELAYED,
  }
  const host = await createHost({
    key,
    listen,
    announce,
    relay: { service: circuitRelayServer(relay), mayReserve },
    gossip: 'hear',
  })
  host.addEventListener('connection:open', ({ detail }) => forgetEarlier(host, detail))
  return host
}

/**
 * Who comes again has lost its earlier connection, and may have another address. Until that is noticed here, which takes longer, those
 * who want to reach it would be sent there: libp2p takes the oldest one.
 */
function forgetEarlier(host: Libp2p, { id, remotePeer }: Connection): void {
  for (const earlier of host.getConnections(remotePeer)) {
    if (earlier.id !== id) earlier.abort(new Error('the peer has connected anew'))
  }
}
