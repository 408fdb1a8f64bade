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
import { ownCommand } from './own.ts'
import type { GpuBuildOptions, GpuProduct, UnitKind } from './product.ts'
import { gpuUnit, headerOf, type Prelude, preludeOf, textsOf } from './unit.ts'

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
    const isolated = options.unit === 'isolated' && this.#text(work, 'isolated', 'all') !== null
    return await this.#own(work, isolated ? 'isolated' : 'plain', null)
  }

  /** By nvcc's own host pass. */
  async #own(work: Work, unit: UnitKind, fallback: string | null): Promise<GpuProduct> {
    const { program, indices, options } = work
    const { nvcc, toolchain } = this.#parts
    const prelude = preludeOf(program, indices, unit, this.#parts.heavy)
    const command = ownCommand(nvcc, toolchain.compiler, options.arch)
    let outcome = await this.#compile('own', command, this.#text(work, unit, prelude) ?? '', work)
    if (outcome.kind === 'rejected' && prelude === 'lean') {
      outcome = await this.#compile('own', command, this.#text(work, unit, 'all') ?? '', work)
    }
    if (outcome.kind === 'product') return { kind: 'product', bytes: outcome.bytes, way: 'own', fallback, unit }
    return declined(outcome)
  }

  /** Null where it cannot be isolated. */
  #text({ program, indices }: Work, kind: UnitKind, prelude: Prelude): string | null {
    const order = { program, indices, kind, prelude: headerOf(prelude), secret: this.#parts.equipment.secret }
    const unit = gpuUnit(order, textsOf(program, indices))
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

  async #run(command: JailStep['argv'], text: string, budget: CompileBudget, signal: AbortSignal): Promise<CompileOutcome> {
    if (budget.nextMs === 0) return { kind: 'limit', status: 'timeout', detail: 'the compile time of this program is spent' }
    const { jail, mounts, equipment, nvcc, wallMs = COMPILE_WALL_MS } = this.#parts
    const order = {
      ...{ compiler: nvcc.path, mounts, include: equipment.include, args: [], stdin: Buffer.from(text) },
      ...{ maxProductBytes: MAX_PRODUCT_BYTES, wallMs: Math.min(budget.nextMs, wallMs) },
    }
    const result = await jail.run({ ...compileStep(order), argv: command }, { signal })
    budget.usedMs += result.wallMs
    if (result.exitCode !== null && NOT_STARTED.has(result.exitCode)) {
      throw new SandboxFault('toolchain', `a compiler did not start in the jail: ${result.stderr.toString('utf8').slice(0, 300)}`)
    }
    return compileOutcome(result)
  }
}

function declined(outcome: Exclude<CompileOutcome, { kind: 'product' }>): GpuProduct {
  if (outcome.kind === 'limit') return { kind: 'none', status: outcome.status, detail: outcome.detail, alone: false }
  return { kind: 'none', status: 'compile_error', detail: complaints(outcome.diagnostics), alone: true }
}

/** Finds out what is found out once, and makes a builder. */
export async function openGpuBuilder(parts: Omit<GpuBuilderParts, 'heavy'>): Promise<GpuBuilder> {
  const heavy = await heavyNames({ ...parts, compiler: parts.toolchain.compiler })
  return new GpuBuilder({ ...parts, heavy })
}
