import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { PeerId, Stream } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { z } from 'zod'
import { assertAnswers, MAX_ADDRESSES, openByAny, wayOf } from '../protocol/index.ts'
import { replaceFile } from './replace-file.ts'

/** Longest file of addresses that is read. */
const MAX_FILE_BYTES = 16 * 1024

const Remembered = z.array(z.string().max(300)).max(MAX_ADDRESSES)

/**
 * The ways to one coordinator, which is known by its key: whoever answers at an address has to prove that key, so where the addresses come
 * from does not matter, and a coordinator that moved is found again by any of them. They are tried one after the other:
 *
 *     1. that which worked last, also before a restart
 *     2. those that the volunteer gave
 *     3. what the coordinator said of itself when it was there (libp2p's signed peer record), and who was heard on the LAN
 */
export class Reach {
  readonly #host: Libp2p
  readonly #coordinator: PeerId
  readonly #given: readonly Multiaddr[]
  readonly #file: string
  /** What was written to the file last. */
  #written = ''

  constructor(host: Libp2p, { coordinator, given, file }: { coordinator: PeerId; given: readonly Multiaddr[]; file: string }) {
    this.#host = host
    this.#coordinator = coordinator
    this.#given = given
    this.#file = file
  }

  /**
   * Connects by the first way that works and opens a stream.
   * @throws what the last way said, when none works
   */
  async open(protocol: string, options: { signal: AbortSignal }): Promise<Stream> {
    const failed = async (error: Error) => await this.drop(error)
    return await openByAny(this.#host, await this.ways(), protocol, { ...options, failed })
  }

  /** The addresses in the order in which they are tried. */
  async ways(): Promise<Multiaddr[]> {
    const known = await this.#host.peerStore.get(this.#coordinator).catch(() => null)
    const [last, ...earlier] = await this.#remembered()
    const said = known?.addresses.map(({ multiaddr: address }) => address.toString()) ?? []
    const texts = [...(last === undefined ? [] : [last]), ...this.#given.map(String), ...said, ...earlier]
    const ways = new Map(texts.map((text) => this.#named(text)).map((address) => [address.toString(), address]))
    return [...ways.values()].slice(0, MAX_ADDRESSES)
  }

  /** Remembers by which way the coordinator was reached, and where else it says it is. A disk that cannot be written forgets it. */
  async remember(): Promise<void> {
    const used = this.#host.getConnections(this.#coordinator)[0]?.remoteAddr
    if (used === undefined) return
    const others = (await this.ways()).map(String)
    const list = [...new Set([this.#named(used.toString()).toString(), ...others])].slice(0, MAX_ADDRESSES)
    const text = `${JSON.stringify(list)}\n`
    if (text === this.#written) return
    // Not its parents: a node whose folder was taken away does not make it again.
    await mkdir(dirname(this.#file), { mode: 0o700 }).catch(() => undefined)
    const isWritten = await replaceFile(this.#file, text).then(
      () => true,
      () => false,
    )
    if (isWritten) this.#written = text
  }

  /**
   * After a line failed: ends what is left of it. A connection stands long after its path is gone, and would be used again; so would
   * that to a relay, which others may still need, and is therefore asked first.
   */
  async drop(reason: Error): Promise<void> {
    const connections = this.#host.getConnections(this.#coordinator)
    for (const connection of connections) connection.abort(reason)
    const relays = new Set([...this.#given, ...connections.map(({ remoteAddr }) => remoteAddr)].map((way) => wayOf(way).relay))
    const asked = this.#host.getConnections().filter(({ remotePeer }) => relays.has(remotePeer.toString()))
    await Promise.all(
      asked.map(async (connection) => {
        await assertAnswers(this.#host, connection.remotePeer).catch((error: Error) => connection.abort(error))
      }),
    )
  }

  async #remembered(): Promise<string[]> {
    try {
      const bytes = await readFile(this.#file)
      if (bytes.byteLength > MAX_FILE_BYTES) return []
      return Remembered.parse(JSON.parse(bytes.toString())).filter((text) => this.#isOurs(text))
    } catch {
      // None yet, or not as we write it: the others will do.
      return []
    }
  }

  #isOurs(text: string): boolean {
    try {
      return wayOf(multiaddr(text)).peer === this.#coordinator.toString()
    } catch {
      return false
    }
  }

  /** With the coordinator's peer id, without which whoever is there would be taken for it. */
  #named(text: string): Multiaddr {
    const address = multiaddr(text)
    return wayOf(address).peer === null ? address.encapsulate(`/p2p/${this.#coordinator}`) : address
  }
}
