import { encodeCanonical } from '../../protocol/index.ts'

/**
 * `{ ...head, records }` in canonical form, of records that are in it already: each stands in it as it is (RFC 8949, section 3.2.2).
 * @param head what sorts before `records`: names that are shorter
 */
export function encodedList(head: Readonly<Record<string, number>>, records: readonly Uint8Array[]): Uint8Array {
  // It ends with an empty array, a byte; in its place comes the head of one with so many elements, which is what is left without them.
  const none = encodeCanonical({ ...head, records: [] })
  const zeros = encodeCanonical(records.map(() => 0))
  return Buffer.concat([none.subarray(0, -1), zeros.subarray(0, zeros.byteLength - records.length), ...records])
}
