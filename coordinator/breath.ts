import { setImmediate } from 'node:timers/promises'

/** Others wait no longer than this for long work to let them in; a verdict's own work takes less than one. */
const BREATH_MS = 4

/** Lets others have the event loop now and then, in long work that waits for nothing by itself. */
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
    await setImmediate()
    this.#since = performance.now()
  }
}
