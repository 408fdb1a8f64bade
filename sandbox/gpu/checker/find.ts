import { realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Mount } from '../../jail/policy.ts'
import { isExecutable } from '../../toolchain/find.ts'
import { programLibraries } from '../../toolchain/libraries.ts'
import type { Nvcc } from '../../toolchain/nvcc/find.ts'

/** compute-sanitizer, and what a jail shows of it: its own folder, which holds what it puts into the program. */
export interface Checker {
  path: string
  mounts: readonly Mount[]
}

/** Beside nvcc, where the toolkit's installers and distributions put it. The program itself: what is in bin is a script that calls it. */
function places({ root }: Nvcc): string[] {
  return [
    `${root}/compute-sanitizer/compute-sanitizer`,
    `${root}/extras/compute-sanitizer/compute-sanitizer`,
    '/usr/lib/nvidia-cuda-toolkit/compute-sanitizer/compute-sanitizer',
    '/usr/lib/x86_64-linux-gnu/compute-sanitizer/compute-sanitizer',
  ]
}

/** Null where it is not. */
export async function findChecker(nvcc: Nvcc): Promise<Checker | null> {
  for (const place of places(nvcc)) {
    if (!(await isExecutable(place))) continue
    const path = await realpath(place)
    const libraries = await programLibraries(path).catch((): Mount[] => [])
    const folder = dirname(path)
    const outside = libraries.filter((mount) => mount.kind !== 'system' || !mount.path.startsWith(`${folder}/`))
    return { path, mounts: [...outside, { kind: 'system', path: folder }] }
  }
  return null
}
