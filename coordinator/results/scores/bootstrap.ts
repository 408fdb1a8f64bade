import { seeded } from './seeded.ts'

/** Share of the resampled means that lies inside an interval. */
export const LEVEL = 0.95
/** As many as percentiles of this level are usually taken from. */
export const RESAMPLES = 1000
/** Past this many values the normal interval is given, to which the bootstrap's converges: drawing would only cost time. */
export const MAX_RESAMPLED = 10_000
/** Equal values give equal intervals, so that files are the same to the byte. */
const SEED = 0x5c0e5

/** The normal distribution's 97.5th percentile. */
const NORMAL_QUANTILE = 1.959963984540054

export interface Interval {
  low: number
  high: number
}

/**
 * Intervals of the means of several figures of the same things: `classes[c][f]` is figure f of a thing of class c, of which there are
 * `sizes[c]`. Things are drawn with putting back, as many as there are, all figures of a thing together; an interval goes
 * from the 2.5th to the 97.5th percentile of the means (the percentile bootstrap: Efron and Tibshirani, "An Introduction
 * to the Bootstrap", 1993, chapter 13). Seeded, so always the same. Null where there are fewer than two things: one says nothing of how
 * others would have come out.
 */
export function intervals(classes: readonly (readonly number[])[], sizes: readonly number[]): (Interval | null)[] {
  const figures = classes[0]?.length ?? 0
  const things = sizes.reduce((sum, size) => sum + size, 0)
  if (things < 2) return Array.from({ length: figures }, () => null)
  if (things > MAX_RESAMPLED) return Array.from({ length: figures }, (_, figure) => normal(classes, sizes, figure, things))
  const means = Array.from({ length: figures }, () => new Float64Array(RESAMPLES))
  for (const [at, counts] of resampled(sizes, things)) {
    for (const [figure, values] of means.entries()) values[at] = mean(classes, counts, figure, things)
  }
  return means.map((values) => {
    values.sort()
    return { low: quantile(values, (1 - LEVEL) / 2), high: quantile(values, (1 + LEVEL) / 2) }
  })
}

/** Draws `things` things `RESAMPLES` times; gives how many of each class came. The array is used again. */
function* resampled(sizes: readonly number[], things: number): Generator<[number, Float64Array]> {
  const classOf = new Uint32Array(things)
  let next = 0
  for (const [one, size] of sizes.entries()) {
    classOf.fill(one, next, next + size)
    next += size
  }
  const random = seeded(SEED)
  const counts = new Float64Array(sizes.length)
  for (let at = 0; at < RESAMPLES; at++) {
    counts.fill(0)
    for (let draw = 0; draw < things; draw++) {
      const one = classOf[Math.floor(random() * things)] as number
      counts[one] = (counts[one] as number) + 1
    }
    yield [at, counts]
  }
}

function mean(classes: readonly (readonly number[])[], counts: ArrayLike<number>, figure: number, things: number): number {
  let sum = 0
  for (let one = 0; one < counts.length; one++) sum += (counts[one] as number) * (classes[one]?.[figure] as number)
  return sum / things
}

function normal(classes: readonly (readonly number[])[], sizes: readonly number[], figure: number, things: number): Interval {
  const middle = mean(classes, sizes, figure, things)
  const squares = classes.reduce(
    (sum, values, one) => sum + (sizes[one] as number) * ((values[figure] as number) - middle) ** 2,
    0,
  )
  const reach = (NORMAL_QUANTILE * Math.sqrt(squares / things)) / Math.sqrt(things)
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) }
}

/** Between the two values beside the place the share falls on, in proportion. */
function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const [low, high] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number]
  return low + (high - low) * (place - below)
}
