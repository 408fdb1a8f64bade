import { ProtocolError } from './errors.ts'

const ALPHABET = Buffer.from('abcdefghijklmnopqrstuvwxyz234567')
const DIGIT_BITS = 5
/** What text in this form begins with, by multibase. */
const PREFIX = 'b'.charCodeAt(0)
const NO_DIGIT = 255
/** What a digit is worth, by its character. */
const VALUES = Uint8Array.from({ length: 128 }, (_, code) => (ALPHABET.includes(code) ? ALPHABET.indexOf(code) : NO_DIGIT))
/** Of a text that is not one, so many characters are shown. */
const SHOWN = 80

/**
 * Bytes as multibase text in base32 (RFC 4648, section 6: small letters, no padding). A coordinator names a dozen contents for each
 * verdict: digits that are put in one place and become text at once take a fraction of the time, and of the memory, of a text that
 * grows by one digit at a time.
 */
export function base32Text(bytes: Uint8Array): string {
  const digits = Buffer.allocUnsafe(1 + Math.ceil((bytes.length * 8) / DIGIT_BITS))
  digits[0] = PREFIX
  let to = 1
  let waiting = 0
  let bits = 0
  for (let from = 0; from < bytes.length; from++) {
    waiting = (waiting << 8) | (bytes[from] as number)
    for (bits += 8; bits >= DIGIT_BITS; to++) {
      bits -= DIGIT_BITS
      digits[to] = digit(waiting >> bits)
    }
    waiting &= (1 << bits) - 1
  }
  if (bits > 0) digits[to] = digit(waiting << (DIGIT_BITS - bits))
  return digits.toString('latin1')
}

/**
 * The bytes of such a text; it is the only one that names them.
 * @throws ProtocolError `malformed` for what `base32Text` would not have written
 */
export function base32Bytes(text: string): Uint8Array<ArrayBuffer> {
  if (text.charCodeAt(0) !== PREFIX) throw notBase32(text)
  const bytes = new Uint8Array(Math.floor(((text.length - 1) * DIGIT_BITS) / 8))
  let to = 0
  let waiting = 0
  let bits = 0
  for (let from = 1; from < text.length; from++) {
    const value = VALUES[text.charCodeAt(from)] ?? NO_DIGIT
    if (value === NO_DIGIT) throw notBase32(text)
    waiting = (waiting << DIGIT_BITS) | value
    bits += DIGIT_BITS
    if (bits < 8) continue
    bits -= 8
    bytes[to++] = waiting >> bits
    waiting &= (1 << bits) - 1
  }
  if (waiting !== 0 || bits >= DIGIT_BITS) throw notBase32(text)
  return bytes
}

function notBase32(text: string): ProtocolError {
  return new ProtocolError('malformed', `not multibase text in base32: ${JSON.stringify(text.slice(0, SHOWN))}`)
}

function digit(value: number): number {
  return ALPHABET[value & (2 ** DIGIT_BITS - 1)] as number
}
