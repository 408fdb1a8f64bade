import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nameProgram, type Program } from '../../../protocol/index.ts'
import type { GpuBuilder, GpuBuildOptions, GpuProduct } from '../../../sandbox/gpu/build/index.ts'
import { SandboxFault } from '../../../sandbox/index.ts'

/** What a builder answered when the kit was made; a shared object lies in a file of its own, named by what it holds. */
export type Recorded =
  | (Omit<Extract<GpuProduct, { kind: 'product' }>, 'bytes'> & { file: string })
  | Extract<GpuProduct, { kind: 'none' }>

/** What was asked, as a line of text. */
export async function questionOf(
  program: Program,
  indices: readonly number[],
  { arch, ways, unit }: GpuBuildOptions,
): Promise<string> {
  const { cid } = await nameProgram(program)
  return [cid, indices.join(), arch, ways.join('+'), unit].join(' ')
}

/** Answers of the kit's builder by question. */
export type Answers = Record<string, Recorded>

/** The folder of an archive in which all that is for one architecture lies. */
export const productsFor = (arch: string) => `products/${arch}`

/** Answers as the project's builder did when the kit was made: here there need be no compiler. */
export class PrebuiltBuilder implements Pick<GpuBuilder, 'build'> {
  readonly #folder: string
  readonly #arch: string
  readonly #answers: Answers

  /** @param arch which of those in the kit runs here */
  constructor(project: string, arch: string) {
    this.#folder = join(project, productsFor(arch))
    this.#arch = arch
    this.#answers = JSON.parse(readFileSync(join(this.#folder, 'answers.json'), 'utf8')) as Answers
  }

  /** @throws SandboxFault for what the kit was not made with */
  async build(program: Program, indices: readonly number[], options: GpuBuildOptions): Promise<GpuProduct> {
    const answer = this.#answers[await questionOf(program, indices, { ...options, arch: this.#arch })]
    if (answer === undefined) throw new SandboxFault('toolchain', 'the kit was made without this program')
    if (answer.kind === 'none') return answer
    const { file, ...product } = answer
    return { ...product, bytes: await readFile(join(this.#folder, file)) }
  }
}
