import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { COMPILE_WALL_MS, type Environment, type ExecutorName, Pass } from '../../protocol/index.ts'
import { IsolatedRunner } from '../isolated/runner.ts'
import { NO_CGROUPS } from '../jail/cgroups.ts'
import { canWatch, featuresOf } from '../jail/features.ts'
import { findCgroups } from '../jail/find-cgroups.ts'
import { orphansStay } from '../jail/first-process.ts'
import { Jail, type JailComponents, type JailStep } from '../jail/jail.ts'
import { COMPILE_TASKS, DIAGNOSTIC_BYTES, HOST_RESERVE_BYTES, RUN_TEMPORARY_BYTES } from '../jail/limits.ts'
import { COMPILE_ENVIRONMENT, type Mount, type StepLimits } from '../jail/policy.ts'
import { RacesRunner } from '../races/runner.ts'
import { findLineTool, Places } from '../sanitized/places.ts'
import { SanitizedRunner } from '../sanitized/runner.ts'
import { ask } from '../toolchain/ask.ts'
import { compileStep, INCLUDE_AT } from '../toolchain/compile-step.ts'
import { CPU_EXECUTORS, type CpuExecutor, type SourceComposer } from '../toolchain/composer.ts'
import { type Equipment, needsSanitizers, type OwnFile, prepareEquipment, SANITIZED_SAMPLE } from '../toolchain/equipment.ts'
import { diskFault } from '../toolchain/folders.ts'
import { programLibraries } from '../toolchain/libraries.ts'
import { withoutSanitizers } from '../toolchain/sanitizers.ts'
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
 */
export async function openSandbox(components: SandboxComponents, init: SandboxInit): Promise<MachineSandbox> {
  const { jail, toolchain, equipment, libraries, composer } = await openJail(components, init)
  const cache = await DiskCompileCache.open(join(init.cacheDir, 'products'), { maxBytes: init.cacheBytes ?? CACHE_BYTES })
  const { compileWallMs = COMPILE_WALL_MS } = init
  const parts = { jail, cache, toolchain, equipment, composer, compileWallMs }
  const compiler = new Compiler(parts)
  const plain = new Runner({ jail, libraries })
  const isolated = new IsolatedRunner({ jail, libraries, equipment, composer })
  const runners = { plain, isolated, ...(await placingRunners(jail, libraries, equipment, composer)) }
  const { oracle, source } = await openOracle(parts, init.nvcc ?? 'where-possible')
  const programs = new ProgramExecutor({ composer, compiler, runners, oracle })
  return new LocalSandbox({ programs, composer, toolchain, jail }, source)
}

/** The sandbox of this machine, and what only this machine's owner asks of it. */
export interface MachineSandbox extends Sandbox {
  readonly compileStatus: CompileStatusSource
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
}

/** Steps 1 to 3 of the above. */
export async function openJail(components: SandboxComponents, init: SandboxInit): Promise<OpenJail> {
  await mkdir(init.cacheDir, { recursive: true }).catch((error) => {
    throw diskFault(init.cacheDir, error)
  })
  const toolchain = await findToolchain(init.cacheDir)
  const features = featuresOf(await ask(toolchain.bubblewrap, ['--help']))
  const watchable = await canWatch()
  const stay = await orphansStay()
  const cgroups = init.cgroups === 'never' ? NO_CGROUPS : await findCgroups()
  // Sanitizers reserve more address space than there is memory: something else must hold that.
  const sanitizers = toolchain.sanitizers && (cgroups.memory !== null || watchable)
  const composer = sanitizers ? components.composer : withoutSanitizers(components.composer)
  const jailWith = (folder: string) => makeJail(toolchain, { features, cgroups, watchable, orphansStay: stay }, folder)
  const compile = (draft: Equipment, file: OwnFile) => compileOwn(jailWith(draft.folder), toolchain, draft, file)
  const equipment = await prepareEquipment({ ...toolchain, composer, cacheDir: init.cacheDir, compile })
  const jail = jailWith(equipment.folder)
  await proveJail(jail, toolchain)
  return { jail, toolchain, equipment, composer, libraries: await programLibraries(`${equipment.folder}/sample`) }
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
  if (!needsSanitizers(composer)) return { races }
  const sanitizedLibraries = await programLibraries(`${equipment.folder}/${SANITIZED_SAMPLE}`)
  return { races, sanitized: new SanitizedRunner({ jail, libraries: sanitizedLibraries, places }) }
}

class LocalSandbox implements MachineSandbox {
  /** `gpu` is not built yet. */
  readonly executors: readonly CpuExecutor[] = CPU_EXECUTORS
  readonly compileStatus: CompileStatusSource
  readonly #parts: SandboxComponents & { programs: ProgramExecutor; toolchain: Toolchain; jail: Jail }
  constructor(
    parts: SandboxComponents & { programs: ProgramExecutor; toolchain: Toolchain; jail: Jail },
    compileStatus: CompileStatusSource,
  ) {
    this.compileStatus = compileStatus
    this.#parts = parts
  }

  environment(executor: ExecutorName): Environment {
    const { toolchain, jail } = this.#parts
    const { compilerVersion, cpu } = toolchain
    const nvcc = executor === 'host' ? null : this.compileStatus.nvcc
    const passes = this.#passes(executor)
    return { executor, passes, sandbox: SANDBOX_VERSION, compiler: compilerVersion, nvcc, cpu, limits: jail.limits, gpu: null }
  }

  async execute(...[program, executor, limits, { signal, pass = 'plain' }]: Parameters<Sandbox['execute']>) {
    const known = this.executors.find((name) => name === executor)
    if (known === undefined) throw new SandboxFault('toolchain', `this machine has no executor ${executor}`)
    if (!this.#passes(known).includes(pass))
      throw new SandboxFault('toolchain', `this machine has no ${pass} pass for ${executor}`)
    const { tests, compileMs } = await this.#parts.programs.execute(program, { executor: known, pass }, limits, { signal })
    return { environment: this.environment(known), tests, compileMs }
  }

  #passes(executor: ExecutorName): Pass[] {
    const { builds } = this.#parts.composer
    const known = this.executors.find((name) => name === executor)
    return known === undefined ? [] : Pass.options.filter((pass) => builds[known][pass] !== undefined)
  }
}

function makeJail(
  toolchain: Toolchain,
  means: Pick<JailComponents, 'features' | 'cgroups' | 'watchable' | 'orphansStay'>,
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
