import { createHash } from 'node:crypto'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'

/**
 * A seeded source of randomness that splits by name: `split('network')` depends on the seed and the name only, not on
 * what was drawn before. So a change in one part of a simulation leaves the draws of the others as they were.
 */
export class Random {
  readonly #name: string
  readonly #generator: RandomGenerator

  constructor(name: string | number) {
    this.#name = String(name)
    const state = createHash('sha256').update(this.#name).digest()
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((at) => state.readInt32LE(at)))
  }

  /** A source of its own for a part of the simulation. */
  split(name: string | number): Random {
    return new Random(`${this.#name}/${name}`)
  }

  /** From 0 to less than 1. */
  uniform(): number {
    return uniformFloat64(this.#generator)
  }

  /** A whole number from 0 to less than `below`. */
  integer(below: number): number {
    return uniformInt(this.#generator, 0, below - 1)
  }

  chance(probability: number): boolean {
    return this.uniform() < probability
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError('nothing to pick from')
    return values[this.integer(values.length)] as T
  }

  /** Exponential with this mean: times between events that do not know of each other. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform())
  }

  /** Log-normal with this median; `sigma` is the deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.uniform()))
  }

  /** The values in an order of chance (Fisher-Yates). */
  shuffled<T>(values: readonly T[]): T[] {
    const shuffled = [...values]
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.integer(last + 1)
      ;[shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T]
    }
    return shuffled
  }
}

/**
 * A number from 0 to less than 1 that follows from a name alone: what a program's truth is, what liars have agreed on.
 * The same name gives the same number wherever and whenever it is asked for.
 */
export function fixed(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48
}
