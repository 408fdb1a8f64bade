import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadIdentity, peerIdOf } from '../../protocol/index.ts'
import { scratch } from '../support/scratch.ts'

describe('an identity', () => {
  it('is one key, whole, for all who ask for it first at the same time, and leaves nothing else behind', async (t) => {
    const folder = await scratch(t)
    const file = join(folder, 'node.key')
    const keys = await Promise.all(Array.from({ length: 16 }, () => loadIdentity(file)))
    assert.equal(new Set(keys.map(peerIdOf)).size, 1)
    assert.equal(peerIdOf(await loadIdentity(file)), peerIdOf(keys[0] as (typeof keys)[number]))
    assert.deepEqual(await readdir(folder), ['node.key'])
  })
})
