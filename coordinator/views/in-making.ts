import { Breath } from '../breath.ts'
import type { Making, ViewChange } from './views.ts'

/** For so long records are made at a time. */
const RECORDS_MS = 2

/** Records that are made bit by bit, as others let it. */
export class RecordsInMaking {
  readonly #makings: readonly Making[]
  readonly #made: ViewChange[] = []
  /** All of them, when they are made; not where they were asked for before. */
  readonly made: Promise<ViewChange[]>

  constructor(makings: readonly Making[]) {
    this.#makings = makings
    this.made = this.#make()
  }

  /** Makes now what is left. @returns all of them */
  finish(): ViewChange[] {
    while (this.#next());
    return this.#made
  }

  async #make(): Promise<ViewChange[]> {
    const breath = new Breath(RECORDS_MS)
    do {
      if (breath.due) await breath.take()
    } while (this.#next())
    return this.#made
  }

  #next(): boolean {
    const make = this.#makings[this.#made.length]
    if (make === undefined) return false
    this.#made.push(make())
    return true
  }
}
