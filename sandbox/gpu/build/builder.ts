import type { Program } from '../../../protocol/index.ts'
import type { CompileCache } from '../../executor/compile-cache.ts'
import type { CompileBudget } from '../../executor/compiler.ts'
import type { Jail } from '../../jail/jail.ts'
import type { Mount } from '../../jail/policy.ts'
import type { Equipment } from '../../toolchain/equipment.ts'
import type { Nvcc } from '../../toolchain/nvcc/find.ts'
import type { Toolchain } from '../../toolchain/toolchain.ts'
import type { GpuBuildOptions, GpuProduct } from './product.ts'

export interface GpuBuilderParts {
  jail: Jail
  cache: CompileCache
  toolchain: Toolchain
  equipment: Equipment
  nvcc: Nvcc
  /** The toolkit, and what g++ needs (`nvccMounts`). */
  mounts: readonly Mount[]
  /** Wall time of one call of a compiler. @default COMPILE_WALL_MS */
  wallMs?: number
}

/** Builds programs of the CUDA side for a GPU. */
export class GpuBuilder {
  readonly #parts: GpuBuilderParts
  constructor(parts: GpuBuilderParts) {
    this.#parts = parts
  }

  /**
   * One program with the tests of these numbers -> one shared object for all passes.
   * @throws SandboxFault when this machine failed
   */
  async build(
    program: Program,
    indices: readonly number[],
    options: GpuBuildOptions,
    budget: CompileBudget,
    signal: AbortSignal,
  ): Promise<GpuProduct> {
    throw new Error(`not built yet: ${[this.#parts, program, indices, options, budget, signal].length}`)
  }
}

/** What is prepared once for building: found in the cache folder or made there. */
export async function openGpuBuilder(parts: GpuBuilderParts & { cacheDir: string }): Promise<GpuBuilder> {
  return new GpuBuilder(parts)
}
