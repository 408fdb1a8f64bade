import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { compatEqual, ROUND_DEFAULTS } from '../../../../protocol/index.ts'
import { createSandbox, type MachineSandbox } from '../../../../sandbox/index.ts'
import { find } from '../../../../sandbox/toolchain/find.ts'
import { findNvcc } from '../../../../sandbox/toolchain/nvcc/find.ts'
import { type KitCase, nameOf, readCases } from '../cases.ts'
import { recall } from '../kept.ts'
import { Reference } from '../reference.ts'
import { failed, leftOut, type Part, pass, type Stand } from '../stand.ts'

/** Of the time there is, after opening the sandbox: the reference one after the other, with workers, and ours. */
const SHARES = { alone: 0.3, workers: 0.25, ours: 0.3 } as const
const HOUR_MS = 3_600_000

/** How many cases were done in how long; a case of which some tests are done counts as that share of itself. */
interface Rate {
  cases: number
  ms: number
}

/**
 * Whole cases an hour, both sides, compiled here and run on this GPU: in the reference's way, as it does it (one after the other) and with
 * as many workers as there are processors, and in ours on the same processors, every program in its jail, nothing compiled before.
 * The cases are the same and in the same order. What is printed is compared with what the kit's own products printed.
 */
export const rate: Part = async (stand) => {
  const [nvcc, compiler] = [await findNvcc(), await find('g++')]
  if (nvcc === null || compiler === null) return leftOut(`${nvcc === null ? 'no nvcc' : 'no g++'} on this machine`)
  const sandbox = await createSandbox({ cacheDir: join(stand.places.work, 'cache') })
  if (!sandbox.executors.includes('gpu')) return failed('nvcc and g++ are here, and the sandbox has no GPU')
  const cases = readCases(join(stand.places.work, 'project', 'cases.jsonl')).filter(({ set }) => set !== 'examples')
  const budget = stand.leftMs()
  const reference = (worker: string) =>
    new Reference({ folder: join(stand.places.work, 'reference', worker), nvcc: nvcc.path, compiler })
  const cores = availableParallelism()

  const alone = await measure(cases, 1, budget * SHARES.alone, stand, (worker) => byReference(reference(`alone-${worker}`)))
  const workers = await measure(cases, cores, budget * SHARES.workers, stand, (worker) =>
    byReference(reference(`worker-${worker}`)),
  )
  const ours = await measure(cases, cores, budget * SHARES.ours, stand, () => bySandbox(sandbox, stand))
  const [one, many, own] = [perHour(alone), perHour(workers), perHour(ours)]
  stand.figures({
    cores,
    'reference, one after the other, cases an hour': one,
    'reference, as many workers as cores, cases an hour': many,
    'ours, cases an hour': own,
    'ours to the reference as it is': one === 0 ? null : own / one,
    'ours to the reference with workers': many === 0 ? null : own / many,
    'cases done by the reference': alone.cases,
    'cases done by the reference with workers': workers.cases,
    'cases done by ours': ours.cases,
  })
  return ours.cases === 0 ? failed('no case was done in our way') : pass()
}

type Way = (one: KitCase, signal: AbortSignal, count: (share: number) => void) => Promise<void>

function byReference(reference: Reference): Way {
  return async (one, signal, count) => {
    await reference.cpp(one.original, signal)
    count(0.5)
    await reference.cuda(one.program, signal)
    count(0.5)
  }
}

function bySandbox(sandbox: MachineSandbox, { places, row }: Stand): Way {
  const before = recall(places, 'plain')
  return async (one, signal, count) => {
    const { limits } = ROUND_DEFAULTS
    const [, { tests }] = await Promise.all([
      sandbox.execute(one.original, 'host', limits, { signal }),
      sandbox.execute(one.program, 'gpu', limits, { signal }),
    ])
    count(1)
    for (const [at, { status, output, detail }] of tests.entries()) {
      const other = before[nameOf(one)]?.[at]
      if (other === undefined || (other.status === status && compatEqual(output, Buffer.from(other.output, 'base64')))) continue
      row({
        name: `${nameOf(one, at)} built here and in the kit`,
        outcome: 'fail',
        detail: `${status} ${detail} here, ${other.status} by the kit`,
      })
    }
  }
}

/** Works through the cases until the time is over; what is begun then does not count beyond what is done of it. */
async function measure(
  cases: readonly KitCase[],
  workers: number,
  ms: number,
  { signal }: Stand,
  wayOf: (worker: number) => Way,
): Promise<Rate> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.floor(ms)))])
  const waiting = cases.values()
  const startedAt = performance.now()
  let done = 0
  const work = async (worker: number) => {
    const way = wayOf(worker)
    for (const one of waiting) {
      if (stop.aborted) return
      await way(one, stop, (share) => {
        if (!stop.aborted) done += share
      }).catch((error) => {
        if (!stop.aborted) throw error
      })
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  return { cases: done, ms: performance.now() - startedAt }
}

function perHour({ cases, ms }: Rate): number {
  return (cases * HOUR_MS) / ms
}
