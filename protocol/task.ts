import { z } from 'zod'
import { encodeCanonical } from './canonical.ts'
import { CidText, cidOf } from './content.ts'
import { MAX_OUTPUT_BYTES, MAX_TEST_MEMORY_BYTES, MAX_TEST_WALL_MS } from './limits.ts'

/** What runs a program: `host` the C++ side, `emulated` and `gpu` the CUDA side. */
export const ExecutorName = z.enum(['host', 'emulated', 'gpu'])
export type ExecutorName = z.infer<typeof ExecutorName>

/**
 * Which look is taken at a program. `plain` is what the reference does; all others but `coverage` are the strict passes, each a task and
 * a ballot of its own:
 * - `isolated`: built apart from the harness, uninitialised memory filled with another pattern; values at full precision, whether a
 *   kernel did the work, CUDA errors nobody read;
 * - `sanitized`: built with address and undefined-behaviour sanitizers; on a GPU under compute-sanitizer's memcheck and initcheck;
 * - `races`: every access of a kernel checked against those of other threads; on a GPU under its racecheck.
 *
 * `coverage` says which lines of the original a test reaches: no rule asks for it, a round may.
 */
export const Pass = z.enum(['plain', 'isolated', 'sanitized', 'races', 'coverage'])
export type Pass = z.infer<typeof Pass>

/** The passes that say what the strict rule needs to know beside the plain run. */
export const StrictPass = Pass.exclude(['plain', 'coverage'])
export type StrictPass = z.infer<typeof StrictPass>

/** The passes that come after the plain run, where it has shown that there is something to look at. */
export const LaterPass = Pass.exclude(['plain'])
export type LaterPass = z.infer<typeof LaterPass>

/** The strict passes there are for each executor: what is asked of a program where a round wants them all. */
export const STRICT_PASSES: Readonly<Record<ExecutorName, readonly StrictPass[]>> = {
  host: ['isolated', 'sanitized'],
  emulated: ['isolated', 'sanitized', 'races'],
  gpu: ['isolated', 'sanitized', 'races'],
}

/** What a program may use. Never 0, never unlimited. */
export const RunLimits = z.strictObject({
  /** Wall time of one test, milliseconds. */
  wallMs: z.int().min(100).max(MAX_TEST_WALL_MS),
  /** Memory of one test, all its processes, bytes. */
  memoryBytes: z
    .int()
    .min(64 * 1024 * 1024)
    .max(MAX_TEST_MEMORY_BYTES),
  /** Standard output of one test, bytes. */
  outputBytes: z.int().min(1).max(MAX_OUTPUT_BYTES),
})
export type RunLimits = z.infer<typeof RunLimits>

/** A program to be run by one kind of executor, in one pass, under given limits. */
export const Task = z.strictObject({
  program: CidText,
  executor: ExecutorName,
  pass: Pass,
  limits: RunLimits,
})
export type Task = z.infer<typeof Task>

/** What a node must be able to do to take a task. */
export function abilityFor({ executor, pass }: Pick<Task, 'executor' | 'pass'>): string {
  return `${executor}/${pass}`
}

/** A task's name: the same work under the same limits has the same name in every round. */
export async function taskId(task: Task): Promise<string> {
  return await cidOf(encodeCanonical(task), 'dag-cbor')
}
