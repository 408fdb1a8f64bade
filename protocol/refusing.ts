import { BlockList, SocketAddress } from 'node:net'
import type { TCPSocketOptions } from '@libp2p/tcp'

/**
 * A list of addresses that is worked out when it is asked. Node asks it of each connection before it has made a socket of it, and closes
 * those that are on it: a hundredth of what libp2p takes to make something of a connection and to drop it. (Node 20 does not ask;
 * then it is the gater that turns them away.)
 */
class Refusing extends BlockList {
  readonly #turnsAway: (ip: string) => boolean

  constructor(turnsAway: (ip: string) => boolean) {
    super()
    this.#turnsAway = turnsAway
  }

  override check(address: SocketAddress | string): boolean {
    return this.#turnsAway(address instanceof SocketAddress ? address.address : address)
  }
}

/** Options of a TCP server that closes connections from some addresses as they come. */
export function refusing(turnsAway: (ip: string) => boolean): TCPSocketOptions {
  // Handed on to `net.createServer` as it is.
  return { blockList: new Refusing(turnsAway) } as TCPSocketOptions
}
