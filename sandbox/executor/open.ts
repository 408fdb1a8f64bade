import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { COMPILE_WALL_MS, type Environment, type ExecutorName, Pass } from '../../protocol/index.ts'
import { CoverageReader, openCoverageTool } from '../coverage/reader.ts'
import { CoverageRunner } from '../coverage/runner.ts'
import { type GpuUse, type OpenGpu, openGpu } from '../gpu/index.ts'
import { cpuAttempts, IsolatedRunner } from '../isolated/runner.ts'
import { NO_CGROUPS } from '../jail/cgroups.ts'
import { canWatch, featuresOf } from '../jail/features.ts'
import { findCgroups } from '../jail/find-cgroups.ts'
import { orphansStay } from '../jail/first-process.ts'
import { Jail, type JailComponents, type JailStep } from '../jail/jail.ts'
import { COMPILE_TASKS, DIAGNOSTIC_BYTES, HOST_RESERVE_BYTES, RUN_TEMPORARY_BYTES } from '../jail/limits.ts'
import { COMPILE_ENVIRONMENT, type Mount, type StepLimits } from '../jail/policy.ts'
import { Throttle } from '../jail/throttle.ts'
import { RacesRunner } from '../races/runner.ts'
import { findLineTool, Places } from '../sanitized/places.ts'
import { SanitizedRunner } from '../sanitized/runner.ts'
import { ask } from '../toolchain/ask.ts'
import { compileStep, INCLUDE_AT } from '../toolchain/compile-step.ts'
import { CPU_EXECUTORS, type SourceComposer } from '../toolchain/composer.ts'
import { type Equipment, type OwnFile, prepareEquipment, SANITIZED_SAMPLE } from '../toolchain/equipment.ts'
import { diskFault } from '../toolchain/folders.ts'
import { programLibraries } from '../toolchain/libraries.ts'
import { hasNeed, type Need, withoutNeeds } from '../toolchain/offered.ts'
import { findToolchain, type Toolchain } from '../toolchain/toolchain.ts'
import { SANDBOX_VERSION } from '../toolchain/version.ts'
import { type Sandbox, SandboxFault } from '../types.ts'
import { DiskCompileCache } from './compile-cache.ts'
import { Compiler } from './compiler.ts'
import { ProgramExecutor } from './executor.ts'
import { type CompileStatusSource, openOracle } from './open-oracle.ts'
import { NO_NAMESPACES } from './remedies.ts'
import { Runner, type TestRunner } from './runner.ts'

/** Compiled programs kept: a round's worth of small ones. */
const CACHE_BYTES = 512 * 1024 ** 2
/** A precompiled header is larger than any program. */
const PRELUDE_BYTES = 512 * 1024 ** 2
/** Our own text, once for each compiler: a slow machine may take its time. */
const PRELUDE_WALL_MS = 10 * 60_000

export interface SandboxComponents {
  composer: SourceComposer
  /**
   * How a GPU is looked for and tried.
   * @default openGpu
   */
  openGpu?: typeof openGpu
}

export interface SandboxInit {
  /** Folder for prepared headers and compiled programs; made if it is not there. Several processes may share it. */
  cacheDir: string
  /**
   * Most bytes of compiled programs kept.
   * @default 512 MiB
   */
  cacheBytes?: number
  /**
   * Where bubblewrap is.
   * @default looked for where system packages install programs
   */
  bubblewrap?: string
  /**
   * Whether limits may be held by cgroups; `never` leaves them to limits of each process.
   * @default 'where-possible'
   */
  cgroups?: 'where-possible' | 'never'
  /**
   * Whether nvcc decides, where it is, if a program of the CUDA side compiles; `never` leaves that to g++. All nodes of a
   * round do best to agree, because verdicts of the one and of the other are of different classes.
   * @default 'where-possible'
   */
  nvcc?: 'where-possible' | 'never'
  /**
   * Whether a GPU may be used, and which: by its index, or the UUID of a card or a slice of one.
   * @default 'where-possible'
   */
  gpu?: GpuUse
  /**
   * Whether programs get a processor only when nobody else on the machine wants it: a volunteer's, who may be at work on it.
   * @default false
   */
  background?: boolean
  /**
   * Wall time of one call of the compiler, milliseconds.
   * @default COMPILE_WALL_MS
   */
  compileWallMs?: number
}

