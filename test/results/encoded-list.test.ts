import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodedList } from '../../coordinator/results/encoded-list.ts'
import { decodeCanonical, encodeCanonical } from '../../protocol/index.ts'

/** Around each length from which on an array's head takes more bytes. */
const LENGTHS = [0, 1, 2, 22, 23, 24, 25, 254, 255, 256, 257, 1000, 65_535, 65_536]

test('a list of encoded records is what encoding all of it at once gives', () => {
  for (const length of LENGTHS) {
    const records = Array.from({ length }, (_, at) => (at % 3 === 0 ? { at, name: `record ${at}` } : at % 3 === 1 ? [] : null))
    const list = encodedList({ v: 2, from: length * 300 }, records.map(encodeCanonical))
    const value = { v: 2, from: length * 300, records }
    assert.equal(Buffer.compare(list, encodeCanonical(value)), 0, `${length} records`)
    assert.deepEqual(decodeCanonical(list), value)
  }
})
