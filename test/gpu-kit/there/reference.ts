import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program } from '../../../protocol/index.ts'
import { type ChildEnd, runChild } from '../../../sandbox/jail/child.ts'
import { INCLUDE_DIR } from '../../../sandbox/source/compose.ts'

/** As the reference has it. */
const RUN_MS = 60_000
const COMPILE_MS = 120_000
const MOST_BYTES = 1024 ** 2
const ENVIRONMENT = { PATH: '/usr/local/cuda/bin:/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' }
/** The reference's headers, and `wrapper` in as few words as it can be said. */
const HEADERS = '#include "harness/standard.h"\n#include "harness/wrapper.h"\n'

export interface ReferenceOptions {
  signal: AbortSignal
  /** After each test. */
  done(): void
}

/**
 * The reference's way with a case: for each test and each side a whole file, a call of the compiler without a word on optimising,
 * a run. Nothing is jailed: only programs that may be trusted are given to it.
 */
export class Reference {
  readonly #parts: { folder: string; nvcc: string; compiler: string }
  constructor(parts: { folder: string; nvcc: string; compiler: string }) {
    this.#parts = parts
  }

  /** @returns what was printed, test by test; null where it did not compile or did not end with 0 */
  async cpp(program: Program, options: ReferenceOptions): Promise<(Buffer | null)[]> {
    const flags = ['-std=c++17', `-I${INCLUDE_DIR}`]
    return await this.#tests(program, HEADERS, 'test.cpp', [this.#parts.compiler, ...flags], options)
  }

  /** The same for the CUDA side, on the GPU. */
  async cuda(program: Program, options: ReferenceOptions): Promise<(Buffer | null)[]> {
    const { nvcc, compiler } = this.#parts
    const command = [nvcc, '-std=c++17', '--expt-relaxed-constexpr', `-I${INCLUDE_DIR}`, '-ccbin', compiler]
    return await this.#tests(program, `#include <cuda_runtime.h>\n${HEADERS}`, 'test.cu', command, options)
  }

  async #tests(
    program: Program,
    headers: string,
    name: string,
    command: string[],
    { signal, done }: ReferenceOptions,
  ): Promise<(Buffer | null)[]> {
    const { folder } = this.#parts
    await mkdir(folder, { recursive: true })
    const [file, product] = [join(folder, name), join(folder, 'test')]
    const printed: (Buffer | null)[] = []
    for (const test of program.tests) {
      await writeFile(file, `${headers}${program.code}\n${program.wrapper}\nint main() {\n${test}\nreturn 0;\n}\n`)
      const compiled = succeeded(await child([...command, file, '-o', product], COMPILE_MS, signal))
      const end = compiled ? await child([product], RUN_MS, signal) : null
      printed.push(end !== null && succeeded(end) ? (end.outputs.get(1) ?? null) : null)
      done()
    }
    return printed
  }
}

async function child([file = '', ...args]: readonly string[], wallMs: number, signal: AbortSignal): Promise<ChildEnd> {
  const outputs = [1, 2].map((fd) => ({ fd, maxBytes: MOST_BYTES, whenFull: 'discard' as const }))
  return await runChild({ file, args, env: ENVIRONMENT, inputs: new Map(), outputs, wallMs }, { signal })
}

function succeeded({ code, stopped }: ChildEnd): boolean {
  return stopped === null && code === 0
}
