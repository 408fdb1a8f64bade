import * as dagCbor from '@ipld/dag-cbor'
import { scan } from './canonical-scan.ts'
import { ProtocolError } from './errors.ts'
import { MAX_CBOR_DEPTH } from './limits.ts'

/** The one form in which a value is signed, hashed, stored and sent: deterministic dag-cbor. */
export function encodeCanonical(value: unknown): Uint8Array {
  return dagCbor.encode(value)
}

/**
 * Reads canonical bytes and refuses every other form of the same value: the depth is scanned first (the decoder recurses), and
 * whether each head, text and order of keys is the one that `encodeCanonical` would have written. Where the scan cannot tell, what
 * was decoded is encoded again and compared (the decoder accepts unsorted keys).
 * @throws ProtocolError `malformed` or `not-canonical`
 */
export function decodeCanonical(bytes: Uint8Array, maxDepth: number = MAX_CBOR_DEPTH): unknown {
  const { depth, isCanonical } = scan(bytes, maxDepth)
  if (depth > maxDepth) throw new ProtocolError('malformed', `nested deeper than ${maxDepth}`)
  let value: unknown
  try {
    value = dagCbor.decode(bytes)
  } catch (error) {
    throw new ProtocolError('malformed', `not dag-cbor: ${(error as Error).message}`)
  }
  if (!isCanonical && Buffer.compare(dagCbor.encode(value), bytes) !== 0) {
    throw new ProtocolError('not-canonical', 'not in canonical form')
  }
  return value
}
