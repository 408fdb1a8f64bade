import { isIPv4 } from 'node:net'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What the places of those who come through a relay begin with. */
export const RELAY = 'relay '

/**
 * Where a connection comes from, as what is counted there: one address of IPv4, a /64 of IPv6 (what one household is given),
 * a relay. Null for this machine itself: whoever runs on it needs no network to do harm.
 */
export function placeOf(address: Multiaddr): string | null {
  const parts = address.getComponents()
  const relay = parts.findIndex(({ name }) => name === 'p2p-circuit')
  if (relay > 0) return `${RELAY}${parts[relay - 1]?.value ?? ''}`
  const ip = parts.find(({ name }) => name === 'ip4' || name === 'ip6')
  return ip?.value === undefined ? 'elsewhere' : placeOfIp(ip.value)
}

/** The same of an IP address. */
export function placeOfIp(ip: string): string | null {
  const four = fourOf(ip)
  if (four === '127.0.0.1' || ip === '::1') return null
  return four ?? `${groupsOf(ip).slice(0, 4).join(':')}::/64`
}

/** An address of IPv4, also one that is written as of IPv6 (RFC 4291, section 2.5.5.2); of any other null. */
export function fourOf(ip: string): string | null {
  return isIPv4(ip) ? ip : mappedIn(ip)
}

function mappedIn(address: string): string | null {
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (dotted !== undefined) return dotted
  const groups = groupsOf(address).map((group) => Number.parseInt(group, 16))
  if (groups.slice(0, 5).some((group) => group !== 0) || groups[5] !== 0xffff) return null
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.')
}

/** The eight groups of an address of IPv6, without leading zeros. */
export function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const front = head === '' ? [] : head.split(':')
  const back = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16).toString(16))
}
