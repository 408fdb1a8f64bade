/** Counts how long healthy nodes ran, and how much of it entered a ballot. */
export class Meter {
  readonly #ran = new Map<string, number>()
  #totalMs = 0
  #countedMs = 0

  /** A node ran an assignment for so long, to its end or not. */
  ran(nonce: string, ms: number): void {
    this.#ran.set(nonce, ms)
    this.#totalMs += ms
  }

  /** The verdict of an assignment was recorded. */
  counted(nonce: string): void {
    this.#countedMs += this.#ran.get(nonce) ?? 0
    this.#ran.delete(nonce)
  }

  /** Begins anew. */
  reset(): void {
    this.#totalMs = 0
    this.#countedMs = 0
  }

  /** Share of the time that came to nothing; 0 when nothing ran. */
  get wastedRatio(): number {
    return this.#totalMs === 0 ? 0 : 1 - this.#countedMs / this.#totalMs
  }
}