/**
 * Looks at the machine, prepares what is prepared once, and proves that a jail can be made.
 *
 * 1. The toolchain is found. Something is missing: SandboxFault `toolchain` with the line to type.
 * 2. The cache folder is made. It cannot be written: SandboxFault `disk`.
 * 3. Launcher and precompiled headers are found there or made, the headers in a jail.
 *    The jail fails: SandboxFault `jail`, with what to do where the machine refuses namespaces.
 * 4. nvcc is looked for and tried. It is not there or does not work: g++ decides what compiles, and verdicts say so.
 * 5. A GPU is looked for and tried (see `openGpu`). None, or one that cannot be used: there is no executor for GPUs.
 */
export async function openSandbox(components: SandboxComponents, init: SandboxInit): Promise<MachineSandbox> {
  const { jail, toolchain, equipment, libraries, composer, throttles } = await openJail(components, init)
  const cache = await DiskCompileCache.open(join(init.cacheDir, 'products'), { maxBytes: init.cacheBytes ?? CACHE_BYTES })
  const { compileWallMs = COMPILE_WALL_MS } = init
  const parts = { jail, cache, toolchain, equipment, composer, compileWallMs }
  const compiler = new Compiler(parts)
  const plain = new Runner({ jail, libraries })
  const isolated = new IsolatedRunner(cpuAttempts({ jail, libraries, equipment, composer }))
  const placing = await placingRunners(jail, libraries, equipment, composer)
  const runners = { plain, isolated, ...placing, ...(await coverageRunner(jail, libraries, toolchain)) }
  const { oracle, source } = await openOracle(parts, init.nvcc ?? 'where-possible')
  const programs = new ProgramExecutor({ composer, compiler, runners, oracle })
  const opener = components.openGpu ?? openGpu
  const gpu = await opener({ ...parts, cacheDir: init.cacheDir }, init.gpu ?? 'where-possible')
  return new LocalSandbox({ programs, composer, toolchain, jail, gpu, throttles }, source)
}

/** The sandbox of this machine, and what only this machine's owner asks of it. */
export interface MachineSandbox extends Sandbox {
  readonly compileStatus: CompileStatusSource
  readonly gpu: GpuStatus
}

/** What a GPU of this machine is used for, as people read it. */
export interface GpuStatus {
  /** Whether programs run on it; also while it is out of service. */
  used: boolean
  /** Which it is and how it is held, or why none is used. */
  says: string
  /** Whether compute-sanitizer can be used, or why not; empty where no GPU is used. */
  checker: string
}

/** A jail that was seen to stand, and what was found and prepared for it. */
export interface OpenJail {
  jail: Jail
  toolchain: Toolchain
  equipment: Equipment
  /** With the builds of passes that this machine can do. */
  composer: SourceComposer
  /** What every compiled program needs of the system. */
  libraries: Mount[]
  throttles: Throttles
}

type Throttles = NonNullable<JailComponents['throttles']>

/** Steps 1 to 3 of the above. */
export async function openJail(components: SandboxComponents, init: SandboxInit): Promise<OpenJail> {
  await mkdir(init.cacheDir, { recursive: true }).catch((error) => {
    throw diskFault(init.cacheDir, error)
  })
  const toolchain = await findToolchain(init.cacheDir, init.bubblewrap)
  const features = featuresOf(await ask(toolchain.bubblewrap, ['--help']))
  const watchable = await canWatch()
  const throttles = { cpu: new Throttle(), gpu: new Throttle() }
  const stay = await orphansStay()
  const cgroups = init.cgroups === 'never' ? NO_CGROUPS : await findCgroups()
  // Sanitizers reserve more address space than there is memory: something else must hold that.
  const sanitizers = toolchain.sanitizers && (cgroups.memory !== null || watchable)
  const lacks: Need[] = [...(sanitizers ? [] : ['sanitizers' as const]), ...(toolchain.gcov === null ? ['gcov' as const] : [])]
  const composer = withoutNeeds(components.composer, lacks)
  const means = { features, cgroups, watchable, orphansStay: stay, throttles, background: init.background ?? false }
  const jailWith = (folder: string) => makeJail(toolchain, means, folder)
  const compile = (draft: Equipment, file: OwnFile) => compileOwn(jailWith(draft.folder), toolchain, draft, file)
  const equipment = await prepareEquipment({ ...toolchain, composer, cacheDir: init.cacheDir, compile })
  const jail = jailWith(equipment.folder)
  await proveJail(jail, toolchain)
  return { jail, toolchain, equipment, composer, libraries: await programLibraries(`${equipment.folder}/sample`), throttles }
}

