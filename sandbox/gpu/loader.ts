import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ask, askAloud } from '../toolchain/ask.ts'
import { find } from '../toolchain/find.ts'
import {
  diskFault,
  filesBelow,
  hashOf,
  isDiskError,
  removeStale,
  settle,
  sweepTemporary,
  temporaryName,
} from '../toolchain/folders.ts'
import type { Nvcc } from '../toolchain/nvcc/find.ts'
import { SANDBOX_VERSION } from '../toolchain/version.ts'
import { SandboxFault } from '../types.ts'

/** The loader's sources, below the harness's folder. */
const SOURCE = 'isolated/loader/gpu.cpp'
const PROBE = 'isolated/loader/gpu/probe.cu'
const NAMES = 'isolated/loader/gpu/names.list'

/** What CUDA's own functions are called in the loader that stands before them (harness/isolated/loader/gpu/real.h). */
const REAL = '__ks_real_'

export const LOADER_FILE = 'load-gpu'

/** As the loaders of the other executors; the host's half of every unit is built without the optimiser, this is ours. */
const FLAGS = [
  '-std=c++17',
  '-O1',
  '-fPIE',
  '-pie',
  '-rdynamic',
  '-pthread',
  '-fno-stack-protector',
  '-fno-stack-clash-protection',
]

export interface LoaderParts {
  /** g++. */
  compiler: string
  nvcc: Nvcc
  /** For example `sm_90`. */
  arch: string
  /** The static runtime, a library of that toolkit. */
  runtime: string
  /** Folder of the harness. */
  includeDir: string
  cacheDir: string
}

export interface PreparedLoader {
  folder: string
  file: string
  /** Names sources, tools and architecture. */
  id: string
}

/**
 * The loader with CUDA's static runtime in it, found in the cache folder or made there, of our own text, outside of any jail:
 *
 * 1. Every function of the runtime is renamed.
 * 2. For each there is a jump under its old name, which units find; but for those that the loader follows itself.
 * 3. The loader's own kernels are compiled for the GPU here, and all is linked.
 *
 * @throws SandboxFault `toolchain` naming what failed, `disk`
 */
export async function prepareLoader(parts: LoaderParts): Promise<PreparedLoader> {
  const sources = (await filesBelow(parts.includeDir)).filter(({ path }) => !path.startsWith('emulator/'))
  const { size, mtimeMs } = await stat(parts.runtime)
  const tools = JSON.stringify([SANDBOX_VERSION, FLAGS, parts.compiler, parts.nvcc.id, parts.arch, parts.runtime, size, mtimeMs])
  const id = hashOf(tools, ...sources.flatMap(({ path, bytes }) => [path, bytes])).slice(0, 32)
  const shelf = join(parts.cacheDir, 'gpu')
  const folder = join(shelf, id)
  try {
    await mkdir(shelf, { recursive: true })
    await sweepTemporary(shelf)
    if ((await stat(join(folder, LOADER_FILE)).catch(() => null)) === null) {
      const draft = join(shelf, temporaryName(id))
      try {
        await make(draft, parts)
        await settle(draft, folder)
      } finally {
        await rm(draft, { recursive: true, force: true })
      }
    }
    await removeStale(shelf, id)
  } catch (error) {
    throw isDiskError(error) ? diskFault(shelf, error) : error
  }
  return { folder, file: LOADER_FILE, id }
}

async function make(draft: string, { compiler, nvcc, arch, runtime, includeDir }: LoaderParts): Promise<void> {
  await mkdir(draft, { recursive: true })
  await chmod(draft, 0o755)
  const at = (name: string) => join(draft, name)
  const [nm, objcopy] = [await needed('nm'), await needed('objcopy')]
  const names = runtimeNames(await ask(nm, ['-g', '--defined-only', '--format=posix', runtime]))
  const followed = new Set((await readFile(join(includeDir, NAMES), 'utf8')).split('\n').filter(Boolean))
  await writeFile(at('names'), names.map((name) => `${name} ${REAL}${name}\n`).join(''))
  await writeFile(at('through.s'), throughText(names.filter((name) => !followed.has(name))))
  await ask(objcopy, [`--redefine-syms=${at('names')}`, runtime, at('runtime.a')])
  const include = await toolkitInclude(nvcc)
  const code = ['-gencode', `arch=${arch.replace('sm_', 'compute_')},code=${arch}`]
  await ask(nvcc.path, [
    '-std=c++17',
    ...code,
    '-ccbin',
    compiler,
    '-Xcompiler',
    '-fPIE',
    '-c',
    join(includeDir, PROBE),
    '-o',
    at('probe.o'),
  ])
  const whole = ['-Wl,--whole-archive', at('runtime.a'), '-Wl,--no-whole-archive']
  const inputs = [join(includeDir, SOURCE), at('probe.o'), at('through.s'), ...whole]
  await ask(compiler, [...FLAGS, `-I${include}`, ...inputs, '-ldl', '-lrt', '-o', at(LOADER_FILE)])
  for (const name of ['names', 'through.s', 'runtime.a', 'probe.o']) await rm(at(name))
  await chmod(at(LOADER_FILE), 0o755)
}

async function needed(tool: string): Promise<string> {
  const found = await find(tool)
  if (found === null) throw new SandboxFault('toolchain', `${tool} is missing; it comes with the assembler (binutils)`)
  return found
}

/** Names of the runtime's functions, from lines `NAME TYPE VALUE SIZE`. */
export function runtimeNames(text: string): string[] {
  const names = text.split('\n').flatMap((line) => /^((?:__)?cuda[A-Z]\w*) [TW] /.exec(line)?.[1] ?? [])
  return [...new Set(names)].sort()
}

const JUMPS: Readonly<Record<string, string>> = { x64: 'jmp', arm64: 'b' }

function throughText(names: readonly string[]): string {
  const jump = JUMPS[process.arch] ?? 'jmp'
  const lines = names.flatMap((name) => [`.globl ${name}`, `.type ${name},@function`, `${name}: ${jump} ${REAL}${name}`])
  return ['.text', ...lines, '.section .note.GNU-stack,"",@progbits', ''].join('\n')
}

/** Where the toolkit's own headers are: some distributions have them among all others. */
async function toolkitInclude({ root }: Nvcc): Promise<string> {
  for (const place of [
    `${root}/include`,
    `${root}/targets/x86_64-linux/include`,
    `${root}/targets/sbsa-linux/include`,
    '/usr/include',
  ]) {
    if ((await stat(`${place}/cuda_runtime_api.h`).catch(() => null)) !== null) return place
  }
  throw new SandboxFault('toolchain', `the toolkit in ${root} has no cuda_runtime_api.h (package cuda-cudart-dev)`)
}

/** The static runtime beside nvcc, or null: nvcc itself tells where it looks for libraries. */
export async function findRuntime({ path, root }: Nvcc): Promise<string | null> {
  const said = await askAloud(path, ['--dryrun', 'none.cu', '-o', '/dev/null']).catch(() => '')
  const told = [...said.matchAll(/"-L([^"]+)"/g)].map(([, folder = '']) => folder)
  const usual = [
    `${root}/lib64`,
    `${root}/targets/x86_64-linux/lib`,
    `${root}/lib`,
    '/usr/lib/x86_64-linux-gnu',
    '/usr/lib64',
    '/usr/lib',
  ]
  for (const folder of [...told, ...usual]) {
    const file = join(folder, 'libcudart_static.a')
    if ((await stat(file).catch(() => null)) !== null) return file
  }
  return null
}
