/**
 * So much a second, saved up to a burst. Whoever takes more than there is waits until that has come in; who comes after him
 * waits longer, so those who wait are served in turn.
 */
export class Allowance {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  #left: number
  #at: number

  /** @param init.now milliseconds that never go back; @default `performance.now` */
  constructor(init: { perSecond: number; burst: number; now?: () => number }) {
    this.#perSecond = init.perSecond
    this.#burst = init.burst
    this.#now = init.now ?? (() => performance.now())
    this.#left = init.burst
    this.#at = this.#now()
  }

  /** Takes so much; milliseconds until it has come in, 0 where it was there. */
  take(amount: number): number {
    this.#comeIn()
    this.#left -= amount
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / this.#perSecond) * 1000)
  }

  /** Whether so much is there. */
  has(amount: number): boolean {
    this.#comeIn()
    return this.#left >= amount
  }

  /** Takes without a wait; no more than a burst can be owed. */
  charge(amount: number): void {
    this.#comeIn()
    this.#left = Math.max(-this.#burst, this.#left - amount)
  }

  /** Puts back what should not have counted. */
  giveBack(amount: number): void {
    this.#left = Math.min(this.#burst, this.#left + amount)
  }

  #comeIn(): void {
    const now = this.#now()
    this.#left = Math.min(this.#burst, this.#left + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
  }
}
