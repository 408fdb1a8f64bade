import { CRC_BEGIN, crc32c, masked } from './crc32c.ts'
import type { Fault } from './fault.ts'
import { unsnap, varint } from './snappy.ts'

const FOOTER_BYTES = 48
const MAGIC = 0xdb4775248b80fb57n
/** Of a block: type and checksum follow it. */
const TRAILER_BYTES = 5
/** Far more than an index of a file of ours takes. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024

/** Where a block stands. */
interface Handle {
  offset: number
  size: number
}

/**
 * Checks a sorted table of LevelDB: every block against its checksum.
 *
 *     file   = data* filter? metaindex index footer        each but the footer with its trailer
 *     footer = handle of metaindex, handle of index, zeros, magic: 48 bytes
 *
 * Where an index cannot be read, what it names is not checked; the index itself is the fault then.
 */
export function* faultsOfTable(bytes: Uint8Array): Generator<Fault> {
  const at = bytes.length - FOOTER_BYTES
  let handles: { metaindex: Handle; index: Handle }
  try {
    handles = footerOf(bytes.subarray(Math.max(0, at)))
  } catch (error) {
    yield { at: Math.max(0, at), what: `its footer is none (${(error as Error).message})` }
    return
  }
  const covered = [{ offset: at, size: FOOTER_BYTES - TRAILER_BYTES }]
  for (const list of [handles.metaindex, handles.index]) {
    const found = blockIn(bytes, list)
    covered.push(list)
    if ('what' in found) {
      yield found
      continue
    }
    for (const handle of handlesIn(found.isSnappy ? unsnap(found.content, MAX_INDEX_BYTES) : found.content)) {
      covered.push(handle)
      const block = blockIn(bytes, handle)
      if ('what' in block) yield block
    }
  }
  yield* gaps(covered)
}

/** Blocks stand one after the other from the beginning: what is between two of them is not checked by anything. */
function* gaps(covered: Handle[]): Generator<Fault> {
  let end = 0
  for (const { offset, size } of covered.sort((a, b) => a.offset - b.offset)) {
    if (offset !== end) yield { at: Math.min(offset, end), what: 'its blocks do not follow each other' }
    end = offset + size + TRAILER_BYTES
  }
}

function footerOf(footer: Uint8Array): { metaindex: Handle; index: Handle } {
  if (footer.length < FOOTER_BYTES) throw new Error('the file is too short')
  if (new DataView(footer.buffer, footer.byteOffset).getBigUint64(FOOTER_BYTES - 8, true) !== MAGIC) throw new Error('no table')
  const [metaindex, next] = handleAt(footer, 0)
  const [index, end] = handleAt(footer, next)
  if (footer.subarray(end, FOOTER_BYTES - 8).some((byte) => byte !== 0)) throw new Error('not zero where it should be')
  return { metaindex, index }
}

function handleAt(bytes: Uint8Array, from: number): [Handle, number] {
  const [offset, next] = varint(bytes, from)
  const [size, end] = varint(bytes, next)
  return [{ offset, size }, end]
}

function blockIn(bytes: Uint8Array, { offset, size }: Handle): { content: Uint8Array; isSnappy: boolean } | Fault {
  const end = offset + size
  if (end + TRAILER_BYTES > bytes.length) return { at: offset, what: 'a block beyond the end of the file' }
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end + 1, true)
  if (masked(crc32c(CRC_BEGIN, bytes, offset, end + 1)) !== stored)
    return { at: offset, what: 'a block is not what its checksum says' }
  return { content: bytes.subarray(offset, end), isSnappy: bytes[end] === 1 }
}

/**
 * The handles an index names:
 *
 *     block = entry* restart* count          restarts and their count: 4 bytes each
 *     entry = shared rest valuelength key value
 */
function* handlesIn(block: Uint8Array): Generator<Handle> {
  const count = new DataView(block.buffer, block.byteOffset).getUint32(block.length - 4, true)
  const end = block.length - 4 * (count + 1)
  let at = 0
  while (at < end) {
    const [, rest] = varint(block, at)
    const [keyLength, size] = varint(block, rest)
    const [valueLength, key] = varint(block, size)
    yield handleAt(block, key + keyLength)[0]
    at = key + keyLength + valueLength
  }
}
