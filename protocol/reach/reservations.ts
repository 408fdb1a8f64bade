import { setTimeout as sleep } from 'node:timers/promises'
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2'
import { type Connection, type PeerId, setMaxListeners } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { assertAnswers, openStream } from '../host.ts'
import { DIAL_MS, RELAY_CHECK_MS } from '../limits.ts'
import type { Circuits } from './circuits.ts'

/** Waits between tries to get a place at a relay that is away: doubling, with jitter, for ever. */
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

export interface ReservationEvents {
  /** There is a place at the relay: we are reached there. */
  reserved(relay: string): void
  /** There is none any more, or none yet. */
  lost(relay: string, why: string): void
}

/**
 * Keeps a place at each of our relays for as long as the host lives. libp2p makes a reservation once and renews it in time, but does
 * not come back to a relay that was restarted or could not be reached for a while (js-libp2p 3601). So for each relay:
 *
 *     1. connect, unless that stands
 *     2. ask whether anybody is there: a connection stands long after its path is gone
 *     3. reserve, unless that stands; and see that our own addresses have it
 *     4. wait until the connection ends, or some seconds, and begin again; when one of these fails, drop what there was and
 *        begin again after a while that doubles
 */
export class Reservations {
  readonly #host: Libp2p
  readonly #circuits: Circuits
  readonly #events: ReservationEvents
  readonly #everyMs: number
  readonly #ending = new AbortController()
  #kept: Promise<unknown> = Promise.resolve()

  /** @param init.everyMs how often a relay that is there is asked. @default RELAY_CHECK_MS */
  constructor(
    components: { host: Libp2p; circuits: Circuits; events: ReservationEvents },
    { everyMs = RELAY_CHECK_MS }: { everyMs?: number } = {},
  ) {
    this.#host = components.host
    this.#circuits = components.circuits
    this.#events = components.events
    this.#everyMs = everyMs
    setMaxListeners(0, this.#ending.signal)
  }

  /** Begins to keep a place at each relay; each by its address with its peer id. */
  start(relays: readonly { address: Multiaddr; peer: string }[]): void {
    this.#kept = Promise.all(relays.map(({ address, peer }) => this.#keep(address, peerIdFromString(peer))))
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('the host stops'))
    await this.#kept
  }

  async #keep(address: Multiaddr, relay: PeerId): Promise<void> {
    const { signal } = this.#ending
    let isReserved: boolean | null = null
    let wait = FIRST_RETRY_MS
    while (!signal.aborted) {
      const why = await this.#ensure(address, relay).then(
        () => null,
        (error: Error) => error,
      )
      if (signal.aborted) return
      if (why === null) {
        if (isReserved !== true) this.#events.reserved(relay.toString())
        isReserved = true
        wait = FIRST_RETRY_MS
        await this.#untilGone(relay)
        continue
      }
      if (isReserved !== false) this.#events.lost(relay.toString(), why.message)
      isReserved = false
      for (const connection of this.#host.getConnections(relay)) connection.abort(why)
      await sleep(wait * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
      wait = Math.min(2 * wait, LONGEST_RETRY_MS)
    }
  }

  /** @throws where there is no place at the relay now */
  async #ensure(address: Multiaddr, relay: PeerId): Promise<void> {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(DIAL_MS)])
    await this.#host.dial(address, { signal })
    await assertAnswers(this.#host, relay, { signal: this.#ending.signal })
    if (!this.#circuits.holds(relay)) await this.#reserve(relay, signal)
    const place = `/p2p/${relay}/p2p-circuit`
    if (!this.#host.getMultiaddrs().some((own) => own.toString().includes(place))) {
      throw new Error('the relay gave a place that is not among our addresses')
    }
  }

  /**
   * Whether it relays is asked first: one that has just started is reached before it does, and libp2p asks a peer that once said no
   * never again.
   */
  async #reserve(relay: PeerId, signal: AbortSignal): Promise<void> {
    const hop = await openStream(this.#host, relay, RELAY_V2_HOP_CODEC, { signal })
    await hop.close({ signal })
    await this.#circuits.reserve(relay)
  }

  /** Resolves when a connection to the relay has ended, or after some seconds. */
  async #untilGone(relay: PeerId): Promise<void> {
    const gone = new AbortController()
    const onClose = ({ detail }: CustomEvent<Connection>) => {
      if (detail.remotePeer.equals(relay)) gone.abort()
    }
    this.#host.addEventListener('connection:close', onClose)
    const signal = AbortSignal.any([this.#ending.signal, gone.signal])
    await sleep(this.#everyMs, undefined, { signal }).catch(() => undefined)
    this.#host.removeEventListener('connection:close', onClose)
  }
}
