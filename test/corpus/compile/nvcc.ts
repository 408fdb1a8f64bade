import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The flags of the reference, and no more. */
const FLAGS = ['-std=c++17', '--expt-relaxed-constexpr', '-c']
const COMPILE_MS = 120_000

/** What the reference puts before a program, with a wrapper that only calls. */
const prelude = `${'iostream cstdlib string vector fstream iomanip type_traits cassert tuple utility cfloat cmath climits cuda_runtime.h'
  .split(' ')
  .map((header) => `#include <${header}>\n`)
  .join('')}using namespace std;
template <class F, class... A>
void wrapper(F function, A &&...arguments) { function(arguments...); }
`

/** The CUDA side of a case with its tests, as one file. */
export interface CudaFile {
  code: string
  wrapper: string
  tests: readonly string[]
}

export interface NvccAnswer {
  accepts: boolean
  /** The first complaint without the file's name. */
  says: string
}

/** nvcc's version, or null where there is no nvcc. */
export async function findNvcc(): Promise<string | null> {
  const done = await run('nvcc', ['--version']).catch(() => null)
  return /release (\d+\.\d+)/.exec(done?.stdout ?? '')?.[1] ?? null
}

/** Compiles files with the installed nvcc, as many at a time as there are processors; answers in their order. */
export async function askNvcc(files: readonly CudaFile[]): Promise<NvccAnswer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-nvcc-'))
  const answers: NvccAnswer[] = []
  try {
    const waiting = files.entries()
    const worker = async () => {
      for (const [index, file] of waiting) answers[index] = await compile(join(folder, `unit${index}.cu`), file)
    }
    await Promise.all(Array.from({ length: availableParallelism() }, worker))
    return answers
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compile(path: string, { code, wrapper, tests }: CudaFile): Promise<NvccAnswer> {
  const functions = tests.map((test, index) => `int test_${index}() {\n${test}\nreturn 0;\n}\n`)
  const calls = tests.map((_, index) => `test_${index}();`).join(' ')
  await writeFile(path, `${prelude}${code}\n${wrapper}\n${functions.join('')}int main() { ${calls} return 0; }\n`)
  const env = { ...process.env, LC_ALL: 'C' }
  try {
    await run('nvcc', [...FLAGS, path, '-o', `${path}.o`], { env, timeout: COMPILE_MS, maxBuffer: 16 * 1024 ** 2 })
    return { accepts: true, says: '' }
  } catch (error) {
    const { stdout = '', stderr = '', code: exit } = error as { stdout?: string; stderr?: string; code?: unknown }
    if (typeof exit !== 'number') throw error
    const complaint = `${stdout}${stderr}`.split('\n').find((line) => /\berror\b|fatal/i.test(line)) ?? 'no word'
    return { accepts: false, says: complaint.replace(/^.*?error\s*(?:#\d+(?:-D)?)?\s*:\s*/i, '').replaceAll(/\/\S+\//g, '') }
  }
}
