import type { PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { Circuits, createHost, type HostGuard, parseAddress, Reservations, UsageError, wayOf } from '../protocol/index.ts'
import type { Journal } from './operations/journal.ts'

/** Where a coordinator is reached, and by whom it is found. */
export interface ReachInit {
  /** libp2p addresses to listen on. */
  listen: readonly string[]
  /** Other addresses it is reached at: a name, a port that a router forwards. */
  announce?: readonly string[]
  /** Addresses of relays through which it is reached, with their peer ids. */
  relays?: readonly string[]
  /**
   * Whether only nodes on its list are let in, and nothing is announced.
   * @default false
   */
  private?: boolean
  /**
   * Whether its public rounds are announced by gossip, and it is found by those who look on its LAN; not where it is private.
   * @default neither
   */
  found?: { gossip: boolean; lan: boolean }
}

/**
 * Starts a coordinator's host, and keeps its places at its relays.
 * @returns the host, and what stops both
 * @throws UsageError `address`
 */
export async function startHost(
  init: ReachInit,
  components: { key: PrivateKey; log: Journal; guard: HostGuard },
  { arrivalsPerSecond }: { arrivalsPerSecond: number },
): Promise<{ host: Libp2p; stop: () => Promise<void> }> {
  const { key, log, guard } = components
  const relays = (init.relays ?? []).map(relayAddress)
  const circuits = new Circuits(relays.map(({ peer }) => peer))
  const isFound = init.private !== true && init.found !== undefined
  const host = await createHost({
    key,
    listen: init.listen,
    announce: init.announce ?? [],
    circuits,
    ...(isFound && init.found?.gossip === true ? { gossip: 'speak' } : {}),
    ...(isFound && init.found?.lan === true ? { lan: 'seek-and-answer' } : {}),
    inboundPerSecond: arrivalsPerSecond,
    pingPeers: false,
    guard,
  })
  const reservations = new Reservations({
    host,
    circuits,
    events: {
      reserved: (relay) => log.info({ event: 'relay-reserved', relay }),
      lost: (relay, detail) => log.warn({ event: 'relay-lost', relay, detail }),
    },
  })
  reservations.start(relays)
  const stop = async () => {
    await reservations.stop()
    await host.stop()
  }
  return { host, stop }
}

/** Those that are for anybody first: through relays, then those it was told to announce, then those of its own machine. */
export function bestFirst(addresses: readonly Multiaddr[], announce: readonly string[] = []): string[] {
  const rank = (text: string) => (text.includes('/p2p-circuit') ? 0 : announce.some((one) => text.startsWith(`${one}/`)) ? 1 : 2)
  return addresses.map(String).sort((a, b) => rank(a) - rank(b))
}

function relayAddress(text: string): { address: Multiaddr; peer: string } {
  const address = parseAddress(text)
  const { peer } = wayOf(address)
  if (peer === null) {
    throw new UsageError(
      'address',
      `${text}: the relay's peer id is missing; expected .../p2p/12D3Koo... as \`kernelswarm relay\` prints it`,
    )
  }
  return { address, peer }
}
