import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { decodeCanonical, encodeCanonical, MAX_CBOR_DEPTH, type ProtocolError } from '../../protocol/index.ts'

const refused = [
  { id: 'unsorted keys', hex: 'a2616201616101', code: 'not-canonical' },
  { id: 'duplicate key', hex: 'a2616101616102', code: 'malformed' },
  { id: 'long form of a small number', hex: '1801', code: 'malformed' },
  { id: 'indefinite length', hex: '9f01ff', code: 'malformed' },
  { id: 'cut short', hex: '8301', code: 'malformed' },
  { id: 'bytes after the end', hex: '0101', code: 'malformed' },
  { id: 'nothing at all', hex: '', code: 'malformed' },
  { id: 'NaN', hex: 'fb7ff8000000000000', code: 'malformed' },
  { id: 'undefined', hex: 'f7', code: 'not-canonical' },
  { id: 'a tag that is no link', hex: 'c101', code: 'malformed' },
]

describe('canonical form', () => {
  for (const { id, hex, code } of refused) {
    it(`refuses ${id}`, () => {
      assert.throws(
        () => decodeCanonical(Buffer.from(hex, 'hex')),
        (error: ProtocolError) => error.code === code,
        id,
      )
    })
  }

  it('refuses nesting beyond the limit without recursing, and accepts it up to the limit', () => {
    const nested = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.of(0x01)])
    assert.doesNotThrow(() => decodeCanonical(nested(MAX_CBOR_DEPTH)))
    for (const depth of [MAX_CBOR_DEPTH + 1, 20_000, 1_000_000]) {
      assert.throws(
        () => decodeCanonical(nested(depth)),
        (error: ProtocolError) => error.code === 'malformed',
        String(depth),
      )
    }
  })

  it('counts maps, and siblings do not add up', () => {
    const wide = encodeCanonical(Array.from({ length: 1000 }, (_, n) => ({ a: [n, { b: 'x' }] })))
    assert.doesNotThrow(() => decodeCanonical(wide, 4))
    assert.throws(
      () => decodeCanonical(wide, 3),
      (error: ProtocolError) => error.code === 'malformed',
    )
  })

  it('gives back what was encoded', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => value.isWellFormed())
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        text,
        fc.uint8Array(),
        fc.array(tie('node')),
        fc.dictionary(text, tie('node')),
      ),
    })).node
    fc.assert(
      fc.property(value, (item) => {
        const bytes = encodeCanonical(item)
        assert.deepEqual(encodeCanonical(decodeCanonical(bytes)), bytes)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('never crashes on bytes, and accepts only the one form of a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        let value: unknown
        try {
          value = decodeCanonical(bytes)
        } catch (error) {
          assert.equal((error as ProtocolError).name, 'KernelswarmError')
          return
        }
        assert.deepEqual(Buffer.from(dagCbor.encode(value)), Buffer.from(bytes))
      }),
      { seed: 2, numRuns: 2000 },
    )
  })
})
