/** So many are held before it is looked for those of no use: less are not worth it. */
const LEAST_SWEPT = 4096

/** Things that are due at some time, the earliest first: a binary heap. Adding and taking cost the logarithm of what is held. */
export class Timetable<T> {
  #heap: { at: number; what: T }[] = []
  /** Above so many it is worth looking for what is of no use any more. */
  #sweepAt = LEAST_SWEPT

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

  /**
   * Drops what is not wanted any more, now and then: what is due late, such as the deadline of a task that was done at once, would
   * be held until then. At most as many again are held as were wanted the last time, and `LEAST_SWEPT`.
   */
  sweep(isWanted: (what: T) => boolean): void {
    if (this.#heap.length < this.#sweepAt) return
    // In the order of their times a list is a heap.
    this.#heap = this.#heap.filter(({ what }) => isWanted(what)).sort((a, b) => a.at - b.at)
    this.#sweepAt = 2 * this.#heap.length + LEAST_SWEPT
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
