import { availableParallelism } from 'node:os'
import { ROUND_DEFAULTS } from '../../../../protocol/index.ts'
import { probeBare } from '../bare.ts'
import { BEST_AT_A_TIME, openKitGpu } from '../kit-gpu.ts'
import { RIGHT } from '../more-programs.ts'
import { type Part, pass } from '../stand.ts'
import { spread } from '../sweep.ts'

const PROBES = 5
/** Programs under way; the device runs one, the others make their contexts. */
const AT_A_TIME = [1, 2, 4, 8] as const
/** Less than this is no gain: every context takes some of the GPU's memory. */
const GAIN = 0.9

/**
 * What a context takes, with a jail and without, and how much of it is hidden where the next programs make theirs while one has the
 * GPU: the same small program again and again. The parts after this one take what was quickest.
 */
export const context: Part = async (stand) => {
  const { signal, places, figures } = stand
  {
    await using gpu = await openKitGpu(stand)
    const jailed = await times(PROBES, 1, signal, async () => void (await gpu.wrong(signal)))
    const bare = await times(PROBES, 1, signal, async () => void (await probeBare(gpu.means, places, signal)))
    figures({
      'a process that makes a context and runs a kernel, median, ms': spread(jailed.each).median,
      'the same without a jail, median, ms': spread(bare.each).median,
    })
  }
  let best = { atATime: 1, ms: Number.POSITIVE_INFINITY }
  for (const atATime of AT_A_TIME) {
    if (atATime > Math.max(2, availableParallelism()) || signal.aborted) break
    await using gpu = await openKitGpu(stand, { atATime })
    const inTurn: number[] = []
    const run = async () => {
      const options = { pass: 'plain', ways: ['fast', 'own'], limits: ROUND_DEFAULTS.limits, signal } as const
      const [test] = await gpu.run(RIGHT.program, options)
      if (test !== undefined) inTurn.push(test.wallMs)
    }
    const { each, ms } = await times(6 + 2 * atATime, atATime, signal, run)
    const one = ms / Math.max(1, each.length)
    if (one < best.ms * GAIN) best = { atATime, ms: one }
    figures({
      [`a program with ${atATime} at a time, ms each`]: one,
      [`of that in its turn on the GPU, ${atATime} at a time, median, ms`]: spread(inTurn).median,
      [BEST_AT_A_TIME]: best.atATime,
    })
  }
  return pass()
}

/** Does it so often, so many at a time; what each took, and all together. */
async function times(
  count: number,
  atATime: number,
  signal: AbortSignal,
  one: () => Promise<void>,
): Promise<{ each: number[]; ms: number }> {
  const each: number[] = []
  const startedAt = performance.now()
  let left = count
  const worker = async () => {
    while (left-- > 0 && !signal.aborted) {
      const begun = performance.now()
      await one()
      each.push(performance.now() - begun)
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker))
  return { each, ms: performance.now() - startedAt }
}
