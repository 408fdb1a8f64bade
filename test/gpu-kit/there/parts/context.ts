import { ROUND_DEFAULTS } from '../../../../protocol/index.ts'
import { openKitGpu } from '../kit-gpu.ts'
import { RIGHT } from '../more-programs.ts'
import { type Part, pass } from '../stand.ts'
import { spread } from '../sweep.ts'

const PROBES = 7
const RUNS = 12

/**
 * What a context takes, and how much of it is hidden: the same small program again and again, one alone at a time, and with the
 * next one making its context meanwhile.
 */
export const context: Part = async (stand) => {
  await using gpu = await openKitGpu(stand)
  const probes = await times(PROBES, 1, stand.signal, async () => void (await gpu.wrong(stand.signal)))
  const options = { pass: 'plain' as const, ways: ['fast', 'own'] as const, limits: ROUND_DEFAULTS.limits, signal: stand.signal }
  const inTurn: number[] = []
  const run = async () => {
    const [test] = await gpu.run(RIGHT.program, options)
    if (test !== undefined) inTurn.push(test.wallMs)
  }
  const alone = await times(RUNS, 1, stand.signal, run)
  const ahead = await times(RUNS, gpu.atATime, stand.signal, run)
  stand.figures({
    'a process that makes a context and runs a kernel, median, ms': spread(probes.each).median,
    'a program one after the other, ms each': alone.ms / Math.max(1, alone.each.length),
    'a program with the next one’s context ahead, ms each': ahead.ms / Math.max(1, ahead.each.length),
    'of that in its turn on the GPU, median, ms': spread(inTurn).median,
  })
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
