import { joined, Malformed } from './bytes.js'

/**
 * DAG-CBOR, as far as verdicts, tasks and programs use it: numbers, text, bytes, lists, maps with text keys, true, false
 * and null; every length in its shortest form, keys sorted by length and then by byte.
 */

/** Nesting of a verdict is 4. */
const MAX_DEPTH = 16

/**
 * @param {any} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function encode(value) {
  if (value === null) return Uint8Array.of(0xf6)
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4)
  if (typeof value === 'number') return encodeNumber(value)
  if (typeof value === 'string') return encodeText(value)
  if (value instanceof Uint8Array) return joined([head(2, value.length), value])
  if (Array.isArray(value)) return joined([head(4, value.length), ...value.map(encode)])
  const keys = Object.keys(value).map(encodeText).sort(byLengthThenBytes)
  const entries = new Map(Object.entries(value).map(([key, item]) => [String(encodeText(key)), item]))
  return joined([head(5, keys.length), ...keys.flatMap((key) => [key, encode(entries.get(String(key)))])])
}

/** @param {number} value */
function encodeNumber(value) {
  if (Number.isSafeInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value)
  const bytes = new Uint8Array(9)
  bytes[0] = 0xfb
  new DataView(bytes.buffer).setFloat64(1, value)
  return bytes
}

/** @param {string} text */
function encodeText(text) {
  const bytes = new TextEncoder().encode(text)
  return joined([head(3, bytes.length), bytes])
}

/**
 * A major type and its length or value, in the shortest form.
 * @param {number} major
 * @param {number} value
 */
function head(major, value) {
  if (value < 24) return Uint8Array.of((major << 5) | value)
  const width = value < 2 ** 8 ? 1 : value < 2 ** 16 ? 2 : value < 2 ** 32 ? 4 : 8
  const bytes = new Uint8Array(1 + width)
  bytes[0] = (major << 5) | (24 + Math.log2(width))
  for (let at = width, left = value; at > 0; at--, left = Math.floor(left / 256)) bytes[at] = left % 256
  return bytes
}

/**
 * Keys with their heads: the shorter one's head is smaller, so length comes first by itself.
 * @param {Uint8Array<ArrayBuffer>} a
 * @param {Uint8Array<ArrayBuffer>} b
 */
function byLengthThenBytes(a, b) {
  const at = a.findIndex((byte, place) => byte !== b[place])
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0)
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {any}
 * @throws Malformed on anything but one item in its only form
 */
export function decode(bytes) {
  const { value, end } = item(bytes, 0, 0)
  if (end !== bytes.length) throw new Malformed('bytes after the end')
  if (hasOtherForm(bytes, value)) throw new Malformed('not in canonical form')
  return value
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {any} value
 */
function hasOtherForm(bytes, value) {
  const again = encode(value)
  return again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} at
 * @param {number} depth
 * @returns {{ value: any, end: number }}
 */
function item(bytes, at, depth) {
  const first = bytes[at]
  if (first === undefined || depth > MAX_DEPTH) throw new Malformed('cut off, or nested too deep')
  const major = first >> 5
  if (major === 7) return simple(bytes, at)
  const { value: length, end } = lengthAt(bytes, at)
  if (major === 0) return { value: length, end }
  if (major === 1) return { value: -1 - length, end }
  if (major === 2 || major === 3) return string(bytes, end, length, major === 3)
  if (major === 4) return list(bytes, end, length, depth)
  if (major === 5) return map(bytes, end, length, depth)
  throw new Malformed('a tag')
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} at
 */
function simple(bytes, at) {
  const known = new Map([
    [0xf4, false],
    [0xf5, true],
    [0xf6, null],
  ])
  const first = bytes[at] ?? 0
  if (known.has(first)) return { value: known.get(first), end: at + 1 }
  if (first !== 0xfb || at + 9 > bytes.length) throw new Malformed('a simple value that is not known')
  return { value: new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at + 1), end: at + 9 }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} at
 */
function lengthAt(bytes, at) {
  const info = (bytes[at] ?? 0) & 31
  if (info < 24) return { value: info, end: at + 1 }
  if (info > 27) throw new Malformed('a length that is not said')
  const width = 2 ** (info - 24)
  let value = 0
  for (let place = 1; place <= width; place++) value = value * 256 + (bytes[at + place] ?? 0)
  return { value, end: at + 1 + width }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} at
 * @param {number} length
 * @param {boolean} text
 */
function string(bytes, at, length, text) {
  const end = at + length
  if (end > bytes.length) throw new Malformed('cut off')
  const piece = bytes.slice(at, end)
  return { value: text ? new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(piece) : piece, end }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} at
 * @param {number} length
 * @param {number} depth
 */
function list(bytes, at, length, depth) {
  const value = []
  let end = at
  while (value.length < length) {
    const next = item(bytes, end, depth + 1)
    value.push(next.value)
    end = next.end
  }
  return { value, end }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {number} at
 * @param {number} length
 * @param {number} depth
 */
function map(bytes, at, length, depth) {
  /** @type {[string, any][]} */
  const entries = []
  let end = at
  while (entries.length < length) {
    const key = item(bytes, end, depth + 1)
    const next = item(bytes, key.end, depth + 1)
    if (typeof key.value !== 'string') throw new Malformed('a key that is no text')
    entries.push([key.value, next.value])
    end = next.end
  }
  return { value: Object.fromEntries(entries), end }
}
