import type { Way } from '../../sandbox/gpu/build/index.ts'
import type { BenchCase } from './cases.ts'
import { distinct } from './cases.ts'
import type { CpuClock } from './cpu-clock.ts'
import type { Decider, Ours } from './ours.ts'
import type { Reference } from './reference.ts'

/** The ways a case is done, each by a process of its own kind. Those with `gpu` need nvcc; so does `emulated_nvcc`. */
export const ARMS = [
  /** The reference's: five of g++ and their runs; five of nvcc. */
  'reference_cpp',
  'reference_cuda',
  /** Ours: the C++ side compiled once, each test run in a jail. */
  'host',
  /** The CUDA side for a GPU, by nvcc's own host pass; by the fast path, or as it falls back. */
  'gpu_own',
  'gpu_fast',
  /** The CUDA side emulated, each test run in a jail. */
  'emulated_nvcc',
  'emulated_gxx',
  /** The other passes of the strict rule, one after the other. */
  'strict_host',
  'strict_emulated',
] as const
export type Arm = (typeof ARMS)[number]

/** What one case took, by arm, seconds of the processor; arms that this machine has not are missing. */
export interface CaseCost {
  name: string
  seconds: Partial<Record<Arm, number>>
  /** Of this process, which composes, hashes and waits: not in the above. */
  own: Partial<Record<Arm, number>>
  /** Tests of the C++ side that both ways ran to their end, and those among them that printed something else. */
  compared: number
  differing: number
  /** By which way it was built where both were allowed; null without nvcc, and where it was not built. */
  built: Built | null
  /** What did not come to its end, in words. */
  faults: string[]
}

/** The way of a program's build, and why it is not the fast one. */
export interface Built {
  way: Way
  reason: string | null
}

/** The same of a case. */
export interface BuiltBy extends Built {
  name: string
}

export interface Parts {
  clock: CpuClock
  ours: Ours
  reference: Reference
}

/** Does one case in all ways, one after the other; `turn` says which is the first, so that none is always after the same. */
export async function measureCase(parts: Parts, item: BenchCase, turn: number): Promise<CaseCost> {
  const cost: CaseCost = { name: item.name, seconds: {}, own: {}, compared: 0, differing: 0, built: null, faults: [] }
  const printed: { reference: (Buffer | null)[]; ours: (Buffer | null)[] } = { reference: [], ours: [] }
  const works = worksOf(parts, item, cost, printed)
  for (let at = 0; at < ARMS.length; at++) {
    const arm = ARMS[(at + turn) % ARMS.length] as Arm
    const work = works[arm]
    if (work === undefined) continue
    const { children, own } = await parts.clock.time(work)
    cost.seconds[arm] = children
    cost.own[arm] = own
  }
  for (const [index, one] of printed.reference.entries()) {
    const other = printed.ours[index] ?? null
    if (one === null || other === null) continue
    cost.compared++
    if (!one.equals(other)) cost.differing++
  }
  return cost
}

type Works = Partial<Record<Arm, () => Promise<void>>>

function worksOf(
  { ours, reference }: Parts,
  { cpp, cuda }: BenchCase,
  cost: CaseCost,
  printed: { reference: (Buffer | null)[]; ours: (Buffer | null)[] },
): Works {
  const { gpu } = ours
  const note = (arm: Arm, said: string) => cost.faults.push(`${arm}: ${said}`)
  const emulated = (arm: Arm, decider: Decider) => async () => {
    const runs = await ours.emulated(distinct(cuda, arm), decider)
    for (const { status, detail } of runs) if (status !== 'success') note(arm, `${status} ${detail}`)
  }
  const build = (arm: Arm, ways: readonly Way[]) => async () => {
    const product = await gpu?.build(distinct(cuda, arm), ways)
    if (product?.kind === 'none') note(arm, `${product.status} ${product.detail}`)
    else if (arm === 'gpu_fast' && product !== undefined) cost.built = { way: product.way, reason: product.fallback }
  }
  const works: Works = {
    reference_cpp: async () => {
      printed.reference = await reference.cpp(cpp)
    },
    host: async () => {
      const runs = await ours.host(cpp)
      printed.ours = runs.map(({ status, output }) => (status === 'success' ? Buffer.from(output) : null))
    },
    emulated_gxx: emulated('emulated_gxx', 'g++'),
    strict_host: async () => {
      for (const pass of ours.strictPasses('host')) await ours.host(cpp, pass)
    },
    strict_emulated: async () => {
      for (const pass of ours.strictPasses('emulated')) await ours.emulated(cuda, 'g++', pass)
    },
  }
  if (gpu === null) return works
  return {
    ...works,
    reference_cuda: async () => {
      const compiled = await reference.cuda(cuda)
      if (compiled < cuda.tests.length) note('reference_cuda', `${compiled} of ${cuda.tests.length} tests compile`)
    },
    gpu_own: build('gpu_own', ['own']),
    gpu_fast: build('gpu_fast', ['fast', 'own']),
    emulated_nvcc: emulated('emulated_nvcc', 'nvcc'),
  }
}

/** What samples of one function took, sums over all of them. */
export interface SamplesCost {
  samples: number
  reference: number
  /** The original, once. */
  host: number
  own: number
  fast: number
}

/** Translations of one function, distinct in text: the reference does each with the original, we do the original once. */
export async function measureSamples(
  { clock, ours, reference }: Parts,
  { cpp, cuda }: BenchCase,
  samples: number,
  onDone: (done: number) => void,
): Promise<SamplesCost> {
  const { gpu } = ours
  if (gpu === null) throw new Error('no nvcc here')
  const cost: SamplesCost = { samples, reference: 0, host: 0, own: 0, fast: 0 }
  const add = async (to: 'reference' | 'host' | 'own' | 'fast', work: () => Promise<unknown>) => {
    const { children } = await clock.time(async () => void (await work()))
    cost[to] += children
  }
  await add('host', async () => await ours.host(distinct(cpp, 'original of samples')))
  for (let sample = 1; sample <= samples; sample++) {
    const translation = distinct(cuda, `sample ${sample}`)
    await add('fast', async () => await gpu.build(translation, ['fast', 'own']))
    await add('reference', async () => {
      await reference.cpp(cpp)
      await reference.cuda(translation)
    })
    await add('own', async () => await gpu.build(distinct(translation, 'own'), ['own']))
    onDone(sample)
  }
  return cost
}

/** By which way a case is built; null where it does not compile. */
export async function wayOf({ ours }: Parts, { name, cuda }: BenchCase): Promise<BuiltBy | null> {
  const product = await ours.gpu?.build(cuda, ['fast', 'own'])
  return product?.kind === 'product' ? { name, way: product.way, reason: product.fallback } : null
}
