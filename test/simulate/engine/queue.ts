import type { Clock } from '../../../coordinator/clock.ts'

interface Entry {
  at: number
  /** Order of scheduling: what falls on the same instant happens in this order. */
  order: number
  happen: () => void | Promise<void>
}

/**
 * Simulated time and what is to happen in it: a binary heap of callbacks. Time jumps from one to the next, so a day of
 * a swarm takes as long as its events take to work out. Equal schedules run in the same order every time.
 */
export class EventQueue implements Clock {
  readonly #heap: Entry[] = []
  #now: number
  #order = 0

  /** @param startAt milliseconds since 1970 */
  constructor(startAt: number) {
    this.#now = startAt
  }

  /** Milliseconds since 1970, simulated. */
  now(): number {
    return this.#now
  }

  get size(): number {
    return this.#heap.length
  }

  /** Has something happen `delayMs` from now; not before now. */
  after(delayMs: number, happen: () => void | Promise<void>): void {
    this.#push({ at: this.#now + Math.max(0, delayMs), order: this.#order++, happen })
  }

  /** Takes the next step, and waits for it where it has to be waited for. @throws when nothing is left to happen */
  step(): void | Promise<void> {
    const next = this.#pop()
    if (next === undefined) throw new RangeError('nothing is left to happen')
    this.#now = next.at
    return next.happen()
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent] as Entry)) break
      heap[at] = heap[parent] as Entry
      at = parent
    }
    heap[at] = entry
  }

  #pop(): Entry | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    this.#sink(last)
    return first
  }

  /** Puts an entry in at the top and lets it sink to its place. */
  #sink(entry: Entry): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = child + 1
      if (right < heap.length && before(heap[right] as Entry, heap[child] as Entry)) child = right
      if (!before(heap[child] as Entry, entry)) break
      heap[at] = heap[child] as Entry
      at = child
    }
    heap[at] = entry
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
