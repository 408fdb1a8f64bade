import { setImmediate } from 'node:timers/promises'

/** Others wait no longer than this for long work to let them in; a verdict's own work takes less than one. */
const BREATH_MS = 4
/** While others have something to do, they have so many times as long as the long work had. */
const OTHERS_SHARE = 3
/** A turn of the event loop in which others did less than this was one in which they had next to nothing to do. */
const IDLE_TURN_MS = 1

/**
 * Lets others have the event loop now and then, in long work that waits for nothing by itself. It goes on after a turn in which they had next
 * to nothing to do, or when they have had three times as long as it: each such work takes a quarter of a busy loop at most.
 */
export class Breath {
  readonly #ms: number
  #since = performance.now()

  /** @param ms for so long nobody else is let in */
  constructor(ms: number = BREATH_MS) {
    this.#ms = ms
  }

  /** To be awaited at every step; nearly always at once. */
  async take(): Promise<void> {
    if (this.due) await this.#pause()
  }

  /** Whether it is time for one, where a step is too small to await anything after each. */
  get due(): boolean {
    return performance.now() - this.#since >= this.#ms
  }

  async #pause(): Promise<void> {
    const until = performance.now() + OTHERS_SHARE * this.#ms
    let from: number
    do {
      from = performance.now()
      await setImmediate()
      this.#since = performance.now()
    } while (this.#since - from >= IDLE_TURN_MS && this.#since < until)
  }
}
