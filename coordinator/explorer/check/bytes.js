/**
 * The encodings that names and signatures are made of, from their public descriptions, and nothing taken from the
 * coordinator's own code: who checks shares nothing with who is checked.
 */

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** What is not as it has to be. */
export class Malformed extends Error {}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

/**
 * @param {Uint8Array[]} pieces
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joined(pieces) {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/**
 * @param {Uint8Array<ArrayBuffer>} a
 * @param {Uint8Array<ArrayBuffer>} b
 */
export function same(a, b) {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * An unsigned LEB128 number.
 * @param {number} value
 */
export function varint(value) {
  const bytes = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  return Uint8Array.of(...bytes, left)
}

/**
 * The same, read; where it ends is `end`.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} at
 */
export function readVarint(bytes, at) {
  let value = 0
  for (let place = 0; place < 5; place++) {
    const byte = bytes[at + place]
    if (byte === undefined) break
    value += (byte & 0x7f) * 0x80 ** place
    if (byte < 0x80) return { value, end: at + place + 1 }
  }
  throw new Malformed('a number that does not end')
}

/**
 * RFC 4648, lower case, without padding.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
export function base32(bytes) {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + BASE32[(held << (5 - bits)) & 31] : text
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
export function base58(bytes) {
  let value = 0n
  for (const byte of bytes) value = value * 256n + BigInt(byte)
  let text = ''
  for (; value > 0n; value /= 58n) text = BASE58[Number(value % 58n)] + text
  const zeros = bytes.findIndex((byte) => byte !== 0)
  return '1'.repeat(zeros < 0 ? bytes.length : zeros) + text
}
