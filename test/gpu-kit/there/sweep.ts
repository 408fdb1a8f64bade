import type { Program } from '../../../protocol/index.ts'
import type { TestRun } from '../../../sandbox/index.ts'
import type { KitGpu, RunOptions } from './kit-gpu.ts'
import type { Stand } from './stand.ts'

/** A program that would run for long is not what is measured here. */
const LIMITS = { wallMs: 20_000, memoryBytes: 2 * 1024 ** 3, outputBytes: 1024 ** 2 }

/**
 * Runs programs on the GPU until the part's time is over: as many at a time as there are processors to prepare them, while the GPU
 * runs one. What a program came to is handed on at once. Returns those there was no time for.
 */
export async function sweep<T extends { program: Program }>(
  gpu: KitGpu,
  { signal }: Stand,
  items: readonly T[],
  options: Pick<RunOptions, 'pass' | 'ways'>,
  done: (item: T, runs: TestRun[]) => void,
): Promise<T[]> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      if (signal.aborted) return void left.push(item)
      try {
        done(item, await gpu.run(item.program, { ...options, limits: LIMITS, signal }))
      } catch (error) {
        left.push(item)
        if (signal.aborted) return
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: gpu.atATime }, worker))
  return left
}

/** Middle and 95 of 100, milliseconds. */
export function spread(times: readonly number[]): { median: number | null; p95: number | null } {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
  return { median: at(0.5), p95: at(0.95) }
}
