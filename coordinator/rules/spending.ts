import type { Caps, ExecutorName } from '../../protocol/index.ts'

/** What nodes spent on something, milliseconds of a processor and of a GPU. */
export interface Spent {
  cpuMs: number
  gpuMs: number
}

/** How long an assignment was out, by the coordinator's own clock, and what its verdict says it took. */
export interface Held {
  executor: ExecutorName
  givenAt: number
  deadlineAt: number
  endedAt: number
  /** Null where it ended without a verdict. */
  said: { compileMs: number; runMs: number } | null
}

/**
 * What an assignment cost. A node's own figures never count for more than the time between giving and returning, and of that
 * no more than the deadline allowed. What ended without a verdict counts for all of this time: somebody held it, and nobody
 * knows what was done. A GPU's program is compiled on the processor and runs on the GPU.
 */
export function costOf({ executor, givenAt, deadlineAt, endedAt, said }: Held): Spent {
  const held = Math.max(0, Math.min(endedAt, deadlineAt) - givenAt)
  const onGpu = executor === 'gpu'
  if (said === null) return onGpu ? { cpuMs: 0, gpuMs: held } : { cpuMs: held, gpuMs: 0 }
  const run = Math.min(said.runMs, held)
  const compile = Math.min(said.compileMs, held - run)
  return onGpu ? { cpuMs: compile, gpuMs: run } : { cpuMs: compile + run, gpuMs: 0 }
}

/** One of `many` equal parts; rounded up, so that what is shared is never free. */
export function partOf({ cpuMs, gpuMs }: Spent, many: number): Spent {
  return { cpuMs: Math.ceil(cpuMs / many), gpuMs: Math.ceil(gpuMs / many) }
}

/** What the coordinator's operator allows every round. */
export type RoundCaps = Pick<Caps, 'cpuSeconds' | 'gpuSeconds'>

/** In one sentence which limit has been reached, or null. The operator's own come after those of the round. */
export function capReached(spent: Spent, caps: RoundCaps, operators: RoundCaps = {}): string | null {
  const rows = [
    ['CPU', spent.cpuMs, caps.cpuSeconds, ''],
    ['GPU', spent.gpuMs, caps.gpuSeconds, ''],
    ['CPU', spent.cpuMs, operators.cpuSeconds, ' that this coordinator allows a round'],
    ['GPU', spent.gpuMs, operators.gpuSeconds, ' that this coordinator allows a round'],
  ] as const
  for (const [what, ms, cap, whose] of rows) {
    if (cap !== undefined && ms >= cap * 1000) return `${Math.floor(ms / 1000)} ${what} seconds are used, of ${cap}${whose}`
  }
  return null
}
