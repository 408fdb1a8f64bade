import { isAscii } from 'node:buffer'

/** What a scan of bytes says of the CBOR item in them. */
export interface Scanned {
  /** Nesting depth, at most one more than was asked for. */
  depth: number
  /** Whether the bytes are surely what the encoder would write of the value in them; false: it takes more than a look at them. */
  isCanonical: boolean
}

/** Major types (RFC 8949, section 3.1). */
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5
const TAG = 6
const SIMPLE = 7
/** False, true and null, and a number of eight bytes. */
const FALSE = 20
const NULL = 22
const DOUBLE = 27
/** The least length that takes so many bytes after its head. */
const LEAST: Readonly<Record<number, number>> = { 0: 0, 1: 24, 2: 2 ** 8, 4: 2 ** 16, 8: 2 ** 32 }
/** Texts shorter than that are looked at byte by byte: to ask the engine takes longer. */
const SHORT_TEXT = 32
/** The key of a map that stands for a link. */
const SLASH = 0x2f

interface Head {
  major: number
  /** Bytes between the head's first one and what it is of. */
  width: number
  /** Of a text or bytes their bytes, of an array its items, of a map its pairs; a whole number itself. */
  length: number
}

/**
 * Looks through the CBOR item in `bytes` without recursion: how deep it nests, and whether it is the one form that dag-cbor has for its
 * value, as far as that can be seen without decoding it. It stops at `cap + 1`, and at a head it does not know (the decoder then says
 * what is wrong).
 */
export function scan(bytes: Uint8Array, cap: number): Scanned {
  const open = new Open()
  let depth = 0
  let isCanonical = true
  let at = 0
  for (let top = 0; at < bytes.length; ) {
    const head = headAt(bytes, at)
    if (head === null) return { depth, isCanonical: false }
    if (open.depth === 0) top++
    isCanonical &&= top === 1 && isOneForm(bytes, at, head) && open.isNext(bytes, at, head)
    at += 1 + head.width + (head.major === BYTES || head.major === TEXT ? head.length : 0)
    const items = itemsIn(head)
    if (items === 0) {
      open.close()
    } else {
      open.push(items, head.major === MAP)
      depth = Math.max(depth, open.depth)
      if (depth > cap) return { depth, isCanonical: false }
    }
  }
  return { depth, isCanonical: isCanonical && at > 0 && at === bytes.length && open.depth === 0 }
}

/** Arrays and maps that have begun and not ended. */
class Open {
  /** Items that are still to come, keys and values of a map each. */
  readonly #left: number[] = []
  /** Of each map where its last key is, and how long; of an array nothing. */
  readonly #keyAt: number[] = []
  readonly #keyLength: number[] = []

  get depth(): number {
    return this.#left.length
  }

  push(items: number, isMap: boolean): void {
    this.#left.push(items)
    this.#keyAt.push(isMap ? 0 : -1)
    this.#keyLength.push(-1)
  }

  /** One item is complete: it counts in the containers that it may complete as well. */
  close(): void {
    for (let at = this.#left.length - 1; at >= 0; at--) {
      const left = (this.#left[at] as number) - 1
      this.#left[at] = left
      if (left > 0) return
      this.#left.pop()
      this.#keyAt.pop()
      this.#keyLength.pop()
    }
  }

  /** Whether an item may stand where it does: as a key only a text after the one before, which are in the order of their lengths, then of their bytes. */
  isNext(bytes: Uint8Array, at: number, { major, width, length }: Head): boolean {
    const last = this.#left.length - 1
    const before = last < 0 ? -1 : (this.#keyAt[last] as number)
    if (before < 0 || (this.#left[last] as number) % 2 === 1) return true
    const from = at + 1 + width
    const isAfter = isSooner(bytes, { at: before, length: this.#keyLength[last] as number }, { at: from, length })
    this.#keyAt[last] = from
    this.#keyLength[last] = length
    // Some maps are read as links.
    return major === TEXT && isAfter && !(length === 1 && bytes[from] === SLASH)
  }
}

function isSooner(bytes: Uint8Array, a: { at: number; length: number }, b: { at: number; length: number }): boolean {
  if (a.length !== b.length) return a.length < b.length
  for (let n = 0; n < a.length; n++) {
    const difference = (bytes[a.at + n] as number) - (bytes[b.at + n] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Head: 3 bits major type, 5 bits length or how many bytes have it (RFC 8949, section 3). Null where it is no length. */
function headAt(bytes: Uint8Array, at: number): Head | null {
  const first = bytes[at] as number
  const info = first & 31
  if (info > 27) return null
  const width = info < 24 ? 0 : 1 << (info - 24)
  let length = width === 0 ? info : 0
  for (let n = 1; n <= width; n++) length = length * 256 + (bytes[at + n] ?? 0)
  return { major: first >> 5, width, length }
}

function itemsIn({ major, length }: Head): number {
  if (major === ARRAY) return length
  if (major === MAP) return 2 * length
  return major === TAG ? 1 : 0
}

/** Whether there is no other way to write an item, what is in an array or map aside. A text in other letters than ASCII may be no text. */
function isOneForm(bytes: Uint8Array, at: number, { major, width, length }: Head): boolean {
  const from = at + 1 + width
  if (major === SIMPLE) return width === 0 ? length >= FALSE && length <= NULL : isOneDouble(bytes, at)
  if (major === TAG || length < (LEAST[width] as number) || length > Number.MAX_SAFE_INTEGER - 1) return false
  if (major !== BYTES && major !== TEXT) return from <= bytes.length
  return from + length <= bytes.length && (major === BYTES || isAsciiFrom(bytes, from, length))
}

/** A number of eight bytes that is no whole number which could be written as one. */
function isOneDouble(bytes: Uint8Array, at: number): boolean {
  if (((bytes[at] as number) & 31) !== DOUBLE || at + 9 > bytes.length) return false
  const value = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 8).getFloat64(0)
  return Number.isFinite(value) && !Number.isSafeInteger(value)
}

function isAsciiFrom(bytes: Uint8Array, from: number, length: number): boolean {
  if (length > SHORT_TEXT) return isAscii(bytes.subarray(from, from + length))
  for (let at = from; at < from + length; at++) if ((bytes[at] as number) > 127) return false
  return true
}
