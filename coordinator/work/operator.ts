import { BlockList, isIPv6 } from 'node:net'
import type { Multiaddr } from '@multiformats/multiaddr'
import { fourOf, groupsOf } from '../door/place.ts'

/** Who is behind a node: the owner whose certificate it showed; without one, the network it comes from. */
export function operatorOf(owner: string | null, network: string): string {
  return owner === null ? network : `owner ${owner}`
}

/**
 * The network a node comes from (/24 of IPv4, /48 of IPv6), a relayed node's being its relay; where the address says
 * nothing, the node itself.
 * @param options.singleOperator one person runs the coordinator and the nodes near it: on loopback and private
 *   addresses every node counts for itself
 */
export function networkOf(node: string, address: Multiaddr, options: { singleOperator: boolean }): string {
  const parts = address.getComponents()
  const relay = parts.findIndex(({ name }) => name === 'p2p-circuit')
  if (relay > 0) return `relay ${parts[relay - 1]?.value ?? node}`
  const ip = parts.find(({ name }) => name === 'ip4' || name === 'ip6')
  if (ip?.value === undefined) return `node ${node}`
  if (options.singleOperator && isPrivate(ip.value)) return `node ${node}`
  const four = fourOf(ip.value)
  return four === null
    ? `net ${groupsOf(ip.value).slice(0, 3).join(':')}::/48`
    : `net ${four.split('.').slice(0, 3).join('.')}.0/24`
}

/** Loopback, link-local and private ranges (RFC 1918, RFC 4193). */
const PRIVATE = new BlockList()
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6')

function isPrivate(ip: string): boolean {
  return PRIVATE.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4')
}

/** Whether an address is of this machine. */
export function isLoopback(address: Multiaddr): boolean {
  const parts = address.getComponents()
  if (parts.some(({ name }) => name === 'p2p-circuit')) return false
  const ip = parts.find(({ name }) => name === 'ip4' || name === 'ip6')?.value ?? ''
  return ip.startsWith('127.') || ip === '::1' || ip.startsWith('::ffff:127.')
}
