/** How often it is looked at: a turn is told to that much, and looking itself takes next to nothing. */
const LOOK_MS = 5

/** The most processor time between two turns of the event loop: what others on the machine take does not count. */
export class LongestTurn {
  #before = process.cpuUsage()
  #longest = 0
  readonly #timer = setInterval(() => this.#look(), LOOK_MS)

  #look(): void {
    const { user, system } = process.cpuUsage(this.#before)
    this.#longest = Math.max(this.#longest, (user + system) / 1000)
    this.#before = process.cpuUsage()
  }

  /** Milliseconds. */
  stop(): number {
    this.#look()
    clearInterval(this.#timer)
    return this.#longest
  }
}
