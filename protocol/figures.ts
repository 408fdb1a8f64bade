import { z } from 'zod'
import { ExecutorName, Pass, STRICT_PASSES } from './task.ts'

const count = z.int().nonnegative()
const KINDS = Object.values(STRICT_PASSES).reduce((sum, passes) => sum + passes.length + 1, 0)

/** What tasks of one executor and pass came to, over the cases that were looked at. */
export const KindFigures = z.strictObject({
  executor: ExecutorName,
  pass: Pass,
  tasks: count,
  verdicts: count,
  /** What compiling and running took, over all verdicts. */
  cpuMs: count,
  gpuMs: count,
})
export type KindFigures = z.infer<typeof KindFigures>

/**
 * What a coordinator knows of rounds like one that somebody thinks of: with the same executor and strict passes, whoever's, as far as
 * anybody may know of them. From judged cases of the latest of these.
 */
export const SwarmFigures = z.strictObject({
  rounds: count,
  cases: count,
  kinds: z.array(KindFigures).max(KINDS),
  /** Of these, what rounds with the same policy came to: verdicts a task are verdicts by tasks. */
  samePolicy: z.strictObject({ tasks: count, verdicts: count }),
  /** Connected now, and able to serve it; and how many programs they run at a time, all together, as far as they have said. */
  nodes: count,
  slots: count,
})
export type SwarmFigures = z.infer<typeof SwarmFigures>
