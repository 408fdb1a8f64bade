import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { base32 } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { base32Text } from '../../protocol/base32.ts'
import { CidText, cidOf } from '../../protocol/content.ts'

const CODES = { raw: 0x55, 'dag-cbor': 0x71 } as const

describe('names of contents', () => {
  it('are text as multiformats writes it, of any length', () => {
    const bytes = fc.uint8Array({ maxLength: 80 })
    fc.assert(fc.property(bytes, (some) => base32Text(some) === base32.encode(some)))
    assert.equal(base32Text(new Uint8Array()), 'b')
    assert.equal(base32Text(new Uint8Array(36).fill(255)), base32.encode(new Uint8Array(36).fill(255)))
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
