import { randomBytes } from 'node:crypto'
import { cidBytes } from '../content.ts'

/** Codec and digest: what tells one CID of ours from another. */
const KEY_BYTES = 33
/** Where a CID's codec is, and where it is put so that it stands right before the digest. */
const CODEC_AT = 1
const CODEC_TO = 3
const FIRST_CAPACITY = 1024

/** Where a block lies in its file. */
export interface Place {
  /** Its number, from 0, in the order of the file. */
  number: number
  /** Of its first byte, after its CID. */
  offset: number
  length: number
}

/**
 * Places of blocks by their CIDs, in about 55 bytes a block: an archive may have millions. An open-addressing table over
 * typed arrays; what is mixed into the hash is random, so that nobody can make an archive whose names all collide.
 */
export class BlockIndex {
  #count = 0
  #keys = new Uint8Array(FIRST_CAPACITY * KEY_BYTES)
  #offsets = new Float64Array(FIRST_CAPACITY)
  #lengths = new Uint32Array(FIRST_CAPACITY)
  /** Numbers of blocks, and one more than that; 0 where there is none. Twice as large as what it holds. */
  #table = new Uint32Array(2 * FIRST_CAPACITY)
  readonly #mix = randomBytes(8)

  get size(): number {
    return this.#count
  }

  /** Adds the next block of the file; false when one of that name is there already. */
  add(cid: string, { offset, length }: Omit<Place, 'number'>): boolean {
    if (this.#count === this.#offsets.length) this.#grow()
    const key = keyOf(cid)
    const slot = this.#slotOf(key)
    if (this.#table[slot] !== 0) return false
    this.#keys.set(key, this.#count * KEY_BYTES)
    this.#offsets[this.#count] = offset
    this.#lengths[this.#count] = length
    this.#table[slot] = ++this.#count
    return true
  }

  find(cid: string): Place | undefined {
    const number = (this.#table[this.#slotOf(keyOf(cid))] as number) - 1
    return number < 0 ? undefined : this.place(number)
  }

  /** @param number less than `size` */
  place(number: number): Place {
    return { number, offset: this.#offsets[number] as number, length: this.#lengths[number] as number }
  }

  /** The slot that holds a key, or the free one where it belongs. */
  #slotOf(key: Uint8Array): number {
    const mask = this.#table.length - 1
    for (let slot = this.#hash(key) & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#table[slot] as number) - 1
      if (number < 0 || this.#holds(number, key)) return slot
    }
  }

  #holds(number: number, key: Uint8Array): boolean {
    const from = number * KEY_BYTES
    for (let at = 0; at < KEY_BYTES; at++) if (this.#keys[from + at] !== key[at]) return false
    return true
  }

  #hash(key: Uint8Array): number {
    let hash = key[0] as number
    for (let at = 1; at <= 8; at++) hash = Math.imul(hash ^ (key[at] as number) ^ (this.#mix[at - 1] as number), 0x01000193)
    return hash ^ (hash >>> 15)
  }

  #grow(): void {
    const capacity = 2 * this.#offsets.length
    this.#keys = grown(this.#keys, new Uint8Array(capacity * KEY_BYTES))
    this.#offsets = grown(this.#offsets, new Float64Array(capacity))
    this.#lengths = grown(this.#lengths, new Uint32Array(capacity))
    this.#table = new Uint32Array(2 * capacity)
    for (let number = 0; number < this.#count; number++) {
      const key = this.#keys.slice(number * KEY_BYTES, (number + 1) * KEY_BYTES)
      this.#table[this.#slotOf(key)] = number + 1
    }
  }
}

function keyOf(cid: string): Uint8Array {
  const bytes = cidBytes(cid)
  bytes[CODEC_TO] = bytes[CODEC_AT] as number
  return bytes.subarray(CODEC_TO)
}

function grown<T extends Uint8Array | Float64Array | Uint32Array>(from: T, into: T): T {
  into.set(from)
  return into
}
