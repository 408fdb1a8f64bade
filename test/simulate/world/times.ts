import type { ExecutorName, Pass } from '../../../protocol/index.ts'
import recorded from './times.json' with { type: 'json' }

/** Milliseconds of recorded tasks, compile and tests together, in ascending order, by executor and pass. */
export type RecordedTimes = Partial<Record<ExecutorName, Partial<Record<Pass, number[]>>>>

/** One of the recorded times of an executor and pass: the one at a share from 0 to less than 1 of them in ascending order. */
export function taskMs(executor: ExecutorName, pass: Pass, share: number): number {
  const times = (recorded as RecordedTimes)[executor]?.[pass] ?? []
  const time = times[Math.floor(share * times.length)]
  if (time === undefined) throw new RangeError(`no recorded time of ${executor}/${pass}`)
  return time
}
