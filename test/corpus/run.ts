import { availableParallelism } from 'node:os'
import type { Program, RunLimits } from '../../protocol/index.ts'
import type { Sandbox, TestRun } from '../../sandbox/index.ts'

/** Enough for every program of the corpus on a slow machine, and no more. */
export const CORPUS_LIMITS: RunLimits = { wallMs: 20_000, memoryBytes: 256 * 1024 ** 2, outputBytes: 64 * 1024 }

/** The parts of a case that make the program of its CUDA side. */
export interface CudaTexts {
  cuda_code: string
  cuda_wrapper: string
  consistent_cuda_inputs: string[]
}

export function cudaProgram({ cuda_code, cuda_wrapper, consistent_cuda_inputs }: CudaTexts): Program {
  return { v: 1, side: 'cuda', code: cuda_code, wrapper: cuda_wrapper, tests: consistent_cuda_inputs }
}

/** Runs programs on the emulated executor, as many at a time as there are processors, and hands each result on as it comes. */
export async function runEmulated<T extends CudaTexts>(
  sandbox: Sandbox,
  cases: readonly T[],
  onDone: (one: T, tests: TestRun[]) => void,
): Promise<void> {
  const { signal } = new AbortController()
  const waiting = cases.values()
  const worker = async () => {
    for (const one of waiting) {
      const { tests } = await sandbox.execute(cudaProgram(one), 'emulated', CORPUS_LIMITS, { signal })
      onDone(one, tests)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker))
}
