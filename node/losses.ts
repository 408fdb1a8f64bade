/** Lost tasks in a row after which a node pauses itself. */
export const LOST_IN_A_ROW = 5
/** Its first pause; each further one without a finished task in between is twice as long, up to the longest. */
export const FIRST_PAUSE_MS = 60 * 60_000
export const LONGEST_PAUSE_MS = 24 * 60 * 60_000

/** A pause that the node has made by itself; milliseconds since 1970. */
export interface OwnPause {
  since: number
  until: number
  why: string
}

/**
 * Tasks that were lost, one after the other: faults of this machine, verdicts that were refused, work past its deadline. A machine
 * that loses everything is of no use to anybody and is rather left alone, until somebody has looked or a while has passed.
 */
export class Losses {
  readonly #now: () => number
  #inARow = 0
  #pauses = 0
  #pause: OwnPause | null = null
  #last = ''

  /** @param now milliseconds since 1970; @default `Date.now` */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** The pause that holds now, or null. */
  get pause(): OwnPause | null {
    if (this.#pause !== null && this.#now() >= this.#pause.until) this.#pause = null
    return this.#pause
  }

  /** A task was lost, in words. @returns the pause that begins with it, if one does */
  lost(how: string): OwnPause | null {
    this.#last = how
    if (++this.#inARow < LOST_IN_A_ROW || this.pause !== null) return null
    const since = this.#now()
    const forMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#pauses++, LONGEST_PAUSE_MS)
    this.#inARow = 0
    this.#pause = { since, until: since + forMs, why: `${LOST_IN_A_ROW} tasks in a row were lost, the last one: ${this.#last}` }
    return this.#pause
  }

  /** One was not. */
  kept(): void {
    this.#inARow = 0
    this.#pauses = 0
  }

  /** The owner wants it to go on. */
  resume(): void {
    this.#inARow = 0
    this.#pause = null
  }
}
