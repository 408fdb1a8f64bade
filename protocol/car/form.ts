import { base32Text } from '../base32.ts'
import { encodeCanonical } from '../canonical.ts'
import { CID_BYTES, isCid, linkOf } from '../content.ts'
import { KernelswarmError } from '../errors.ts'

/**
 * The one form in which an archive is a CAR (version 1), so that no two files say the same:
 *
 *     file    = header *section
 *     header  = varint(length) dag-cbor({ roots: [CID], version: 1 })
 *     section = varint(CID_BYTES + length) cid bytes
 *     cid     = 0x01 ( 0x71 / 0x55 ) 0x12 0x20 32*32(byte)          version 1, dag-cbor or raw, SHA-256
 *
 * Varints are as short as they can be. Nothing follows the last section.
 */

/** Longest varint that is read: 2^35 is more than any block has. */
export const MAX_VARINT_BYTES = 5
/** Longest block. A program has 4 MiB at most, a list is cut at 1 MiB and may hold one long record more. */
export const MAX_BLOCK_BYTES = 64 * 1024 * 1024

/** Bytes that are no archive in this form. `at` is where, in the file; the message says what is wrong there. */
export class CarError extends KernelswarmError<'car'> {
  readonly at: number
  constructor(at: number, message: string) {
    super('car', message)
    this.at = at
  }
}

/** Reads a varint, or null where the bytes end before it does. @throws CarError when it is longer than it has to be */
export function readVarint(bytes: Uint8Array, at: number): { value: number; width: number } | null {
  let value = 0
  for (let width = 1; width <= Math.min(bytes.length, MAX_VARINT_BYTES); width++) {
    const byte = bytes[width - 1] as number
    value += (byte & 0x7f) * 2 ** (7 * (width - 1))
    if (byte >= 0x80) continue
    if (byte === 0 && width > 1) throw new CarError(at, 'a length is not written as short as it can be')
    return { value, width }
  }
  if (bytes.length >= MAX_VARINT_BYTES) throw new CarError(at, 'a length is larger than any block')
  return null
}

/** The CID at the head of a section, as text. @throws CarError when it is not of the kind that archives have */
export function readCid(bytes: Uint8Array, at: number): string {
  const cid = bytes.subarray(0, CID_BYTES)
  if (!isCid(cid)) throw new CarError(at, 'a block is not named by a CID (version 1, dag-cbor or raw, SHA-256)')
  return base32Text(cid)
}

/** The only header that a CAR with this root may have. */
export function headerFor(root: string): Uint8Array {
  return encodeCanonical({ roots: [linkOf(root)], version: 1 })
}
