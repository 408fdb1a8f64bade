/** So many a second, and no more than a second's worth at once: what comes above that is turned away, and costs no queue. */
export class Pace {
  readonly #perSecond: number
  readonly #now: () => number
  #left: number
  #at: number

  /** @param now milliseconds that never go back; @default `performance.now` */
  constructor(perSecond: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#now = now
    this.#left = Math.max(1, perSecond)
    this.#at = now()
  }

  /** Whether one more may be. */
  take(): boolean {
    const now = this.#now()
    this.#left = Math.min(Math.max(1, this.#perSecond), this.#left + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
