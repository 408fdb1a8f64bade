import { constants, zstdCompressSync } from 'node:zlib'

/** A file of the kit. */
export interface PackedFile {
  /** Relative, with `/`. */
  path: string
  bytes: Uint8Array
  executable?: boolean
}

/** Farther than any two like files lie apart: 512 MiB. */
const WINDOW_LOG = 29

/**
 * Files as one block: length of the head in four bytes (little end first), the head as JSON (`[path, size, executable]` of each),
 * the files one after the other; all of it as zstd. `there/unpack.mts` reads it. Like files should stand beside each other.
 */
export function pack(files: readonly PackedFile[], { level = 19 }: { level?: number } = {}): Uint8Array {
  const head = Buffer.from(JSON.stringify(files.map(({ path, bytes, executable = false }) => [path, bytes.length, executable])))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(head.length)
  const raw = Buffer.concat([size, head, ...files.map(({ bytes }) => bytes)])
  return zstdCompressSync(raw, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_windowLog]: Math.min(WINDOW_LOG, Math.max(10, Math.ceil(Math.log2(raw.length + 1)))),
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
    },
  })
}
