import type { PeerDiscovery } from '@libp2p/interface'
import { type MulticastDNSComponents, mdns } from '@libp2p/mdns'

/** Coordinators alone go by this name on a LAN: whoever asks for it is answered by nobody else. */
const SERVICE = '_kernelswarm._udp.local'
/** How often whoever looks asks again. */
const ASK_MS = 2_000

/** `seek`: looks for coordinators; `seek-and-answer`: is one, and says so to those who look. */
export type LanUse = 'seek' | 'seek-and-answer'

/** Finding coordinators on a LAN by multicast DNS. What is found is a claim: the key in the address is proven when it is dialled. */
export function lan(use: LanUse): (components: MulticastDNSComponents) => PeerDiscovery {
  return mdns({ serviceTag: SERVICE, interval: ASK_MS, broadcast: use === 'seek-and-answer' }) as (
    components: MulticastDNSComponents,
  ) => PeerDiscovery
}
