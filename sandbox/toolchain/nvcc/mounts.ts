import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mount } from '../../jail/policy.ts'
import { programLibraries } from '../libraries.ts'
import { place } from '../place.ts'

/**
 * What nvcc needs of the system, with what g++ needs: its own folder, read-only, and the libraries its tools are linked to.
 * Some distributions keep its settings, and folders of the toolkit, elsewhere and put a link; such a link leads to the same
 * place in the jail.
 */
export async function nvccMounts(root: string, compilerMounts: readonly Mount[]): Promise<Mount[]> {
  const outside = new Set<string>()
  for (const folder of [root, join(root, 'bin')]) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isSymbolicLink() || !SETTINGS.has(entry.name)) continue
      const target = await realpath(join(folder, entry.name)).catch(() => null)
      if (target !== null && !target.startsWith(`${root}/`)) outside.add(target)
    }
  }
  const own = [root, ...outside].map((path): Mount => ({ kind: 'system', path }))
  const known = new Set(compilerMounts.map(placeOf))
  const libraries = (await place(await toolLibraries(root))).filter((mount) => !known.has(placeOf(mount)))
  return [
    ...libraries.filter(({ kind }) => kind === 'link'),
    ...compilerMounts,
    ...libraries.filter(({ kind }) => kind !== 'link'),
    ...own,
  ]
}

/** The programs one call of nvcc starts. */
const TOOLS = ['bin/nvcc', 'bin/cudafe++', 'bin/ptxas', 'bin/fatbinary', 'bin/nvlink', 'bin/cicc', 'nvvm/bin/cicc'] as const

async function toolLibraries(root: string): Promise<string[]> {
  // One that is not there, or is linked statically, has none.
  const found = await Promise.all(TOOLS.map((tool) => programLibraries(join(root, tool)).catch(() => [])))
  return found.flat().flatMap((mount) => (mount.kind === 'system' ? [mount.path] : []))
}

function placeOf(mount: Mount): string {
  return mount.kind === 'system' || mount.kind === 'device' ? mount.path : mount.at
}

/** Names that may be links out of the folder. Compilers among them are the distribution's choice, and ours is another. */
const SETTINGS: ReadonlySet<string> = new Set(['nvcc.profile', 'nvvm', 'include', 'targets', 'lib64', 'crt', 'cicc', 'libdevice'])
