import { createHash } from 'node:crypto'
import { Level } from 'level'
import { KernelswarmError } from '../../protocol/index.ts'

/** What a store holds, record by record in the order of the keys. */
export type Records = AsyncIterable<[string, Uint8Array]>

/** What was copied, and the name of exactly that. */
export interface Copied {
  records: number
  bytes: number
  sha256: string
}

const HEAD_BYTES = 8
/** Keys are names of content and numbers. */
const MAX_KEY_BYTES = 1024
/** A value is a program, an output, an envelope, or an event; a batch of cases is the largest. */
const MAX_VALUE_BYTES = 64 * 1024 * 1024
/** Written to the new store at a time. */
const BATCH_BYTES = 4 * 1024 * 1024

/**
 * Records as one stream of bytes:
 *
 *     stream = record* end
 *     record = length of key, length of value (4 bytes each, the highest first), key, value
 *     end    = 0, 32, SHA-256 of all records' bytes
 *
 * A stream without its end was cut off.
 */
export async function* framesOf(records: Records): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const [key, value] of records) {
    const frame = frameOf(key, value)
    hash.update(frame)
    yield frame
  }
  yield Buffer.concat([head(0, 32), hash.digest()])
}

/** Reads what `framesOf` made. @throws KernelswarmError `backup` when it was cut off or changed */
export async function* recordsOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<[string, Uint8Array]> {
  const hash = createHash('sha256')
  for await (const { key, value, frame } of parse(whole(stream))) {
    if (key.length > 0) {
      hash.update(frame)
      yield [Buffer.from(key).toString(), value]
    } else if (Buffer.compare(hash.digest(), value) === 0) {
      return
    } else {
      throw new KernelswarmError('backup', 'what came is not what was sent')
    }
  }
  throw new KernelswarmError('backup', 'the coordinator ended in the middle; nothing was kept')
}

/** @throws KernelswarmError `backup` when the stream breaks off, as where the coordinator is killed */
async function* whole(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    throw new KernelswarmError('backup', `the coordinator ended in the middle (${(error as Error).message}); nothing was kept`)
  }
}

async function* parse(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ key: Uint8Array; value: Uint8Array; frame: Uint8Array }> {
  let held: Uint8Array = new Uint8Array()
  for await (const chunk of stream) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (let size = sizeOf(held); size !== null && held.length >= size; size = sizeOf(held)) {
      const keyLength = new DataView(held.buffer, held.byteOffset).getUint32(0)
      const body = held.subarray(HEAD_BYTES, size)
      yield { key: body.subarray(0, keyLength), value: body.subarray(keyLength), frame: held.subarray(0, size) }
      held = held.subarray(size)
    }
  }
}

/** Of the record that begins here, as far as its head is there. */
function sizeOf(held: Uint8Array): number | null {
  if (held.length < HEAD_BYTES) return null
  const view = new DataView(held.buffer, held.byteOffset)
  const [key, value] = [view.getUint32(0), view.getUint32(4)]
  if (key > MAX_KEY_BYTES || value > MAX_VALUE_BYTES) throw new KernelswarmError('backup', 'a record is longer than any of ours')
  return HEAD_BYTES + key + value
}

function head(key: number, value: number): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES)
  bytes.writeUInt32BE(key, 0)
  bytes.writeUInt32BE(value, 4)
  return bytes
}

function frameOf(key: string, value: Uint8Array): Buffer {
  const name = Buffer.from(key)
  return Buffer.concat([head(name.length, value.length), name, value])
}

/** Makes a new store of records; all of it is on disk when it resolves. */
export async function writeStore(
  folder: string,
  records: Records,
  onProgress: (done: Omit<Copied, 'sha256'>) => void,
): Promise<Copied> {
  const db = new Level<string, Uint8Array>(folder, { keyEncoding: 'utf8', valueEncoding: 'view', errorIfExists: true })
  const hash = createHash('sha256')
  const done = { records: 0, bytes: 0 }
  let batch: { type: 'put'; key: string; value: Uint8Array }[] = []
  let waiting = 0
  const flush = async (sync: boolean) => {
    await db.batch(batch, { sync })
    batch = []
    waiting = 0
    onProgress(done)
  }
  try {
    await db.open()
    for await (const [key, value] of records) {
      hash.update(frameOf(key, value))
      batch.push({ type: 'put', key, value })
      waiting += value.length
      done.records++
      done.bytes += value.length
      if (waiting > BATCH_BYTES) await flush(false)
    }
    // What LevelDB has not sorted into tables, which it syncs itself, is in its log: synced now.
    await flush(true)
  } finally {
    await db.close()
  }
  return { ...done, sha256: hash.digest('hex') }
}
