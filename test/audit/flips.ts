import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { audit } from '../../coordinator/index.ts'

/** A byte that was changed, and what the audit said. */
export interface Flip {
  at: number
  from: number
  to: number
  said: string | null
}

/**
 * Changes one byte at a time of an archive and audits each.
 * @param places offsets to change; `mask` is what is turned round in the byte there, never 0
 */
export async function* flips(
  folder: string,
  archive: Uint8Array,
  places: Iterable<{ at: number; mask: number }>,
): AsyncGenerator<Flip> {
  const file = join(folder, 'flipped.car')
  const bytes = Buffer.from(archive)
  for (const { at, mask } of places) {
    const from = archive[at] as number
    const to = from ^ mask
    bytes[at] = to
    await writeFile(file, bytes)
    bytes[at] = from
    const { failure } = await audit(file, { key: null, onProgress: () => {} })
    yield { at, from, to, said: failure?.what ?? null }
  }
}

/** So many places of chance, spread evenly over the file. */
export function* sampled(size: number, count: number, random: () => number): Generator<{ at: number; mask: number }> {
  for (let n = 0; n < count; n++) {
    const at = Math.min(size - 1, Math.floor(((n + random()) * size) / count))
    yield { at, mask: 1 + Math.floor(random() * 255) }
  }
}
