import { chmod, mkdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Jail } from '../../../jail/jail.ts'
import type { Mount } from '../../../jail/policy.ts'
import { compileStep, INCLUDE_AT } from '../../../toolchain/compile-step.ts'
import type { Equipment } from '../../../toolchain/equipment.ts'
import { hashOf, removeStale, settle, sweepTemporary, temporaryName, writeShared } from '../../../toolchain/folders.ts'
import type { Nvcc } from '../../../toolchain/nvcc/find.ts'
import type { Toolchain } from '../../../toolchain/toolchain.ts'
import { SandboxFault } from '../../../types.ts'
import { hostArguments } from './commands.ts'

/** What host halves are compiled with: CUDA's headers, precompiled as a C++ compiler reads them. */
export interface HostHeaders {
  /** Holds them by the names of `HEADERS`. */
  folder: string
  /** Where the toolkit keeps `cuda_runtime.h`. */
  cuda: string
}

export interface HostHeadersParts {
  jail: Jail
  toolchain: Toolchain
  equipment: Equipment
  nvcc: Nvcc
  mounts: readonly Mount[]
  cacheDir: string
}

/** Where the folder stands in the jail. */
export const HEADERS_AT = '/headers'
/** By how much of the library the program needs. */
export const HEADERS = { lean: 'host_lean.h', all: 'host_all.h' } as const

/** Larger than any program. */
const HEADER_BYTES = 512 * 1024 ** 2
const HEADER_MS = 10 * 60_000

/** Precompiles the headers, or finds them. Null where this toolkit's cannot be read so: nvcc's own host pass is left. */
export async function prepareHostHeaders(parts: HostHeadersParts): Promise<HostHeaders | null> {
  const cuda = await findHeaders(parts.nvcc.root)
  if (cuda === null) return null
  const { equipment, nvcc, cacheDir } = parts
  const id = hashOf('host halves', equipment.id, nvcc.id, JSON.stringify([hostArguments(cuda), HEADERS])).slice(0, 32)
  const shelf = join(cacheDir, 'host-halves')
  await mkdir(shelf, { recursive: true })
  await sweepTemporary(shelf)
  const folder = join(shelf, id)
  if ((await stat(folder).catch(() => null)) === null && !(await make(parts, cuda, shelf, folder))) return null
  await utimes(folder, new Date(), new Date())
  await removeStale(shelf, id)
  return { folder, cuda }
}

async function findHeaders(root: string): Promise<string | null> {
  for (const folder of ['include', 'targets/x86_64-linux/include', 'targets/sbsa-linux/include']) {
    const found = await readFile(join(root, folder, 'cuda_runtime.h')).catch(() => null)
    if (found !== null) return join(root, folder)
  }
  return null
}

async function make(parts: HostHeadersParts, cuda: string, shelf: string, folder: string): Promise<boolean> {
  const draft = join(shelf, temporaryName('host-halves'))
  try {
    await mkdir(draft)
    for (const header of Object.values(HEADERS)) {
      const bytes = await precompile(parts, cuda, header)
      if (bytes === null) return false
      const text = Buffer.from(`#include "${INCLUDE_AT}/gpu/${header}"\n`)
      const files = [
        { path: header, bytes: text },
        { path: `${header}.gch`, bytes },
      ]
      await writeShared(draft, files)
      for (const { path } of files) await chmod(join(draft, path), 0o644)
    }
    await chmod(draft, 0o755)
    await settle(draft, folder)
    return true
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Null where g++ does not take CUDA's headers. */
async function precompile(parts: HostHeadersParts, cuda: string, header: string): Promise<Uint8Array | null> {
  const { jail, toolchain, mounts, equipment } = parts
  const { compiler } = toolchain
  const order = {
    ...{ compiler, mounts, include: equipment.include, args: [], stdin: null },
    ...{ maxProductBytes: HEADER_BYTES, wallMs: HEADER_MS },
  }
  const script = '"$@" -o /tmp/product >&2 && exec cat /tmp/product'
  const call = [compiler, ...hostArguments(cuda), '-x', 'c++-header', `${INCLUDE_AT}/gpu/${header}`]
  const step = { ...compileStep(order), argv: ['/bin/sh', '-c', script, 'sh', ...call] as [string, ...string[]] }
  const { exitCode, stop, stdout } = await jail.run(step, { signal: new AbortController().signal })
  if (stop !== 'ended') throw new SandboxFault('toolchain', `${compiler} cannot precompile ${header} (${stop})`)
  return exitCode === 0 ? stdout : null
}
