/** What was done in one stretch of time: verdicts that came in, and tasks that were decided. */
export interface Done {
  verdicts: number
  tasks: number
}

export const SCALES = ['hour', 'day', 'month'] as const
export type Scale = (typeof SCALES)[number]

/** Length of one stretch, milliseconds, and how many of them are kept: an hour by minutes, a day by quarters of an hour, a month by six hours. */
export const STRETCHES: Readonly<Record<Scale, { ms: number; kept: number }>> = {
  hour: { ms: 60_000, kept: 61 },
  day: { ms: 900_000, kept: 97 },
  month: { ms: 21_600_000, kept: 121 },
}

/** As it is kept: by scale the number of each stretch since 1970, in order, and what was done in it. */
export type KeptThroughput = Record<Scale, [stretch: number, verdicts: number, tasks: number][]>

/**
 * How much was done when, at three scales, each a bounded number of stretches: a part of the fold, so that it is as durable as
 * the log is. Time is that of the events; what is older than all that is kept is left out.
 */
export class Throughput {
  readonly #stretches: Record<Scale, Map<number, Done>> = { hour: new Map(), day: new Map(), month: new Map() }

  static from(kept: KeptThroughput): Throughput {
    const made = new Throughput()
    for (const scale of SCALES) {
      for (const [stretch, verdicts, tasks] of kept[scale]) made.#stretches[scale].set(stretch, { verdicts, tasks })
    }
    return made
  }

  get kept(): KeptThroughput {
    const of = (scale: Scale): KeptThroughput[Scale] =>
      [...this.#stretches[scale]].map(([stretch, { verdicts, tasks }]) => [stretch, verdicts, tasks])
    return { hour: of('hour'), day: of('day'), month: of('month') }
  }

  count(what: keyof Done, at: number): void {
    for (const scale of SCALES) this.#at(scale, at)[what]++
  }

  /** What was done in the stretches that end with the one of `now`, the oldest first; `at` is where each begins. */
  series(scale: Scale, now: number): (Done & { at: number })[] {
    const { ms, kept } = STRETCHES[scale]
    const last = Math.floor(now / ms)
    return Array.from({ length: kept }, (_, place) => {
      const stretch = last - kept + 1 + place
      return { at: stretch * ms, ...(this.#stretches[scale].get(stretch) ?? { verdicts: 0, tasks: 0 }) }
    })
  }

  /** Tasks decided in the day that ends with `now`, by quarters of an hour. */
  lastDay(now: number): number {
    return this.series('day', now).reduce((sum, { tasks }) => sum + tasks, 0)
  }

  /** Tasks decided a second, over the last minute: of the one before as much as is not over yet. */
  rate(now: number): number {
    const { ms } = STRETCHES.hour
    const [before, current] = this.series('hour', now).slice(-2) as unknown as [Done, Done]
    return (current.tasks + before.tasks * (1 - (now % ms) / ms)) / (ms / 1000)
  }

  #at(scale: Scale, at: number): Done {
    const stretches = this.#stretches[scale]
    const { ms, kept } = STRETCHES[scale]
    const stretch = Math.floor(at / ms)
    const known = stretches.get(stretch)
    if (known !== undefined) return known
    const done = { verdicts: 0, tasks: 0 }
    stretches.set(stretch, done)
    // A clock that was set back makes no older stretches last.
    if (stretches.size > kept) stretches.delete(Math.min(...stretches.keys()))
    return done
  }
}
