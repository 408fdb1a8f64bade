/**
 * The points of Ed25519 whose order divides 8, by all texts that are read as one, without the sign of x, the highest bit: y is 0, 1, -1, or one of the two
 * of order 8 (RFC 7748, section 4.1, has the curve; p is 2^255 - 19), and p more than 0 and 1 where a reader takes that.
 */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Buffer.from(hex, 'hex'))

const POINT_BYTES = 32
/** All of the last byte but the sign. */
const NO_SIGN = 0x7f

/** Whether bytes begin with such a point: a public key, or the first half of a signature. */
export function isOfSmallOrder(bytes: Uint8Array): boolean {
  return SMALL_ORDER.some((point) =>
    point.every((byte, at) => byte === (at === POINT_BYTES - 1 ? (bytes[at] ?? 0) & NO_SIGN : bytes[at])),
  )
}
