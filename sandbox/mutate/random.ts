import { createHash } from 'node:crypto'

/** Numbers that look random and are the same for the same seed, on every machine: SHA-256 in counter mode. */
export class SeededRandom {
  readonly #seed: string
  #count = 0
  constructor(...seed: readonly string[]) {
    this.#seed = JSON.stringify(seed)
  }

  /** A whole number from 0 up to, and without, `limit` (at most 2^32; the bias of the remainder is below 2^-16). */
  below(limit: number): number {
    const digest = createHash('sha256')
      .update(`${this.#count++}:${this.#seed}`)
      .digest()
    return digest.readUIntBE(0, 6) % limit
  }

  /** Takes one out of a list that is not empty. */
  take<T>(list: T[]): T {
    return list.splice(this.below(list.length), 1)[0] as T
  }
}
