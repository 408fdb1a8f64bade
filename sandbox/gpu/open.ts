import { join } from 'node:path'
import type { GpuEnvironment, Pass } from '../../protocol/index.ts'
import type { CompileCache } from '../executor/compile-cache.ts'
import type { TestRunner } from '../executor/runner.ts'
import { IsolatedRunner } from '../isolated/runner.ts'
import type { Jail } from '../jail/jail.ts'
import { ask } from '../toolchain/ask.ts'
import type { SourceComposer } from '../toolchain/composer.ts'
import type { Equipment } from '../toolchain/equipment.ts'
import { programLibraries } from '../toolchain/libraries.ts'
import { knownArchs } from '../toolchain/nvcc/archs.ts'
import { findNvcc, type Nvcc } from '../toolchain/nvcc/find.ts'
import { nvccMounts } from '../toolchain/nvcc/mounts.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { SandboxFault } from '../types.ts'
import { openGpuBuilder } from './build/index.ts'
import { type Checker, findChecker } from './checker/find.ts'
import { proveChecker } from './checker/prove.ts'
import { CheckedRunner, TOOLS_OF } from './checker/runner.ts'
import { type ChosenGpu, chooseGpu, type GpuWish, lockName } from './choose.ts'
import { GpuDevice } from './device.ts'
import { driverLibraries } from './driver-libraries.ts'
import { GpuExecutor } from './executor.ts'
import { findGpus } from './find.ts'
import { type Climb, climb } from './ladder.ts'
import { findRuntime, LOADER_FILE, prepareLoader } from './loader.ts'
import { cudaVersion } from './probe.ts'
import { GpuRunner, gpuAttempts } from './runner.ts'
import { Turns } from './turns.ts'

/** How the owner wants GPUs to be used. */
export type GpuUse = 'where-possible' | 'never' | { gpu: string }

/** What this machine's GPU can be used for, or why it cannot. */
export type OpenGpu =
  | {
      executor: GpuExecutor
      device: GpuDevice
      /** As the driver names the card; null where it does not. */
      uuid: string | null
      environment: GpuEnvironment
      /** What holds a program with a GPU, as verdicts say it. */
      limits: string[]
      /** As people read it. */
      says: string
      /** What compute-sanitizer can do here, or why it can do nothing. */
      checker: string
    }
  | { executor: null; says: string }

export interface OpenGpuParts {
  jail: Jail
  cache: CompileCache
  toolchain: Toolchain
  equipment: Equipment
  composer: SourceComposer
  cacheDir: string
  compileWallMs: number
}

/**
 * Looks for a GPU and proves that programs run on it, each step only where those before it held:
 *
 * 1. A GPU is chosen, and the files in /dev that it is used by are there.
 * 2. nvcc is there, with the static runtime, and knows the GPU's architecture.
 * 3. Something holds memory that is not address space: a cgroup or the watch.
 * 4. The loader is made; a row of the ladder is found on which its kernel computes.
 * 5. compute-sanitizer finds an overrun of ours. It does not: the passes it does are left to others.
 *
 * What fails is said, and is no fault: the machine has no executor for GPUs then. Where a GPU was asked for by name, it is one.
 *
 * @throws SandboxFault `gpu` where the owner named a GPU that cannot be used
 */
export async function openGpu(parts: OpenGpuParts, use: GpuUse): Promise<OpenGpu> {
  if (use === 'never') return { executor: null, says: 'left out, as asked' }
  const wish: GpuWish = use === 'where-possible' ? { kind: 'first' } : { kind: 'named', name: use.gpu }
  const opened = await tryOpen(parts, wish)
  if (opened.executor === null && wish.kind === 'named')
    throw new SandboxFault('gpu', `--gpu ${wish.name}: ${opened.says}; without --gpu CUDA programs run emulated`)
  return opened
}

async function tryOpen(parts: OpenGpuParts, wish: GpuWish): Promise<OpenGpu> {
  const chosen = await chooseGpu(await findGpus(), wish)
  if ('why' in chosen) return without(chosen.why)
  const driver = await driverLibraries()
  if (driver.length === 0) return without(`${chosen.gpu.name}: libcuda.so.1 is in none of its usual places`)
  const nvcc = await findNvcc()
  if (nvcc === null) return without(`${chosen.gpu.name}: no nvcc in its usual places`)
  const runtime = await findRuntime(nvcc)
  if (runtime === null) return without(`${chosen.gpu.name}: nvcc ${nvcc.version} has no libcudart_static.a beside it`)
  if (parts.jail.limits.every((limit) => !/^memory:(cgroup|watch)/.test(limit))) {
    return without(
      `${chosen.gpu.name}: nothing here holds the memory of programs whose address space is not held (cgroups, or a watch)`,
    )
  }
  const arch = await archOf(chosen, nvcc)
  if (arch === null) return without(`${chosen.gpu.name}: the driver does not say its compute capability`)
  const known = await knownArchs(nvcc)
  if (known.length > 0 && !known.includes(arch)) {
    return without(`${chosen.gpu.name}: nvcc ${nvcc.version} builds nothing for ${arch}; it knows ${known[0]} to ${known.at(-1)}`)
  }
  try {
    return await openDevice(parts, { chosen, driver, nvcc, runtime, arch })
  } catch (error) {
    if (!(error instanceof SandboxFault)) throw error
    return without(`${chosen.gpu.name}: ${error.message}`)
  }
}

