import { z } from 'zod'
import { encodeCanonical } from './canonical.ts'
import { CidText, cidOf } from './content.ts'
import { MAX_OUTPUT_BYTES, MAX_TEST_MEMORY_BYTES, MAX_TEST_WALL_MS } from './limits.ts'

/** What runs a program: `host` the C++ side, `emulated` and `gpu` the CUDA side. */
export const ExecutorName = z.enum(['host', 'emulated', 'gpu'])
export type ExecutorName = z.infer<typeof ExecutorName>

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

/** A program to be run by one kind of executor under given limits. */
export const Task = z.strictObject({
  program: CidText,
  executor: ExecutorName,
  limits: RunLimits,
})
export type Task = z.infer<typeof Task>

/** A task's name: the same work under the same limits has the same name in every round. */
export async function taskId(task: Task): Promise<string> {
  return await cidOf(encodeCanonical(task), 'dag-cbor')
}
