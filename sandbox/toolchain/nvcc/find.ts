import { glob, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ask } from '../ask.ts'
import { isExecutable } from '../find.ts'
import { hashOf } from '../folders.ts'

/** An nvcc of this machine; whether it works here only a compile shows. */
export interface Nvcc {
  /** Where all its links lead: it finds its tools beside itself. */
  path: string
  /** Its folder, which holds all of the toolkit it needs. */
  root: string
  /** For example `13.0`. */
  version: string
  /** Names this build of it, where it is. */
  id: string
}

/**
 * Where NVIDIA's installers and distributions put it. Not PATH and not CUDA_HOME: a verdict must not depend on a shell. Of
 * several the first counts, and of several versions side by side without a chosen one the newest.
 */
const PLACES = [
  '/usr/local/cuda/bin/nvcc',
  // Debian and Ubuntu; their /usr/bin/nvcc is a script that calls it.
  '/usr/lib/nvidia-cuda-toolkit/bin/nvcc',
  '/usr/lib/cuda/bin/nvcc',
  '/opt/cuda/bin/nvcc',
  '/usr/local/cuda-*/bin/nvcc',
] as const

/** Folders that are no toolkit's own: one of them would show a jail the machine. */
const NOT_ITS_OWN: ReadonlySet<string> = new Set(['/', '/usr', '/usr/local', '/opt', '/usr/lib'])

/** Null where there is none, or none that answers. */
export async function findNvcc(): Promise<Nvcc | null> {
  for (const place of PLACES) {
    const paths: string[] = []
    for await (const path of glob(place)) paths.push(path)
    for (const path of paths.sort(byVersion)) {
      const found = await nvccAt(path)
      if (found !== null) return found
    }
  }
  return null
}

async function nvccAt(place: string): Promise<Nvcc | null> {
  const path = await realpath(place).catch(() => null)
  if (path === null || !(await isExecutable(path))) return null
  const root = dirname(dirname(path))
  const said = await ask(path, ['--version']).catch(() => '')
  const version = parseNvccVersion(said)
  return version === null || NOT_ITS_OWN.has(root) ? null : { path, root, version, id: hashOf(path, said) }
}

/** Newest first. */
function byVersion(a: string, b: string): number {
  return b.localeCompare(a, 'en', { numeric: true })
}

/** `Cuda compilation tools, release 13.0, V13.0.88` -> `13.0`. */
export function parseNvccVersion(text: string): string | null {
  return /release (\d+\.\d+)/.exec(text)?.[1] ?? null
}
