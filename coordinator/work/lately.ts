/**
 * What came lately, by name: at least the last `most` of it, and at most twice as many. Two maps, of which the older one is dropped when the
 * newer one is full: to take single ones from the front of a map costs more the more were taken before.
 */
export class Lately<Value> {
  readonly #most: number
  #newer = new Map<string, Value>()
  #older = new Map<string, Value>()

  constructor(most: number) {
    this.#most = most
  }

  get(name: string): Value | undefined {
    const value = this.#newer.get(name)
    if (value !== undefined) return value
    const before = this.#older.get(name)
    if (before !== undefined) this.set(name, before)
    return before
  }

  set(name: string, value: Value): void {
    if (this.#newer.size >= this.#most) {
      this.#older = this.#newer
      this.#newer = new Map()
    }
    this.#newer.set(name, value)
  }
}
