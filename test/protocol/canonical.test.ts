import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { scan } from '../../protocol/canonical-scan.ts'
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

function text(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.string({ unit: 'grapheme' }).filter((value) => value.isWellFormed()),
  )
}

function anyValue(): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      text(),
      fc.uint8Array(),
      fc.array(tie('node')),
      fc.dictionary(fc.oneof(text(), fc.constantFrom('/', 'bytes', 'a', 'b')), tie('node')),
    ),
  })).node
}

/** As it was, or with a byte changed, two exchanged, or one left out. */
function changed(bytes: Uint8Array, place: number, byte: number, how: number): Uint8Array {
  const [at, other] = [place % bytes.length, byte % bytes.length]
  if (how === 0) return bytes
  if (how === 1) return bytes.with(at, byte)
  if (how === 2) return bytes.with(at, bytes[other] as number).with(other, bytes[at] as number)
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
}

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
    fc.assert(
      fc.property(anyValue(), (item) => {
        const bytes = encodeCanonical(item)
        assert.deepEqual(encodeCanonical(decodeCanonical(bytes)), bytes)
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('sees without decoding what is canonical, of every kind of item', () => {
    const plain = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 2, -1, -24, -25, -256, -257, 0.5, 1e300]
    const texts = ['', 'a', 'a'.repeat(23), 'a'.repeat(24), 'a'.repeat(255), 'a'.repeat(70_000)]
    const items = [...plain, ...texts, ...texts.map((text) => Buffer.from(text)), true, false, null, [], {}]
    for (const item of [...items, items, { b: items, a: { aa: 1, b: [{}, []] }, '': 0 }]) {
      assert.deepEqual(scan(encodeCanonical(item), MAX_CBOR_DEPTH).isCanonical, true, JSON.stringify(item)?.slice(0, 80))
    }
  })

  it('sees as canonical only what is encoded to the same bytes again', () => {
    let surely = 0
    fc.assert(
      fc.property(anyValue(), fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 3 }), (item, place, byte, how) => {
        const bytes = changed(encodeCanonical(item), place, byte, how)
        if (!scan(bytes, MAX_CBOR_DEPTH).isCanonical) return
        surely++
        assert.deepEqual(Buffer.from(dagCbor.encode(dagCbor.decode(bytes))), Buffer.from(bytes))
      }),
      { seed: 3, numRuns: 20_000 },
    )
    assert.ok(surely > 5_000, `${surely} were canonical`)
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
