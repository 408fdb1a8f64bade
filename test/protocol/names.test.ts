import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { base32Bytes, base32Text } from '../../protocol/base32.ts'
import { encodeCanonical } from '../../protocol/canonical.ts'
import { CidText, cidOf, linkOf } from '../../protocol/content.ts'

const CODES = { raw: 0x55, 'dag-cbor': 0x71 } as const

describe('names of contents', () => {
  it('are text as multiformats writes it, of any length', () => {
    const bytes = fc.uint8Array({ maxLength: 80 })
    fc.assert(fc.property(bytes, (some) => base32Text(some) === base32.encode(some)))
    assert.equal(base32Text(new Uint8Array()), 'b')
    assert.equal(base32Text(new Uint8Array(36).fill(255)), base32.encode(new Uint8Array(36).fill(255)))
  })

  it('are read back, and nothing else is', () => {
    const bytes = fc.uint8Array({ maxLength: 80 })
    fc.assert(fc.property(bytes, (some) => Buffer.compare(base32Bytes(base32Text(some)), some) === 0))
    const text = fc.stringMatching(/^b[a-z2-7]{0,70}$/)
    fc.assert(fc.property(text, (some) => isRefused(some) || base32Text(base32Bytes(some)) === some))
    for (const wrong of [
      '',
      'z',
      'maa',
      'ba',
      'baaa',
      'baaaaaa',
      'bab',
      'bAA',
      'ba0',
      'ba1',
      'ba8',
      'ba=',
      'baé',
      'ba\u{10000}',
    ]) {
      assert.ok(isRefused(wrong), wrong)
    }
  })

  it('are links as multiformats makes them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.constantFrom('raw', 'dag-cbor'), async (some, kind) => {
        const name = await cidOf(some, kind)
        const [ours, theirs] = [linkOf(name), CID.parse(name)]
        assert.ok(ours.equals(theirs))
        assert.equal(ours.toString(), name)
        assert.deepEqual(encodeCanonical({ ours }), encodeCanonical({ ours: theirs }))
      }),
    )
    const name = await cidOf(new Uint8Array(), 'raw')
    const ofOtherKinds = [
      'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnyDbP',
      'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
    ]
    for (const wrong of ['', name.slice(0, -1), `${name}a`, name.toUpperCase(), ...ofOtherKinds]) {
      assert.throws(() => linkOf(wrong), { code: 'malformed' }, wrong)
    }
  })

  it('are CIDs of version 1, that any reader of CIDs takes apart', async () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    const codec = fc.constantFrom('raw', 'dag-cbor')
    await fc.assert(
      fc.asyncProperty(bytes, codec, async (some, kind) => {
        const name = await cidOf(some, kind)
        const digest = create(0x12, createHash('sha256').update(some).digest())
        assert.equal(name, CID.createV1(CODES[kind], digest).toString())
        assert.ok(CidText.safeParse(name).success)
      }),
    )
  })
})

function isRefused(text: string): boolean {
  try {
    base32Bytes(text)
    return false
  } catch (error) {
    assert.equal((error as { code?: unknown }).code, 'malformed')
    return true
  }
}
