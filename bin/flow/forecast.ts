/** How fast a round goes, and how long it may still take. */
export interface Outlook {
  /** Cases judged an hour of late; null while too little is known. */
  casesPerHour: number | null
  /** Until all are judged, and the ends of a 95 % interval of that; `mostMs` is null where it may as well never end. */
  remaining: { ms: number; leastMs: number; mostMs: number | null } | null
}

interface Sample {
  at: number
  judged: number
}

/** No pace is told from less time, or fewer cases. */
const LEAST_MS = 10_000
const LEAST_CASES = 5
/** What was longer ago says little of how things are: nodes come and go. */
const LONGEST_MS = 30 * 60_000
/** Stretches whose paces are compared, for how much they differ; and Student's t for as many, 95 %, two-sided. */
const STRETCHES = 8
const T_95 = 2.365
/** Samples kept; with more, every second one goes. */
const MOST_SAMPLES = 512

/**
 * Tells from the cases judged so far how long the others will take. The latest half of the time is looked at, half an hour at
 * most, in eight stretches: their mean is the pace, and what they differ by its uncertainty, never less than that of a count.
 */
export class Forecast {
  #samples: Sample[] = []

  /** @param at of a clock that never goes back, milliseconds */
  note(at: number, judged: number): void {
    this.#samples.push({ at, judged })
    if (this.#samples.length > MOST_SAMPLES) this.#samples = this.#samples.filter((_, index) => index % 2 === 1)
  }

  /** What was before says nothing of what comes: the round was paused, or out of sight. */
  reset(): void {
    this.#samples = []
  }

  /** @param left cases that are not judged */
  outlook(left: number): Outlook {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    const unknown = { casesPerHour: null, remaining: null }
    if (first === undefined || last === undefined) return unknown
    const span = Math.min(LONGEST_MS, Math.max(LEAST_MS, (last.at - first.at) / 2))
    const from = last.at - span
    const judged = last.judged - this.#judgedAt(from)
    if (from < first.at || judged < LEAST_CASES) return unknown
    const paces = Array.from({ length: STRETCHES }, (_, index) => {
      const [begin, end] = [index, index + 1].map((step) => this.#judgedAt(from + (step * span) / STRETCHES))
      return ((end as number) - (begin as number)) / (span / STRETCHES)
    })
    const pace = judged / span
    const error = T_95 * Math.max(spread(paces) / Math.sqrt(STRETCHES), Math.sqrt(judged) / span)
    return {
      casesPerHour: pace * 3_600_000,
      remaining: {
        ms: left / pace,
        leastMs: left / (pace + error),
        mostMs: pace > error ? left / (pace - error) : null,
      },
    }
  }

  /** How many were judged at a time, evenly between two samples. */
  #judgedAt(at: number): number {
    const next = this.#samples.findIndex((sample) => sample.at >= at)
    const after = this.#samples[next]
    const before = this.#samples[next - 1]
    if (after === undefined) return this.#samples.at(-1)?.judged ?? 0
    if (before === undefined || after.at === before.at) return after.judged
    return before.judged + ((after.judged - before.judged) * (at - before.at)) / (after.at - before.at)
  }
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
