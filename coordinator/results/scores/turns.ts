/** Longest that the coordinator works on one thing before it answers others: short beside what a peer waits for. */
const TURN_MS = 20

/** Long work in steps: lets the coordinator answer others as often as `TURN_MS` says, however long a step takes. */
export class Turns {
  #since = performance.now()

  /** To be asked between two steps; `end` is to be awaited where it is so. */
  get due(): boolean {
    return performance.now() - this.#since > TURN_MS
  }

  async end(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#since = performance.now()
  }
}
