import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mount } from '../../jail/policy.ts'

/**
 * What nvcc needs beside what g++ needs: its own folder, read-only. Some distributions keep its settings, and folders of the
 * toolkit, elsewhere and put a link; such a link leads to the same place in the jail.
 */
export async function nvccMounts(root: string): Promise<Mount[]> {
  const outside = new Set<string>()
  for (const folder of [root, join(root, 'bin')]) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (!entry.isSymbolicLink() || !SETTINGS.has(entry.name)) continue
      const target = await realpath(join(folder, entry.name)).catch(() => null)
      if (target !== null && !target.startsWith(`${root}/`)) outside.add(target)
    }
  }
  return [root, ...outside].map((path) => ({ kind: 'system', path }))
}

/** Names that may be links out of the folder. Compilers among them are the distribution's choice, and ours is another. */
const SETTINGS: ReadonlySet<string> = new Set(['nvcc.profile', 'nvvm', 'include', 'targets', 'lib64', 'crt', 'cicc', 'libdevice'])