/** Runners of the passes that name places in the program. */
async function placingRunners(
  jail: Jail,
  libraries: readonly Mount[],
  equipment: Equipment,
  composer: SourceComposer,
): Promise<Partial<Record<Pass, TestRunner>>> {
  const tool = await findLineTool()
  if (tool === null) throw new SandboxFault('toolchain', 'addr2line, which comes with the assembler (binutils), does not start')
  const places = new Places({ jail, tool })
  const races = new RacesRunner({ jail, libraries, places })
  if (!hasNeed(composer, 'sanitizers')) return { races }
  const sanitizedLibraries = await programLibraries(`${equipment.folder}/${SANITIZED_SAMPLE}`)
  return { races, sanitized: new SanitizedRunner({ jail, libraries: sanitizedLibraries, places }) }
}

/** The runner of the coverage pass, where gcov is there. */
async function coverageRunner(
  jail: Jail,
  libraries: readonly Mount[],
  { gcov }: Toolchain,
): Promise<Partial<Record<Pass, TestRunner>>> {
  if (gcov === null) return {}
  const reader = new CoverageReader({ jail, tool: await openCoverageTool(gcov) })
  return { coverage: new CoverageRunner({ jail, libraries, reader }) }
}

interface LocalParts extends SandboxComponents {
  programs: ProgramExecutor
  toolchain: Toolchain
  jail: Jail
  gpu: OpenGpu
  throttles: Throttles
}

class LocalSandbox implements MachineSandbox {
  readonly compileStatus: CompileStatusSource
  readonly #parts: LocalParts
  constructor(parts: LocalParts, compileStatus: CompileStatusSource) {
    this.compileStatus = compileStatus
    this.#parts = parts
  }

  get executors(): readonly ExecutorName[] {
    const { gpu } = this.#parts
    return gpu.executor !== null && gpu.device.outOfService === null ? [...CPU_EXECUTORS, 'gpu'] : CPU_EXECUTORS
  }

  get gpuUuid(): string | null {
    const { gpu } = this.#parts
    return gpu.executor === null ? null : gpu.uuid
  }

  hold(shares: { cpu: number; gpu: number }): void {
    const { throttles } = this.#parts
    throttles.cpu.share = shares.cpu
    throttles.gpu.share = shares.gpu
  }

  get gpu(): GpuStatus {
    const { gpu } = this.#parts
    return { used: gpu.executor !== null, says: gpu.says, checker: gpu.executor === null ? '' : gpu.checker }
  }

  onChange(listener: () => void): void {
    const { gpu } = this.#parts
    if (gpu.executor !== null) gpu.device.onChange(listener)
  }

