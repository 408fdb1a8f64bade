import { createHash } from 'node:crypto'
import type { Program } from '../../../protocol/index.ts'
import { CompileBudget } from '../../../sandbox/executor/compiler.ts'
import type { GpuBuilder, GpuBuildOptions, GpuProduct, Way } from '../../../sandbox/gpu/build/index.ts'
import { type Answers, productsFor, questionOf, type Recorded } from '../there/products.ts'
import type { PackedFile } from './archive.ts'

/** Asks a builder and keeps what it answered, for one architecture. */
export class RecordingBuilder {
  readonly #builder: GpuBuilder
  readonly #arch: string
  readonly #answers: Answers = {}
  readonly #files = new Map<string, Uint8Array>()
  constructor(builder: GpuBuilder, arch: string) {
    this.#builder = builder
    this.#arch = arch
  }

  /** All that the executor would ask for this program: all tests in one unit and, where that comes to nothing, each alone. */
  async buildAll(program: Program, ways: readonly Way[], signal: AbortSignal): Promise<void> {
    const all = [...program.tests.keys()]
    const joint = await this.#build(program, all, ways, signal)
    if (joint.kind === 'product' || !joint.alone) return
    for (const indices of [[], ...(all.length > 1 ? all.map((index) => [index]) : [])]) {
      await this.#build(program, indices, ways, signal)
    }
  }

  async #build(program: Program, indices: readonly number[], ways: readonly Way[], signal: AbortSignal): Promise<GpuProduct> {
    const options: GpuBuildOptions = { arch: this.#arch, ways, unit: 'isolated' }
    const product = await this.#builder.build(program, indices, options, new CompileBudget(), signal)
    this.#answers[await questionOf(program, indices, options)] = this.#keep(product)
    return product
  }

  #keep(product: GpuProduct): Recorded {
    if (product.kind === 'none') return product
    const { bytes, ...rest } = product
    const file = `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}.so`
    this.#files.set(file, bytes)
    return { ...rest, file }
  }

  files(): PackedFile[] {
    const folder = productsFor(this.#arch)
    return [
      { path: `${folder}/answers.json`, bytes: Buffer.from(JSON.stringify(this.#answers)) },
      ...[...this.#files].map(([file, bytes]) => ({ path: `${folder}/${file}`, bytes })),
    ]
  }
}
