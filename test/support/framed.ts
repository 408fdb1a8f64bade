import { varint } from 'multiformats'

/** A frame: the payload's length as a varint, or another one, and the payload. */
export function framed(payload: Uint8Array, length = payload.byteLength): Uint8Array {
  const prefix = varint.encodeTo(length, new Uint8Array(varint.encodingLength(length)))
  return Uint8Array.from(Buffer.concat([prefix, payload]))
}
