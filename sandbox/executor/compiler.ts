import { COMPILE_WALL_MS, MAX_PRODUCT_BYTES, type Pass } from '../../protocol/index.ts'
import type { Jail } from '../jail/jail.ts'
import { compileStep } from '../toolchain/compile-step.ts'
import type { CpuExecutor, SourceComposer } from '../toolchain/composer.ts'
import type { Equipment } from '../toolchain/equipment.ts'
import { hashOf } from '../toolchain/folders.ts'
import type { Toolchain } from '../toolchain/toolchain.ts'
import { unitArguments } from '../toolchain/unit-flags.ts'
import type { CompileCache } from './compile-cache.ts'
import { type CompileOutcome, compileOutcome } from './outcome.ts'
import { Underway } from './underway.ts'

export interface CompilerComponents {
  jail: Jail
  cache: CompileCache
  toolchain: Toolchain
  equipment: Equipment
  composer: SourceComposer
  /** Wall time of one call of the compiler. */
  compileWallMs: number
}

/** For which executor and pass a unit is built. */
export interface Build {
  executor: CpuExecutor
  pass: Pass
}

/** What one program may take to compile, however many calls of the compiler that is. */
export class CompileBudget {
  readonly #until: number
  usedMs = 0
  constructor(wallMs: number = 2 * COMPILE_WALL_MS) {
    this.#until = performance.now() + wallMs
  }

  /** For the next call; 0 when spent. */
  get nextMs(): number {
    return Math.floor(Math.max(0, Math.min(COMPILE_WALL_MS, this.#until - performance.now())))
  }
}

/** A unit's text -> its product, from the cache or from a compiler in a jail. */
export class Compiler {
  readonly #parts: CompilerComponents
  readonly #underway = new Underway<CompileOutcome>()
  constructor(components: CompilerComponents) {
    this.#parts = components
  }

  async compile(
    text: string,
    { executor, pass }: Build,
    budget: CompileBudget,
    { signal }: { signal: AbortSignal },
  ): Promise<CompileOutcome> {
    const { cache, equipment, composer } = this.#parts
    const settings = composer.builds[executor][pass]
    const args = settings === undefined ? [] : unitArguments(settings, equipment, text)
    const key = hashOf(equipment.id, JSON.stringify(args), text)
    const work = async (): Promise<CompileOutcome> => {
      const known = await cache.get(key)
      if (known !== null) return { kind: 'product', bytes: known }
      const outcome = await this.#run({ text, args, beside: settings?.beside }, budget, signal)
      if (outcome.kind === 'product') await cache.put(key, outcome.bytes)
      return outcome
    }
    return await this.#underway.once(key, work, { signal, forAll: ({ kind }) => kind !== 'limit' })
  }

  async #run(
    { text, args, beside }: { text: string; args: readonly string[]; beside: string | undefined },
    budget: CompileBudget,
    signal: AbortSignal,
  ): Promise<CompileOutcome> {
    if (budget.nextMs === 0) return { kind: 'limit', status: 'timeout', detail: 'the compile time of this program is spent' }
    const { jail, toolchain, equipment, compileWallMs } = this.#parts
    const step = compileStep({
      compiler: toolchain.compiler,
      mounts: toolchain.mounts,
      include: equipment.include,
      // The text comes by standard input: it has no name, and no folder that it could look around in.
      args,
      stdin: Buffer.from(text),
      ...(beside !== undefined && { beside }),
      maxProductBytes: MAX_PRODUCT_BYTES,
      wallMs: Math.min(budget.nextMs, compileWallMs),
    })
    const result = await jail.run(step, { signal })
    budget.usedMs += result.wallMs
    return compileOutcome(result)
  }
}
