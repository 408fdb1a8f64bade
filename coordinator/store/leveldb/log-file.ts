import { CRC_BEGIN, crc32c, masked } from './crc32c.ts'
import type { Fault } from './fault.ts'

const BLOCK_BYTES = 32 * 1024
const HEADER_BYTES = 7
const LAST_TYPE = 4

/**
 * Checks a file in the form of LevelDB's write-ahead log, which its manifest has, too:
 *
 *     file   = block*                     of 32 KiB but the last
 *     block  = record* zero*              fewer than seven zeros, where no header fits
 *     record = crc length type payload    4, 2 and 1 bytes; the checksum is of type and payload
 *
 * LevelDB passes over what is wrong and says nothing. A record that the file ends in the middle of is what a killed process
 * leaves, and nothing that was acknowledged.
 */
export function* faultsOfLog(bytes: Uint8Array): Generator<Fault> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, bytes.length)
    let at = start
    while (end - at >= HEADER_BYTES) {
      const stored = view.getUint32(at, true)
      const length = view.getUint16(at + 4, true)
      const type = bytes[at + 6] as number
      const after = at + HEADER_BYTES + length
      if (after > end) {
        if (end === bytes.length && !isShorter(bytes, at, end, stored)) return
        yield { at, what: 'the length of a record is wrong' }
        break
      }
      if (masked(crc32c(CRC_BEGIN, bytes, at + 6, after)) !== stored) yield { at, what: 'a record is not what its checksum says' }
      else if (type === 0 || type > LAST_TYPE) yield { at, what: `a record of unknown type ${type}` }
      at = after
    }
    const isCut = end === bytes.length
    if (!isCut && bytes.subarray(at, end).some((byte) => byte !== 0)) yield { at, what: 'something stands where nothing should' }
  }
}

/** Whether the checksum of a record that seems to go on beyond the end is that of a shorter one: then only its length is wrong. */
function isShorter(bytes: Uint8Array, at: number, end: number, stored: number): boolean {
  let crc = CRC_BEGIN
  for (let to = at + 6; to < end; to++) {
    crc = crc32c(crc, bytes, to, to + 1)
    if (masked(crc) === stored) return true
  }
  return false
}
