import { base32, base58, joined, Malformed, readVarint, varint } from './bytes.js'
import { sha256 } from './crypto.js'

/**
 * libp2p's signed envelope (RFC 0002) and the names of things, read here as its description says.
 *
 *     Envelope: 1 public key { 1 type, 2 bytes }, 2 payload type, 3 payload, 5 signature
 *     signed:   domain, payload type and payload, each after its length as a varint
 */

/** What a node signs its verdicts for; a signature for anything else does not count. */
const DOMAIN = new TextEncoder().encode('kernelswarm-verdict')
const ED25519 = 1
const CODES = { 'dag-cbor': 0x71, raw: 0x55 }

/**
 * @typedef {{ key: Uint8Array<ArrayBuffer>, keyMessage: Uint8Array<ArrayBuffer>, payload: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer> }} Envelope
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Envelope}
 */
export function readEnvelope(bytes) {
  const fields = fieldsOf(bytes)
  const keyMessage = bytesOf(fields, 1)
  const keyFields = fieldsOf(keyMessage)
  if (keyFields.get(1) !== ED25519) throw new Malformed('the key is not an Ed25519 key')
  const payloadType = bytesOf(fields, 2)
  const payload = bytesOf(fields, 3)
  const message = joined([DOMAIN, payloadType, payload].flatMap((piece) => [varint(piece.length), piece]))
  return { key: bytesOf(keyFields, 2), keyMessage, payload, signature: bytesOf(fields, 5), message }
}

/**
 * Fields of a protobuf message: numbers and bytes, each once.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Map<number, number | Uint8Array<ArrayBuffer>>}
 */
function fieldsOf(bytes) {
  const fields = new Map()
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    const field = tag.value >> 3
    const value = readVarint(bytes, tag.end)
    const isBytes = (tag.value & 7) === 2
    at = isBytes ? value.end + value.value : value.end
    if ((!isBytes && (tag.value & 7) !== 0) || fields.has(field) || at > bytes.length) throw new Malformed('no envelope')
    fields.set(field, isBytes ? bytes.slice(value.end, at) : value.value)
  }
  return fields
}

/**
 * @param {Map<number, number | Uint8Array<ArrayBuffer>>} fields
 * @param {number} field
 */
function bytesOf(fields, field) {
  const value = fields.get(field)
  if (value instanceof Uint8Array) return value
  throw new Malformed('the envelope lacks a part')
}

/**
 * A peer id: the key itself, as a multihash that hashes nothing.
 * @param {Uint8Array<ArrayBuffer>} keyMessage
 */
export function peerIdOf(keyMessage) {
  return base58(joined([Uint8Array.of(0, keyMessage.length), keyMessage]))
}

/**
 * A content's name: version 1, codec, SHA-256 of its bytes.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {'dag-cbor' | 'raw'} codec
 */
export async function nameOf(bytes, codec) {
  return `b${base32(joined([Uint8Array.of(1, CODES[codec], 0x12, 0x20), await sha256(bytes)]))}`
}
