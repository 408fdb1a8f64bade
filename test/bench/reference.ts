import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program } from '../../protocol/index.ts'
import { type ChildEnd, runChild } from '../../sandbox/jail/child.ts'
import { INCLUDE_DIR } from '../../sandbox/source/compose.ts'

/** A compile on a machine that does much else. */
const COMPILE_MS = 10 * 60_000
const RUN_MS = 60_000
const MOST_BYTES = 1024 ** 2
const { signal } = new AbortController()

/** The headers that the reference includes, and `wrapper`, in every file; ours is as small as one can be. */
const HEADERS = ['standard.h', 'wrapper.h'].map((name) => readFileSync(join(INCLUDE_DIR, 'harness', name), 'utf8')).join('')

/**
 * The reference's way: a whole file for every test, one call of a compiler for every file, no optimisation asked for, to an
 * executable. Nothing is jailed, so the programs must be ones that may be trusted.
 */
export class Reference {
  readonly #folder: string
  readonly #nvcc: string | null
  /** @param nvcc its path; null where there is none */
  constructor(folder: string, nvcc: string | null) {
    this.#folder = folder
    this.#nvcc = nvcc
  }

  /** Compiles and runs every test of the C++ side. Null where one does not compile or ends badly. */
  async cpp(program: Program): Promise<(Buffer | null)[]> {
    const printed: (Buffer | null)[] = []
    for (const test of program.tests) {
      const product = await this.#compile('g++', ['-std=c++17'], 'test.cpp', textOf(program, test, HEADERS))
      printed.push(product === null ? null : await run(product))
    }
    return printed
  }

  /** Compiles every test of the CUDA side. @returns how many do */
  async cuda(program: Program): Promise<number> {
    if (this.#nvcc === null) throw new Error('no nvcc here')
    const flags = ['-std=c++17', '--expt-relaxed-constexpr']
    const headers = `#include <cuda_runtime.h>\n${HEADERS}`
    let compiled = 0
    for (const test of program.tests) {
      if ((await this.#compile(this.#nvcc, flags, 'test.cu', textOf(program, test, headers))) !== null) compiled++
    }
    return compiled
  }

  async #compile(compiler: string, flags: readonly string[], name: string, text: string): Promise<string | null> {
    const file = join(this.#folder, name)
    const product = join(this.#folder, 'test')
    await writeFile(file, text)
    return succeeded(await child(compiler, [...flags, file, '-o', product], COMPILE_MS)) ? product : null
  }
}

function textOf({ code, wrapper }: Program, test: string, headers: string): string {
  return `${headers}${code}\n${wrapper}\nint main() {\n${test}\nreturn 0;\n}\n`
}

async function run(product: string): Promise<Buffer | null> {
  const end = await child(product, [], RUN_MS)
  return succeeded(end) ? (end.outputs.get(1) ?? null) : null
}

async function child(file: string, args: readonly string[], wallMs: number): Promise<ChildEnd> {
  const outputs = [1, 2].map((fd) => ({ fd, maxBytes: MOST_BYTES, whenFull: 'discard' as const }))
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' }
  return await runChild({ file, args, env, inputs: new Map(), outputs, wallMs }, { signal })
}

function succeeded({ code, stopped }: ChildEnd): boolean {
  return stopped === null && code === 0
}
