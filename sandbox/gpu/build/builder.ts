import { COMPILE_WALL_MS, MAX_PRODUCT_BYTES, type Program } from '../../../protocol/index.ts'
import type { CompileCache } from '../../executor/compile-cache.ts'
import type { CompileBudget } from '../../executor/compiler.ts'
import { heavyNames } from '../../executor/heavy-names.ts'
import { complaints } from '../../executor/nvcc-oracle.ts'
import { type CompileOutcome, compileOutcome } from '../../executor/outcome.ts'
import { Underway } from '../../executor/underway.ts'
import type { Jail, JailStep } from '../../jail/jail.ts'
import type { Mount } from '../../jail/policy.ts'
import type { HeavyNames } from '../../source/lean.ts'
import { compileStep } from '../../toolchain/compile-step.ts'
import type { Equipment } from '../../toolchain/equipment.ts'
import { hashOf } from '../../toolchain/folders.ts'
import type { Nvcc } from '../../toolchain/nvcc/find.ts'
import type { Toolchain } from '../../toolchain/toolchain.ts'
import { SandboxFault } from '../../types.ts'
import { deviceCommand, hostCommand } from './fast/commands.ts'
import { hostHalf } from './fast/host-half.ts'
import { readImage } from './fast/image.ts'
import { HEADERS, HEADERS_AT, type HostHeaders, prepareHostHeaders } from './fast/prepare.ts'
import { registration } from './fast/registration.ts'
import { whyNotWhole } from './fast/whole.ts'
import { ownCommand } from './own.ts'
import type { GpuBuildOptions, GpuProduct, UnitKind } from './product.ts'
import { gpuUnit, headerOf, type Prelude, preludeOf, textsOf, type UnitTexts } from './unit.ts'

export interface GpuBuilderParts {
  jail: Jail
  cache: CompileCache
  toolchain: Toolchain
  equipment: Equipment
  nvcc: Nvcc
  /** The toolkit, and what g++ needs (`nvccMounts`). */
  mounts: readonly Mount[]
  /** What a program must not say to be read after few headers; null where all are read after all. */
  heavy: HeavyNames | null
  /** For the fast way; null where only nvcc's own host pass is left. */
  hostHeaders: HostHeaders | null
  /** Wall time of one call of a compiler. @default COMPILE_WALL_MS */
  wallMs?: number
}

/** One build under way: what it is for, and what it may take. */
interface Work {
  program: Program
  indices: readonly number[]
  options: GpuBuildOptions
  budget: CompileBudget
  signal: AbortSignal
}

/** What the fast way came to: a product or a refusal, or why it cannot be gone. */
type Fast = { kind: 'decided'; product: GpuProduct } | { kind: 'fallback'; reason: string }

/** A shell's codes for a program that is not there or cannot be loaded: the machine's fault. */
const NOT_STARTED: ReadonlySet<number> = new Set([126, 127])

/** Builds programs of the CUDA side for a GPU. */
export class GpuBuilder {
  readonly #parts: GpuBuilderParts
  readonly #underway = new Underway<CompileOutcome>()
  constructor(parts: GpuBuilderParts) {
    this.#parts = parts
  }

  /**
   * One program with the tests of these numbers -> one shared object for all passes.
   *
   * 1. The unit cannot be isolated (see `isolatedUnit`): it is made plain.
   * 2. nvcc reads it after few headers, where the program says nothing that needs all. It refuses: all are tried, and what is
   *    said then counts.
   * @throws SandboxFault when this machine failed
   */
  async build(
    program: Program,
    indices: readonly number[],
    options: GpuBuildOptions,
    budget: CompileBudget,
    signal: AbortSignal,
  ): Promise<GpuProduct> {
    const work: Work = { program, indices, options, budget, signal }
    const unit = options.unit === 'isolated' && this.#text(work, 'isolated', headerOf('all')) !== null ? 'isolated' : 'plain'
    let fallback: string | null = null
    for (const way of options.ways) {
      if (way === 'own') return await this.#own(work, unit, fallback)
      const fast = unit === 'isolated' ? await this.#fast(work) : fallbackFor('a unit that cannot be isolated')
      if (fast.kind === 'decided') return fast.product
      fallback = fast.reason
    }
    return { kind: 'none', status: 'unsupported', detail: `the fast way cannot build it: ${fallback}`, alone: true }
  }

