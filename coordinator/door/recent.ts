/** A map that forgets what nobody asked for longest when it is full. */
export class Recent<V> {
  readonly #most: number
  readonly #onForgotten: (key: string, value: V) => void
  readonly #entries = new Map<string, V>()

  constructor(most: number, onForgotten: (key: string, value: V) => void = () => {}) {
    this.#most = most
    this.#onForgotten = onForgotten
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#most) this.delete(this.#entries.keys().next().value as string)
  }

  delete(key: string): void {
    const value = this.#entries.get(key)
    if (!this.#entries.delete(key)) return
    this.#onForgotten(key, value as V)
  }

  entries(): IterableIterator<[string, V]> {
    return this.#entries.entries()
  }
}
