import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { compatEqual, ROUND_DEFAULTS } from '../../../../protocol/index.ts'
import { openJail } from '../../../../sandbox/executor/open.ts'
import { projectComposer } from '../../../../sandbox/executor/project-composer.ts'
import type { GpuBuilder } from '../../../../sandbox/gpu/build/index.ts'
import { createSandbox, type Sandbox, type SandboxInit } from '../../../../sandbox/index.ts'
import { find } from '../../../../sandbox/toolchain/find.ts'
import { findNvcc } from '../../../../sandbox/toolchain/nvcc/find.ts'
import { openBuilder } from '../builder.ts'
import { type KitCase, nameOf, readCases } from '../cases.ts'
import { recall } from '../kept.ts'
import { type KitGpu, openKitGpu } from '../kit-gpu.ts'
import { Reference } from '../reference.ts'
import { failed, leftOut, type Part, pass, type Stand } from '../stand.ts'

/** Of the time there is, after opening the sandbox: the reference one after the other, with workers, and ours. */
const SHARES = { alone: 0.3, workers: 0.25, ours: 0.35 } as const
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
 *
 * Both compile, so both need compilers. Programs of the reference's that were compiled where the kit was made would leave out nearly
 * all that its way costs; what its other half takes, a process with a context, is in the part `context`.
 */
export const rate: Part = async (stand) => {
  const { places, figures, row } = stand
  const [nvcc, compiler] = [await findNvcc(), await find('g++')]
  if (nvcc === null || compiler === null) {
    const missing = [...(nvcc === null ? ['nvcc'] : []), ...(compiler === null ? ['g++'] : [])].join(' and ')
    return leftOut(`${missing} not on this machine: neither way can compile here, so cases an hour cannot be measured`)
  }
  const openedAt = performance.now()
  await using gpu = await openKitGpu(stand)
  const cacheDir = join(places.work, 'cache')
  const init: SandboxInit = { cacheDir, bubblewrap: gpu.means.bubblewrap, gpu: 'never', nvcc: 'never' }
  const builder = await openBuilder(await openJail({ composer: projectComposer }, init), nvcc, cacheDir)
  const sandbox = await createSandbox(init)
  const cores = availableParallelism()
  figures({ cores, 'preparing headers and loader once, s': (performance.now() - openedAt) / 1000 })

  const cases = readCases(join(places.work, 'project', 'cases.jsonl')).filter(({ set }) => set !== 'examples')
  const budget = stand.leftMs()
  const reference = (name: string) =>
    byReference(new Reference({ folder: join(places.work, 'reference', name), nvcc: nvcc.path, compiler }))
  const alone = await measure(cases, 1, budget * SHARES.alone, stand, () => reference('alone'))
  figures(told('reference, one after the other', alone))
  const workers = await measure(cases, cores, budget * SHARES.workers, stand, (worker) => reference(`worker-${worker}`))
  figures(told('reference, as many workers as cores', workers))
  const ours = await measure(cases, cores, budget * SHARES.ours, stand, () => byUs({ sandbox, builder, gpu, stand }))
  figures(told('ours', ours))
  const [one, many, own] = [perHour(alone), perHour(workers), perHour(ours)]
  figures({
    'ours to the reference as it is': one === 0 ? null : own / one,
    'ours to the reference with workers': many === 0 ? null : own / many,
  })
  row({ name: 'toolkit', outcome: 'pass', detail: `nvcc ${nvcc.version}, ${sandbox.environment('host').compiler}` })
  return ours.cases === 0 ? failed('no case was done in our way') : pass()
}

type Way = (one: KitCase, signal: AbortSignal, count: (share: number) => void) => Promise<void>

function byReference(reference: Reference): Way {
  return async (one, signal, count) => {
    const done = () => count(1 / (2 * one.program.tests.length))
    await reference.cpp(one.original, { signal, done })
    await reference.cuda(one.program, { signal, done })
  }
}

function byUs(ours: { sandbox: Sandbox; builder: GpuBuilder; gpu: KitGpu; stand: Stand }): Way {
  const { sandbox, builder, gpu, stand } = ours
  const before = recall(stand.places, 'plain')
  return async (one, signal, count) => {
    const { limits } = ROUND_DEFAULTS
    const [, tests] = await Promise.all([
      sandbox.execute(one.original, 'host', limits, { signal }),
      gpu.runBuiltBy(builder, one.program, { pass: 'plain', limits, signal }),
    ])
    count(1)
    for (const [at, { status, output, detail }] of tests.entries()) {
      const other = before[nameOf(one)]?.[at]
      if (other === undefined || (other.status === status && compatEqual(output, Buffer.from(other.output, 'base64')))) continue
      const name = `${nameOf(one, at)} built here and in the kit`
      stand.row({ name, outcome: 'fail', detail: `${status} ${detail} here, ${other.status} by the kit` })
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
  let lastAt = startedAt
  const work = async (worker: number) => {
    const way = wayOf(worker)
    for (const one of waiting) {
      if (stop.aborted) return
      await way(one, stop, (share) => {
        if (stop.aborted) return
        done += share
        lastAt = performance.now()
      }).catch((error) => {
        if (!stop.aborted) throw error
      })
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)))
  // What was under way at the end is not done: the time goes to the last that is.
  return { cases: done, ms: lastAt - startedAt }
}

function perHour({ cases, ms }: Rate): number {
  return ms === 0 ? 0 : (cases * HOUR_MS) / ms
}

function told(name: string, rate: Rate): Record<string, number> {
  return { [`${name}, cases an hour`]: perHour(rate), [`${name}, cases done`]: rate.cases }
}
