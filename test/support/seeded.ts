import { seeded } from '../../coordinator/results/scores/seeded.ts'

/** The generator that resamples scores: here a seed names a course of events. */
export { seeded }

/** The same items in an order that follows from the seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seeded(seed)
  const lots = items.map((item) => ({ item, lot: random() }))
  return lots.sort((a, b) => a.lot - b.lot).map(({ item }) => item)
}
