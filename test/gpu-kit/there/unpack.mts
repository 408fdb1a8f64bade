import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { constants, zstdDecompressSync } from 'node:zlib'

/** As `make/archive.ts` has it. */
const WINDOW_LOG = 29

/**
 * Writes the files of an archive of `make/archive.ts` below a folder, readable by every user: root becomes another one before he
 * starts a jail. Stands by itself: it is read before the rest is there.
 * @returns how many files were written
 */
export function unpack(archive: string, folder: string, wanted: (path: string) => boolean = () => true): number {
  const raw = zstdDecompressSync(readFileSync(archive), { params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG } })
  const size = raw.readUInt32LE(0)
  const head = JSON.parse(raw.toString('utf8', 4, 4 + size)) as [path: string, length: number, executable: boolean][]
  let at = 4 + size
  let written = 0
  for (const [path, length, executable] of head) {
    if (wanted(path)) {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
      writeFileSync(file, raw.subarray(at, at + length), { mode: executable ? 0o755 : 0o644 })
      written++
    }
    at += length
  }
  return written
}