/** What is known of a GPU before a program has run on it. */
export interface Means {
  chosen: ChosenGpu
  driver: Awaited<ReturnType<typeof driverLibraries>>
  nvcc: Nvcc
  /** The static runtime. */
  runtime: string
  arch: string
  /** More of the environment of every process with the GPU. @default none */
  environment?: readonly string[]
}

/** Steps 4 and 5. @throws SandboxFault where the loader cannot be made */
export async function openDevice(parts: OpenGpuParts, means: Means): Promise<OpenGpu> {
  const { jail, toolchain, composer, cacheDir } = parts
  const { chosen, nvcc, arch } = means
  const order = { compiler: toolchain.compiler, nvcc, arch, runtime: means.runtime, includeDir: composer.includeDir, cacheDir }
  const loader = await prepareLoader(order)
  const libraries = await programLibraries(join(loader.folder, LOADER_FILE))
  const { signal } = new AbortController()
  const found = await climb({ ...means, jail, loader, libraries, cacheDir }, { signal })
  if (found.kind === 'none') return without(`${chosen.gpu.name}: ${whyNoRung(found, chosen, nvcc)}`)
  const turns = new Turns(join(cacheDir, 'gpu', `${lockName(chosen)}.lock`))
  const device = new GpuDevice({ jail, loader, libraries, shows: found.shows, turns })
  const checked = await openChecker(nvcc, async (checker) => {
    return await proveChecker({ jail, loader, libraries }, found.shows, checker, { signal })
  })
  const mounts = await nvccMounts(nvcc.root, toolchain.mounts)
  const { cache, equipment, compileWallMs } = parts
  const builder = await openGpuBuilder({ jail, cache, toolchain, equipment, nvcc, mounts, cacheDir, wallMs: compileWallMs })
  const runners = runnersOf(device, checked.checker)
  const { name, memoryBytes, driverCuda, leftBytes } = found.device
  return {
    executor: new GpuExecutor({ builder, arch, runners, sharesFile: composer.sharesFile }),
    device,
    uuid: chosen.gpu.uuid,
    environment: {
      ...{ model: name.slice(0, 128), arch, driver: chosen.gpu.driver, toolkit: nvcc.version },
      memoryMib: Math.floor(memoryBytes / 1024 ** 2),
    },
    limits: [
      ...jail.limits.filter((limit) => limit !== 'memory:address-space'),
      `gpu-jail:${found.rung.name}`,
      ...(chosen.slice === null ? [] : ['gpu:slice']),
      leftBytes === 0 ? 'video-memory:cleared,unlimited' : 'video-memory:not-cleared,unlimited',
    ],
    says: `${name} (${arch}), driver ${chosen.gpu.driver} for CUDA ${cudaVersion(driverCuda)}, toolkit ${nvcc.version}; jail: ${found.rung.name} (${found.rung.reason})`,
    checker: checked.says,
  }
}

function without(says: string): OpenGpu {
  return { executor: null, says }
}

function runnersOf(device: GpuDevice, checker: Checker | null): { plain: TestRunner } & Partial<Record<Pass, TestRunner>> {
  const own = { plain: new GpuRunner({ device }), isolated: new IsolatedRunner(gpuAttempts({ device })) }
  if (checker === null) return own
  const checked = Object.entries(TOOLS_OF).map(([pass, tools]) => [pass, new CheckedRunner({ device, checker, tools })])
  return { ...own, ...(Object.fromEntries(checked) as Partial<Record<Pass, TestRunner>>) }
}

/** `sm_90` of compute capability 9.0; where the driver is too old to say, nvcc's own tool asks it. */
async function archOf({ gpu }: ChosenGpu, { root }: Nvcc): Promise<string | null> {
  if (gpu.computeCapability !== null) return `sm_${gpu.computeCapability.replace('.', '')}`
  const said = await ask(`${root}/bin/__nvcc_device_query`, []).catch(() => '')
  const found = /\d{2,3}/.exec(said)?.[0]
  return found === undefined ? null : `sm_${found}`
}

function whyNoRung({ tried, refused }: Extract<Climb, { kind: 'none' }>, { gpu }: ChosenGpu, nvcc: Nvcc): string {
  const reasons = [...new Set(tried.map(({ why }) => why))]
  if (reasons.some((why) => why.includes('cudaErrorInsufficientDriver'))) {
    return `driver ${gpu.driver} is older than the toolkit, CUDA ${nvcc.version}: update the driver, or install an older toolkit`
  }
  const named = refused.length === 0 ? '' : `; system calls refused meanwhile: ${refused.join(', ')}`
  return `no kernel computes in a jail: ${tried.map(({ rung, why }) => `${rung}: ${why}`).join('; ')}${named}`
}

/** Finds the checker and tries it. */
async function openChecker(
  nvcc: Nvcc,
  finds: (checker: Checker) => Promise<string | null>,
): Promise<{ checker: Checker | null; says: string }> {
  const checker = await findChecker(nvcc)
  if (checker === null)
    return { checker, says: 'compute-sanitizer is not installed (package cuda-sanitizer); its passes are left to others' }
  const wrong = await finds(checker)
  return wrong === null
    ? { checker, says: `compute-sanitizer in ${checker.path}` }
    : { checker: null, says: `compute-sanitizer does not find an overrun in the jail (${wrong}); its passes are left to others` }
}
