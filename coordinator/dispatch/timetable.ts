/** Things that are due at some time, the earliest first: a binary heap. Adding and taking cost the logarithm of what is held. */
export class Timetable<T> {
  readonly #heap: { at: number; what: T }[] = []

  get size(): number {
    return this.#heap.length
  }

  add(at: number, what: T): void {
    const heap = this.#heap
    let child = heap.length
    heap.push({ at, what })
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (this.#at(parent) <= this.#at(child)) return
      this.#swap(parent, child)
      child = parent
    }
  }

  /** Takes out what is due at `now`, the earliest first. */
  *due(now: number): Generator<T> {
    while (this.#heap.length > 0 && this.#at(0) <= now) yield this.#take()
  }

  #take(): T {
    const heap = this.#heap
    this.#swap(0, heap.length - 1)
    const { what } = heap.pop() as { what: T }
    for (let parent = 0; ; ) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2]
      const least = this.#at(right) < this.#at(left) ? right : left
      if (this.#at(parent) <= this.#at(least)) return what
      this.#swap(parent, least)
      parent = least
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap as { at: number; what: T }[]
    const kept = heap[a] as { at: number; what: T }
    heap[a] = heap[b] as { at: number; what: T }
    heap[b] = kept
  }
}
