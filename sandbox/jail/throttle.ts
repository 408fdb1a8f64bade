/** Long enough that stopping costs nothing to speak of, short enough that nobody waits for it. */
const PERIOD_MS = 1_000

/** What can be stopped for a while and goes on where it was. */
export interface Suspendable {
  suspend(): void
  resume(): void
}

/**
 * Lets programs run for a share of the time: all of them run, then all of them stand, in turns by the clock, so that short ones
 * are held back as well as long ones.
 */
export class Throttle {
  readonly #now: () => number
  readonly #targets = new Set<Suspendable>()
  #share = 1
  #standing = false
  #timer: NodeJS.Timeout | undefined

  /** @param now milliseconds that never go back; @default `performance.now` */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Of the time, more than 0; from now on. */
  set share(share: number) {
    this.#share = share
    this.#turn()
  }

  /** Holds one more. @returns what lets it go; what stands then goes on */
  join(target: Suspendable): () => void {
    this.#targets.add(target)
    if (this.#standing) target.suspend()
    this.#turn()
    return () => {
      if (!this.#targets.delete(target)) return
      if (this.#standing) target.resume()
      if (this.#targets.size === 0) this.#turn()
    }
  }

  /** Does what this part of the period asks for, and comes back at its end. */
  #turn(): void {
    clearTimeout(this.#timer)
    const isHeld = this.#share < 1 && this.#targets.size > 0
    const at = this.#now() % PERIOD_MS
    const runsMs = this.#share * PERIOD_MS
    this.#stand(isHeld && at >= runsMs)
    if (isHeld) this.#timer = setTimeout(() => this.#turn(), (at < runsMs ? runsMs : PERIOD_MS) - at)
  }

  #stand(standing: boolean): void {
    if (standing === this.#standing) return
    this.#standing = standing
    for (const target of this.#targets) {
      if (standing) target.suspend()
      else target.resume()
    }
  }
}
