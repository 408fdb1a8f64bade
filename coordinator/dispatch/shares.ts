/** What is known of a round when it is decided whose turn it is. */
export interface Sharing {
  id: string
  owner: string
  /** What the owner gets, compared with others. */
  share: number
  spec: { priority: number }
}

/** Most keys remembered before those that make no difference any more are dropped. */
const REMEMBERED = 256

/**
 * Who had how much lately, by start-time fair queueing (Goyal, Vin, Cheng: "Start-time Fair Queuing", SIGCOMM 1996): the
 * next is whoever has the least; who was away, or new, starts where the others stand, and is owed nothing.
 */
class Tally {
  readonly #had = new Map<string, number>()
  /** Where whoever was served last stood. */
  #stand = 0

  of(key: string): number {
    return Math.max(this.#stand, this.#had.get(key) ?? 0)
  }

  charge(key: string, cost: number): void {
    this.#stand = this.of(key)
    this.#had.delete(key)
    this.#had.set(key, this.#stand + cost)
    if (this.#had.size <= REMEMBERED) return
    for (const [other, had] of this.#had) if (had <= this.#stand) this.#had.delete(other)
  }
}

/**
 * Whose turn it is. Researchers share alike, or as the coordinator's operator says, by the time their tasks are expected
 * to take. Of one researcher's rounds those of the highest priority come first, and those of one priority share alike.
 */
export class Shares {
  readonly #owners = new Tally()
  readonly #rounds = new Map<string, Tally>()

  /** Rounds, those first whose turn it is. */
  inOrder<R extends Sharing>(rounds: Iterable<R>): R[] {
    return [...rounds].sort((a, b) => {
      if (a.owner !== b.owner) return this.#owners.of(a.owner) - this.#owners.of(b.owner) || (a.owner < b.owner ? -1 : 1)
      const tally = this.#rounds.get(a.owner)
      return b.spec.priority - a.spec.priority || (tally?.of(a.id) ?? 0) - (tally?.of(b.id) ?? 0)
    })
  }

  /** Something of a round was given out that is expected to take so many milliseconds. */
  charge({ id, owner, share }: Sharing, costMs: number): void {
    this.#owners.charge(owner, costMs / share)
    let tally = this.#rounds.get(owner)
    if (tally === undefined) {
      tally = new Tally()
      this.#rounds.set(owner, tally)
      const [oldest = ''] = this.#rounds.keys()
      if (this.#rounds.size > REMEMBERED) this.#rounds.delete(oldest)
    }
    tally.charge(id, costMs)
  }
}
