import { type CircuitRelayTransportComponents, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { PeerId, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MAX_RELAYED } from '../limits.ts'

type Registrar = CircuitRelayTransportComponents['registrar']

/** What the transport keeps of its reservations. It is public there, but not part of what every transport is. */
interface ReservationStore {
  hasReservation(relay: PeerId): boolean
  addRelay(relay: PeerId, type: 'discovered'): Promise<unknown>
}

/**
 * Connections through relays (circuit relay v2), by libp2p's transport: everybody can dial through one; whoever is given relays
 * is reached through those, and through no other.
 *
 * The transport by itself takes any peer that says so for its relay: it would reserve a place there and spread that peer's address as
 * one of ours. So it is not shown who else relays, and who is none of our relays cannot hand it connections. What it reserves, and
 * when, `Reservations` says.
 */
export class Circuits {
  /** Peer ids of our relays. */
  readonly #relays: ReadonlySet<string>
  #store: ReservationStore | null = null

  constructor(relays: readonly string[]) {
    this.#relays = new Set(relays)
  }

  /** What the host has to listen on: one place for each relay. */
  get listen(): string[] {
    return [...this.#relays].map(() => '/p2p-circuit')
  }

  /** The transport, for one host. */
  transport(): (components: CircuitRelayTransportComponents) => Transport {
    return (components) => {
      const registrar = this.#guard(components.registrar)
      const guarded = new Proxy(components, {
        get: (target, name) => (name === 'registrar' ? registrar : Reflect.get(target, name)),
      })
      const transport = circuitRelayTransport({ maxInboundStopStreams: MAX_RELAYED })(guarded)
      this.#store = (transport as Transport & { reservationStore: ReservationStore }).reservationStore
      return transport
    }
  }

  /** Whether the transport believes that it has a place at a relay, on a connection that stands. */
  holds(relay: PeerId): boolean {
    return this.#store?.hasReservation(relay) ?? false
  }

  /** Asks a relay that is connected for a place. @throws what the relay, or the transport, has against it */
  async reserve(relay: PeerId): Promise<void> {
    await this.#store?.addRelay(relay, 'discovered')
  }

  /** The registrar as the transport is to see it: no other relays, and connections handed over by ours alone. */
  #guard(registrar: Registrar): Registrar {
    const handle: Registrar['handle'] = async (protocol, handler, options) =>
      await registrar.handle(
        protocol,
        (stream, connection) => {
          if (this.#relays.has(connection.remotePeer.toString()) && this.holds(connection.remotePeer)) {
            return handler(stream, connection)
          }
          stream.abort(new Error('no relay of ours'))
        },
        options,
      )
    const seen = {
      handle,
      unhandle: async (protocol: string) => await registrar.unhandle(protocol),
      register: async () => 'nobody',
      unregister: () => undefined,
    }
    return seen as unknown as Registrar
  }
}

/** The peer ids of an address's way: relays first, who is meant last; the last one is null where the address names nobody. */
export function wayOf(address: Multiaddr): { relay: string | null; peer: string | null } {
  const parts = address.getComponents()
  const circuit = parts.findLastIndex(({ name }) => name === 'p2p-circuit')
  const named = (list: typeof parts) => list.findLast(({ name }) => name === 'p2p')?.value ?? null
  return { relay: circuit < 0 ? null : named(parts.slice(0, circuit)), peer: named(parts.slice(circuit + 1)) }
}
