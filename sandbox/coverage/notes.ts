/** A product of the coverage pass: a program, and behind it the compiler's notes on what its counters count. */
export interface NotedProduct {
  program: Uint8Array
  notes: Uint8Array
}

/** Of an ELF header of 64 bits, least significant byte first: where the table of sections is, and its size. */
const TABLE_AT = 0x28
const ENTRY_BYTES_AT = 0x3a
const ENTRIES_AT = 0x3c
const HEADER_BYTES = 64
const ELF = Buffer.from('\x7fELF\x02\x01', 'latin1')
/** What the notes begin with, as the compiler of such a machine writes it. */
const NOTES = Buffer.from('oncg', 'latin1')

/**
 * Takes a product apart. A linker writes the table of sections last, so the program ends with it; what stands behind is nothing
 * to whoever starts it.
 * @returns null where there are no notes
 */
export function splitNotes(product: Uint8Array): NotedProduct | null {
  const bytes = Buffer.from(product.buffer, product.byteOffset, product.byteLength)
  if (bytes.length < HEADER_BYTES || bytes.compare(ELF, 0, ELF.length, 0, ELF.length) !== 0) return null
  const table = bytes.readBigUInt64LE(TABLE_AT)
  const end = Number(table) + bytes.readUInt16LE(ENTRY_BYTES_AT) * bytes.readUInt16LE(ENTRIES_AT)
  if (end + NOTES.length > bytes.length || bytes.compare(NOTES, 0, NOTES.length, end, end + NOTES.length) !== 0) return null
  return { program: bytes.subarray(0, end), notes: bytes.subarray(end) }
}
