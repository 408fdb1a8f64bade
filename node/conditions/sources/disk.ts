import { opendir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Facts, known } from '../facts.ts'
import type { Source } from './source.ts'

const EVERY_MS = 60_000
/** Files that are counted of one folder. The node's own have some thousands. */
const MAX_FILES = 200_000

/** How full the disk of the data folder is, and what the node's own folders take. */
export class DiskSource implements Source {
  readonly name = 'the disk'
  readonly tells = ['disk'] as const
  readonly #folders: readonly string[]
  /** @param folders the data folder first */
  constructor(folders: readonly [string, ...string[]]) {
    this.#folders = folders
  }

  everyMs(): number {
    return EVERY_MS
  }

  async look(): Promise<Partial<Facts>> {
    const { bavail, bsize, blocks } = await statfs(this.#folders[0] as string)
    let ownBytes = 0
    for (const folder of this.#folders) ownBytes += await bytesIn(folder)
    return { disk: known({ freeBytes: bavail * bsize, totalBytes: blocks * bsize, ownBytes }) }
  }
}

/** What the files of a folder take on disk. Links are not followed; what goes meanwhile counts nothing. */
async function bytesIn(folder: string): Promise<number> {
  let [bytes, files] = [0, 0]
  const entries = await opendir(folder, { recursive: true }).catch(() => null)
  if (entries === null) return 0
  for await (const entry of entries) {
    if (++files > MAX_FILES) break
    if (entry.isFile()) bytes += ((await stat(join(entry.parentPath, entry.name)).catch(() => null))?.blocks ?? 0) * 512
  }
  return bytes
}