  environment(executor: ExecutorName): Environment {
    const { toolchain, jail } = this.#parts
    const { compilerVersion: compiler, cpu } = toolchain
    const own = { executor, passes: this.#passes(executor), sandbox: SANDBOX_VERSION, compiler, cpu }
    if (executor === 'gpu') {
      const { environment: gpu, limits } = this.#gpu()
      return { ...own, nvcc: gpu.toolkit, limits, gpu }
    }
    return { ...own, nvcc: executor === 'host' ? null : this.compileStatus.nvcc, limits: jail.limits, gpu: null }
  }

  async execute(...[program, executor, limits, { signal, pass = 'plain', onBuilt }]: Parameters<Sandbox['execute']>) {
    if (executor !== 'gpu' && !CPU_EXECUTORS.includes(executor))
      throw new SandboxFault('toolchain', `this machine has no executor ${executor}`)
    if (!this.#passes(executor).includes(pass))
      throw new SandboxFault('toolchain', `this machine has no ${pass} pass for ${executor}`)
    const { tests, compileMs } =
      executor === 'gpu'
        ? await this.#gpu().executor.execute(program, pass, limits, { signal, ...(onBuilt && { onBuilt }) })
        : await this.#parts.programs.execute(program, { executor, pass }, limits, { signal })
    return { environment: this.environment(executor), tests, compileMs }
  }

  /** @throws SandboxFault where there is none to be used */
  #gpu(): Extract<OpenGpu, { device: unknown }> {
    const { gpu } = this.#parts
    if (gpu.executor === null) throw new SandboxFault('toolchain', `this machine has no executor gpu: ${gpu.says}`)
    return gpu
  }

  #passes(executor: ExecutorName): Pass[] {
    const { composer } = this.#parts
    const known: readonly string[] = executor === 'gpu' ? this.#gpu().executor.passes : Object.keys(composer.builds[executor])
    return Pass.options.filter((pass) => known.includes(pass))
  }
}

function makeJail(
  toolchain: Toolchain,
  means: Pick<JailComponents, 'features' | 'cgroups' | 'watchable' | 'orphansStay' | 'background'> & { throttles: Throttles },
  folder: string,
): Jail {
  const launcher = { folder, file: 'launch' }
  return new Jail({ ...means, bubblewrap: toolchain.bubblewrap, launcher, root: process.getuid?.() === 0 })
}

/** What the compiler is told of a file of ours. */
const AS = { header: ['-x', 'c++-header'], object: ['-c', '-x', 'c++'] } as const

async function compileOwn(jail: Jail, toolchain: Toolchain, draft: Equipment, { path, as, flags }: OwnFile): Promise<Uint8Array> {
  await proveJail(jail, toolchain)
  const { compiler, mounts } = toolchain
  const args = [...flags, ...AS[as], `${INCLUDE_AT}/${path}`]
  const order = {
    compiler,
    mounts,
    include: draft.include,
    args,
    stdin: null,
    maxProductBytes: PRELUDE_BYTES,
    wallMs: PRELUDE_WALL_MS,
  }
  const result = await jail.run(compileStep(order), { signal: new AbortController().signal })
  if (result.exitCode === 0) return result.stdout
  const complaint = result.stderr.toString('utf8').trim().slice(0, 500)
  throw new SandboxFault('toolchain', `${compiler} cannot compile ${path} of ours (${result.stop}): ${complaint}`)
}

/** A jail around a shell that ends at once. @throws SandboxFault `jail` with what to do */
async function proveJail(jail: Jail, toolchain: Toolchain): Promise<void> {
  const limits: StepLimits = {
    wallMs: 30_000,
    memoryBytes: 64 * 1024 ** 2,
    reserveBytes: HOST_RESERVE_BYTES,
    tasks: COMPILE_TASKS,
    temporaryBytes: RUN_TEMPORARY_BYTES,
    sharedBytes: 0,
    stdoutBytes: DIAGNOSTIC_BYTES,
    stderr: { maxBytes: DIAGNOSTIC_BYTES, whenFull: 'discard' },
  }
  const step: JailStep = {
    argv: ['/bin/sh', '-c', 'exit 0'],
    environment: COMPILE_ENVIRONMENT,
    mounts: toolchain.mounts,
    data: null,
    stdin: null,
    filter: 'compile',
    limits,
  }
  try {
    const { stop, exitCode } = await jail.run(step, { signal: new AbortController().signal })
    if (exitCode !== 0) throw new SandboxFault('jail', `a shell in a jail ended with ${exitCode ?? stop}`)
  } catch (error) {
    if (!(error instanceof SandboxFault)) throw error
    throw new SandboxFault('jail', `${error.message}. ${NO_NAMESPACES}`, { cause: error })
  }
}
