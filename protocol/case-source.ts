import { open, stat } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UsageError } from './errors.ts'
import { MAX_GZIP_RATIO } from './limits.ts'

/** Where cases are read from, as often as wanted, and always the same. */
export interface CaseSource {
  /** What messages call it. */
  readonly name: string
  /** Its bytes from the beginning; what is gzipped as it is. */
  chunks(): AsyncIterable<Uint8Array>
}

export const READ_BYTES = 256 * 1024

/** A file of cases. @throws UsageError `file`, when it is read, where it cannot be, or not twice */
export function fileSource(file: string): CaseSource {
  return { name: file, chunks: () => readFile(file) }
}

async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  const readable = (error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'no such file' : error.code === 'EISDIR' ? 'a folder, not a file' : error.message
    return new UsageError('file', `${file}: ${why}; expected a file of cases, one JSON object a line`)
  }
  // It is read twice, first to check all of it; and opening a pipe that nobody writes to would never end.
  const stats = await stat(file).catch((error) => {
    throw readable(error)
  })
  if (!stats.isFile() && !stats.isDirectory()) {
    throw new UsageError('file', `${file}: a pipe or device, which cannot be read twice; write the cases to a file first`)
  }
  await using handle = await open(file, 'r').catch((error) => {
    throw readable(error)
  })
  for (;;) {
    // A fresh buffer each time: lines hold parts of it until they are complete.
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(READ_BYTES), 0, READ_BYTES).catch((error) => {
      throw readable(error)
    })
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

/** What gzip begins with (RFC 1952). */
const GZIP_MAGIC = [0x1f, 0x8b]
/** Below so many bytes nothing that unfolds does harm. */
const HARMLESS_BYTES = 16 * 1024 * 1024

/**
 * The text bytes of what may be gzipped, told by its first two bytes; nothing but a piece is held at a time.
 * @throws UsageError `file` where it is damaged, ends in the middle, or unfolds as no text does
 */
export async function* unpacked(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let length = 0
  while (length < GZIP_MAGIC.length) {
    const { value, done } = await iterator.next()
    if (done) break
    head.push(value)
    length += value.byteLength
  }
  const all = resumed(head, iterator)
  const first = Buffer.concat(head)
  const isGzip = GZIP_MAGIC.every((byte, index) => first[index] === byte)
  yield* isGzip ? inflated(all, name) : all
}

async function* resumed(head: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* head
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

async function* inflated(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  let packed = 0
  let text = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      packed += chunk.byteLength
      yield chunk
    }
  }
  const gunzip = createGunzip({ chunkSize: READ_BYTES })
  // What fails ends the reading below, with the same error.
  pipeline(Readable.from(counted(), { objectMode: true, highWaterMark: 1 }), gunzip, () => undefined)
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      text += chunk.byteLength
      if (text > HARMLESS_BYTES && text > MAX_GZIP_RATIO * packed) {
        throw new UsageError(
          'file',
          `${name}: unfolds to more than ${MAX_GZIP_RATIO} times its size, which text of cases does not; unpack it first if it is yours`,
        )
      }
      yield chunk
    }
  } catch (error) {
    throw whyNotUnpacked(error as NodeJS.ErrnoException, name)
  }
}

function whyNotUnpacked(error: NodeJS.ErrnoException, name: string): Error {
  if (error.code === 'Z_BUF_ERROR') return new UsageError('file', `${name}: gzip data that ends in the middle; get all of it`)
  return error.code?.startsWith('Z_') ? new UsageError('file', `${name}: damaged gzip data (${error.message})`) : error
}
