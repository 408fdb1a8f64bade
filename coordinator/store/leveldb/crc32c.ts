/** CRC-32C (Castagnoli), as LevelDB's files carry it; Node has only the other one. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/** Goes on from the state after earlier bytes; begin with `CRC_BEGIN`, end with `masked`. */
export function crc32c(state: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = state
  for (let at = from; at < to; at++) crc = (TABLE[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8)
  return crc
}

export const CRC_BEGIN = 0xffffffff

/** LevelDB keeps checksums rotated and shifted, so that the checksum of a text with checksums in it is none of these. */
export function masked(state: number): number {
  const crc = ~state >>> 0
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
