import type { PeerId, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { UsageError } from '../errors.ts'
import { openStream, parseAddress } from '../host.ts'
import { MAX_ADDRESSES } from '../limits.ts'
import { wayOf } from './circuits.ts'

/** A coordinator, and where it is said to be. */
export interface Ways {
  peer: PeerId
  ways: Multiaddr[]
}

/**
 * Reads a coordinator's address, or several of the same one by commas.
 * @throws UsageError `address` when one is none or names nobody, there are too many, or they are of several coordinators
 */
export function waysTo(text: string): Ways {
  const ways = text.split(',').map((part) => parseAddress(part.trim()))
  const peers = ways.map((way) => wayOf(way).peer)
  const [peer = null] = peers
  if (peer === null || peers.includes(null)) {
    throw new UsageError(
      'address',
      `${text}: the coordinator's peer id is missing; expected .../p2p/12D3Koo... as \`kernelswarm coordinator\` prints it`,
    )
  }
  if (ways.some(isUnfollowed)) {
    throw new UsageError('address', `${text}: libp2p does not follow /dnsaddr to a relay; name the relay by /dns4 or /dns6`)
  }
  if (new Set(peers).size > 1) throw new UsageError('address', `${text}: addresses of several coordinators; expected one's`)
  if (ways.length > MAX_ADDRESSES) throw new UsageError('address', `${text}: more than ${MAX_ADDRESSES} addresses`)
  return { peer: peerIdOf(peer, text), ways }
}

/** What a /dnsaddr stands for takes the place of the whole address: who is to be reached through a relay would be lost. */
function isUnfollowed(way: Multiaddr): boolean {
  return wayOf(way).relay !== null && way.getComponents().some(({ name }) => name === 'dnsaddr')
}

/**
 * Connects by the first way that works, one tried after the other, and opens a stream.
 * @param init.failed told of each way that does not work, before the next one is tried
 * @throws what the last way said, when none works
 */
export async function openByAny(
  host: Libp2p,
  ways: readonly Multiaddr[],
  protocol: string,
  { signal, failed }: { signal: AbortSignal; failed?: (error: Error) => Promise<void> },
): Promise<Stream> {
  let failure: unknown = new Error('no address')
  for (const way of ways) {
    try {
      return await openStream(host, way, protocol, { signal })
    } catch (error) {
      signal.throwIfAborted()
      failure = error
      await failed?.(error as Error)
    }
  }
  throw failure
}

function peerIdOf(peer: string, text: string): PeerId {
  try {
    return peerIdFromString(peer)
  } catch {
    throw new UsageError(
      'address',
      `${text}: ${peer} is not a peer id; expected the coordinator's, as \`kernelswarm coordinator\` prints it`,
    )
  }
}
