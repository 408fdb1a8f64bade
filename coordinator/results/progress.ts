import { type Snapshot, viewsOf } from './snapshot.ts'

/** Points of the curve at most. */
const MAX_POINTS = 200

/**
 * How a round came along: [seconds since it was opened, cases whose last verdict was in by then], in rising order, the first at 0.
 * What was decided before it was opened, since other rounds share it, counts there.
 */
export function progressOf({ items, round }: Snapshot): [seconds: number, cases: number][] {
  const times = items.flatMap((item) => {
    if (item.judgement === null) return []
    let last = round.openedAt
    for (const { votes } of viewsOf(item)) for (const { at } of votes) last = Math.max(last, at)
    return (last - round.openedAt) / 1000
  })
  times.sort((a, b) => a - b)
  const points = Math.min(MAX_POINTS, times.length)
  const curve = Array.from({ length: points }, (_, point): [number, number] => {
    const cases = Math.ceil(((point + 1) / points) * times.length)
    return [times[cases - 1] as number, cases]
  })
  return [[0, 0], ...curve]
}
