import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { soakNode } from './node/soak.ts'

describe('a node that is killed again and again', { timeout: 240_000 }, () => {
  it('loses nothing and says nothing twice', async () => {
    const { wrong, kills, acknowledged } = await soakNode({ kills: 4, tasks: 100, seed: 7, say: () => {} })
    assert.deepEqual(wrong, [])
    assert.equal(kills, 4)
    assert.ok(acknowledged > 0)
  })
})