  /**
   * By nvcc for the device and g++ for the host, for programs of which g++ makes what nvcc's host pass would:
   *
   * 1. The host's half is written (`hostHalf`).
   * 2. nvcc makes machine code of the untouched unit, and refuses what it would refuse: the same text as in its own way.
   * 3. g++ makes the host's half a shared object, with the machine code in it.
   * 4. Kernels on both sides are the same.
   */
  async #fast(work: Work): Promise<Fast> {
    const { program, indices, options } = work
    const { hostHeaders, heavy, nvcc, toolchain } = this.#parts
    if (hostHeaders === null) return fallbackFor('a toolkit whose headers g++ does not read')
    const half = hostHalf(textsOf(program, indices))
    if (half.kind === 'none') return fallbackFor(half.reason)
    const prelude = preludeOf(program, indices, 'isolated', heavy)
    const device = await this.#eagerly('device', deviceCommand(nvcc, toolchain.compiler, options.arch), work, 'isolated', prelude)
    if (device.outcome.kind !== 'product') return { kind: 'decided', product: declined(device.outcome) }
    const image = readImage(Buffer.from(device.outcome.bytes))
    if (typeof image === 'string') return fallbackFor(image)
    const end = registration(image, half.variables)
    if (end === null) return fallbackFor('a variable that the machine code has not')
    const header = `${HEADERS_AT}/${device.prelude === 'lean' ? HEADERS.lean : HEADERS.all}`
    const text = this.#text(work, 'isolated', header, half.texts)
    const outcome = await this.#compile('host', hostCommand(toolchain.compiler, hostHeaders.cuda), `${text}${end}`, work)
    if (outcome.kind === 'rejected')
      return fallbackFor(`g++ does not read its host's half: ${complaints(outcome.diagnostics).slice(0, 300)}`)
    if (outcome.kind === 'limit') return { kind: 'decided', product: declined(outcome) }
    const reason = whyNotWhole(outcome.bytes, image, half.kernels)
    if (reason !== null) return fallbackFor(reason)
    const product = { kind: 'product', bytes: outcome.bytes, way: 'fast', fallback: null, unit: 'isolated' } as const
    return { kind: 'decided', product }
  }

  /** By nvcc's own host pass. */
  async #own(work: Work, unit: UnitKind, fallback: string | null): Promise<GpuProduct> {
    const { program, indices, options } = work
    const { nvcc, toolchain } = this.#parts
    const prelude = preludeOf(program, indices, unit, this.#parts.heavy)
    const { outcome } = await this.#eagerly('own', ownCommand(nvcc, toolchain.compiler, options.arch), work, unit, prelude)
    if (outcome.kind === 'product') return { kind: 'product', bytes: outcome.bytes, way: 'own', fallback, unit }
    return declined(outcome)
  }

  /** After few headers where that may be enough; a refusal is only believed after all. */
  async #eagerly(
    step: string,
    command: JailStep['argv'],
    work: Work,
    unit: UnitKind,
    prelude: Prelude,
  ): Promise<{ outcome: CompileOutcome; prelude: Prelude }> {
    const outcome = await this.#compile(step, command, this.#text(work, unit, headerOf(prelude)) ?? '', work)
    if (outcome.kind !== 'rejected' || prelude !== 'lean') return { outcome, prelude }
    return { outcome: await this.#compile(step, command, this.#text(work, unit, headerOf('all')) ?? '', work), prelude: 'all' }
  }

  /** Null where it cannot be isolated. */
  #text(work: Work, kind: UnitKind, prelude: string, texts: UnitTexts = textsOf(work.program, work.indices)): string | null {
    const { program, indices } = work
    const unit = gpuUnit({ program, indices, kind, prelude, secret: this.#parts.equipment.secret }, texts)
    return unit.kind === 'unit' ? unit.text : null
  }

  /** From the cache, or by a command in a jail that takes the text and gives the product. What was refused is not kept. */
  async #compile(step: string, command: JailStep['argv'], text: string, { budget, signal }: Work): Promise<CompileOutcome> {
    const { nvcc, equipment, cache } = this.#parts
    const key = hashOf('gpu', step, nvcc.id, equipment.id, JSON.stringify(command), text)
    const work = async (): Promise<CompileOutcome> => {
      const known = await cache.get(key)
      if (known !== null) return { kind: 'product', bytes: known }
      const outcome = await this.#run(command, text, budget, signal)
      if (outcome.kind === 'product') await cache.put(key, outcome.bytes)
      return outcome
    }
    return await this.#underway.once(key, work, { signal, forAll: ({ kind }) => kind !== 'limit' })
  }

  get #hostMounts(): Mount[] {
    const { hostHeaders } = this.#parts
    return hostHeaders === null ? [] : [{ kind: 'own', folder: hostHeaders.folder, at: HEADERS_AT }]
  }

  async #run(command: JailStep['argv'], text: string, budget: CompileBudget, signal: AbortSignal): Promise<CompileOutcome> {
    if (budget.nextMs === 0) return { kind: 'limit', status: 'timeout', detail: 'the compile time of this program is spent' }
    const { jail, mounts, equipment, nvcc, wallMs = COMPILE_WALL_MS } = this.#parts
    const order = {
      ...{ compiler: nvcc.path, mounts, include: equipment.include, args: [], stdin: Buffer.from(text) },
      ...{ maxProductBytes: MAX_PRODUCT_BYTES, wallMs: Math.min(budget.nextMs, wallMs) },
    }
    const step = compileStep(order)
    const result = await jail.run({ ...step, argv: command, mounts: [...step.mounts, ...this.#hostMounts] }, { signal })
    budget.usedMs += result.wallMs
    if (result.exitCode !== null && NOT_STARTED.has(result.exitCode)) {
      throw new SandboxFault('toolchain', `a compiler did not start in the jail: ${result.stderr.toString('utf8').slice(0, 300)}`)
    }
    return compileOutcome(result)
  }
}

function fallbackFor(reason: string): Fast {
  return { kind: 'fallback', reason }
}

function declined(outcome: Exclude<CompileOutcome, { kind: 'product' }>): GpuProduct {
  if (outcome.kind === 'limit') return { kind: 'none', status: outcome.status, detail: outcome.detail, alone: false }
  return { kind: 'none', status: 'compile_error', detail: complaints(outcome.diagnostics), alone: true }
}

/** Finds out and prepares what is needed once, and makes a builder. @throws SandboxFault when this machine failed */
export async function openGpuBuilder(
  parts: Omit<GpuBuilderParts, 'heavy' | 'hostHeaders'> & { cacheDir: string },
): Promise<GpuBuilder> {
  const heavy = await heavyNames({ ...parts, compiler: parts.toolchain.compiler })
  return new GpuBuilder({ ...parts, heavy, hostHeaders: await prepareHostHeaders(parts) })
}
