/** What is asked of the disk at once. */
interface Asked {
  cids: string[]
  read: Promise<(Uint8Array | undefined)[]>
}

/** Contents that were asked for last, so that the disk is asked for each once. */
export class Shelf {
  readonly #read: (cids: readonly string[]) => Promise<(Uint8Array | undefined)[]>
  readonly #most: number
  readonly #held = new Map<string, Uint8Array>()
  /** Those on their way from the disk: nodes that have to agree ask at the same time. */
  readonly #coming = new Map<string, Promise<Uint8Array | undefined>>()
  #bytes = 0
  /** What the disk is asked for next. */
  #next: Asked | null = null

  /**
   * @param read contents by name, in their order
   * @param init.most bytes that are held
   */
  constructor(read: (cids: readonly string[]) => Promise<(Uint8Array | undefined)[]>, init: { most: number }) {
    this.#read = read
    this.#most = init.most
  }

  /** The bytes of a content, or undefined where there is none of that name. */
  async get(cid: string): Promise<Uint8Array | undefined> {
    const held = this.#held.get(cid)
    const bytes = held ?? (await this.#fetch(cid))
    if (bytes !== undefined) this.#put(cid, bytes)
    return bytes
  }

  /** The same where they need not be read. */
  atHand(cid: string): Uint8Array | undefined {
    return this.#held.get(cid)
  }

  #fetch(cid: string): Promise<Uint8Array | undefined> {
    const coming = this.#coming.get(cid) ?? this.#ask(cid).finally(() => this.#coming.delete(cid))
    this.#coming.set(cid, coming)
    return coming
  }

  /** All that is asked for in one go, as programs of the work that is given out together are, is read together. */
  async #ask(cid: string): Promise<Uint8Array | undefined> {
    this.#next ??= this.#begin()
    const { cids, read } = this.#next
    const at = cids.push(cid) - 1
    return (await read)[at]
  }

  #begin(): Asked {
    const cids: string[] = []
    const read = Promise.resolve().then(() => {
      this.#next = null
      return this.#read(cids)
    })
    return { cids, read }
  }

  /** What was asked for last is dropped last. */
  #put(cid: string, bytes: Uint8Array): void {
    if (!this.#held.delete(cid)) this.#bytes += bytes.byteLength
    this.#held.set(cid, bytes)
    for (const [oldest, { byteLength }] of this.#held) {
      if (this.#bytes <= this.#most || oldest === cid) break
      this.#held.delete(oldest)
      this.#bytes -= byteLength
    }
  }
}
