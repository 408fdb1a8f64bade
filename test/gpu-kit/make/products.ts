import { createHash } from 'node:crypto'
import type { GpuBuilder, GpuProduct, Way } from '../../../sandbox/gpu/build/index.ts'
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

  /** A builder that builds in these ways, whatever it is asked. */
  asking(ways: readonly Way[]): Pick<GpuBuilder, 'build'> {
    return {
      build: async (program, indices, asked, budget, signal) => {
        const options = { ...asked, ways }
        const product = await this.#builder.build(program, indices, options, budget, signal)
        this.#answers[await questionOf(program, indices, options)] = this.#keep(product)
        return product
      },
    }
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
