import * as dagCbor from '@ipld/dag-cbor'
import { ProtocolError } from './errors.ts'
import { MAX_CBOR_DEPTH } from './limits.ts'

/** The one form in which a value is signed, hashed, stored and sent: deterministic dag-cbor. */
export function encodeCanonical(value: unknown): Uint8Array {
  return dagCbor.encode(value)
}

/**
 * Reads canonical bytes and refuses every other form of the same value:
 * the depth is scanned first (the decoder recurses), then what was decoded is encoded again and compared
 * (the decoder accepts unsorted keys).
 * @throws ProtocolError `malformed` or `not-canonical`
 */
export function decodeCanonical(bytes: Uint8Array, maxDepth: number = MAX_CBOR_DEPTH): unknown {
  if (depthOf(bytes, maxDepth) > maxDepth) throw new ProtocolError('malformed', `nested deeper than ${maxDepth}`)
  let value: unknown
  try {
    value = dagCbor.decode(bytes)
  } catch (error) {
    throw new ProtocolError('malformed', `not dag-cbor: ${(error as Error).message}`)
  }
  if (Buffer.compare(dagCbor.encode(value), bytes) !== 0) throw new ProtocolError('not-canonical', 'not in canonical form')
  return value
}

/**
 * Nesting depth of the CBOR item in `bytes`, without recursion; stops at `cap + 1`, at the end, or at a head it
 * does not know (the decoder then says what is wrong).
 * Head: 3 bits major type, 5 bits length (RFC 8949, section 3).
 */
function depthOf(bytes: Uint8Array, cap: number): number {
  const open: number[] = []
  let deepest = 0
  let at = 0
  while (at < bytes.length) {
    const head = bytes[at] as number
    const major = head >> 5
    const width = lengthWidth(head & 31)
    if (width < 0) return deepest
    const length = width === 0 ? head & 31 : readLength(bytes, at + 1, width)
    at += 1 + width
    if (major === 2 || major === 3) at += length
    const items = major === 4 ? length : major === 5 ? 2 * length : major === 6 ? 1 : 0
    if (items > 0) {
      open.push(items)
      deepest = Math.max(deepest, open.length)
      if (deepest > cap) return deepest
    } else {
      closeItem(open)
    }
  }
  return deepest
}

/** One item is complete: count it in the containers it may complete as well. */
function closeItem(open: number[]): void {
  for (let left = open.pop(); left !== undefined; left = open.pop()) {
    if (left > 1) {
      open.push(left - 1)
      return
    }
  }
}

function lengthWidth(info: number): number {
  if (info < 24) return 0
  return info <= 27 ? 1 << (info - 24) : -1
}

function readLength(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] ?? 0)
  return value
}
