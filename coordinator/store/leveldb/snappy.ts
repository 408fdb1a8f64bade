/**
 * Undoes Snappy's block format:
 *
 *     block   = length element*                  length: of the result, a varint
 *     element = literal bytes / copy             by the lowest two bits of its first byte
 *
 * @param cap longest result that is believed
 * @throws Error where the bytes are not in that form
 */
export function unsnap(bytes: Uint8Array, cap: number): Uint8Array {
  const [length, start] = varint(bytes, 0)
  if (length > cap) throw new Error(`claims ${length} bytes`)
  const out = new Uint8Array(length)
  let at = start
  let end = 0
  const byte = () => {
    const value = bytes[at++]
    if (value === undefined) throw new Error('ends in the middle')
    return value
  }
  const number = (width: number) => Array.from({ length: width }, byte).reduce((sum, value, n) => sum + value * 256 ** n, 0)
  while (at < bytes.length) {
    const tag = byte()
    const kind = tag & 3
    if (kind === 0) {
      const short = tag >> 2
      const size = short < 60 ? short + 1 : number(short - 59) + 1
      if (at + size > bytes.length || end + size > length) throw new Error('a literal beyond the end')
      out.set(bytes.subarray(at, at + size), end)
      at += size
      end += size
      continue
    }
    const size = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const back = kind === 1 ? (tag >> 5) * 256 + byte() : number(kind === 2 ? 2 : 4)
    if (back === 0 || back > end || end + size > length) throw new Error('a copy from nowhere')
    for (let n = 0; n < size; n++, end++) out[end] = out[end - back] as number
  }
  if (end !== length) throw new Error(`has ${end} bytes, not ${length}`)
  return out
}

/** A number in LevelDB's and Snappy's form, seven bits a byte, and where it ends. */
export function varint(bytes: Uint8Array, from: number): [value: number, end: number] {
  let value = 0
  for (let at = from, unit = 1; at < from + 8; at++, unit *= 128) {
    const byte = bytes[at]
    if (byte === undefined) break
    value += (byte & 127) * unit
    if (byte < 128) return [value, at + 1]
  }
  throw new Error('a number without end')
}
