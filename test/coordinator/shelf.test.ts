import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Shelf } from '../../coordinator/shelf.ts'

/** Room for two of twelve. */
const MOST = { most: 32 * 1024 * 1024 }

describe('the shelf of contents', () => {
  it('asks the disk once for each, and drops what was not asked for longest', async () => {
    const reads: string[] = []
    const shelf = new Shelf(async (cids) => {
      reads.push(...cids)
      return cids.map((cid) => (cid === 'none' ? undefined : new Uint8Array(12 * 1024 * 1024)))
    }, MOST)
    for (const cid of ['a', 'b', 'a', 'a', 'b']) assert.equal((await shelf.get(cid))?.byteLength, 12 * 1024 * 1024)
    assert.deepEqual(reads, ['a', 'b'])
    // Of 32 MiB two have room: `a` was asked for before `b`.
    await shelf.get('c')
    await shelf.get('b')
    assert.deepEqual(reads, ['a', 'b', 'c'])
    await shelf.get('a')
    assert.deepEqual(reads, ['a', 'b', 'c', 'a'])
    assert.equal(await shelf.get('none'), undefined)
    assert.equal(await shelf.get('none'), undefined)
    assert.deepEqual(reads.slice(4), ['none', 'none'])
  })

  it('asks the disk once for those who ask at the same time, and again where it failed', async () => {
    let reads = 0
    const shelf = new Shelf(async (cids) => {
      await new Promise((resolve) => setImmediate(resolve))
      if (++reads === 1) throw new Error('the disk fails')
      return cids.map(() => new Uint8Array(1))
    }, MOST)
    for (const { status } of await Promise.allSettled([shelf.get('a'), shelf.get('a')])) assert.equal(status, 'rejected')
    const found = await Promise.all([shelf.get('a'), shelf.get('a'), shelf.get('a')])
    assert.deepEqual([found.map((bytes) => bytes?.byteLength), reads], [[1, 1, 1], 2])
  })

  it('asks the disk once for all that is asked for in one go, each with its own answer', async () => {
    const reads: string[][] = []
    const shelf = new Shelf(async (cids) => {
      reads.push([...cids])
      return cids.map((cid) => (cid === 'none' ? undefined : Buffer.from(cid)))
    }, MOST)
    const found = await Promise.all(['a', 'none', 'b', 'a'].map((cid) => shelf.get(cid)))
    assert.deepEqual([found.map((bytes) => bytes?.toString()), reads], [['a', undefined, 'b', 'a'], [['a', 'none', 'b']]])
    assert.deepEqual([shelf.atHand('b')?.toString(), shelf.atHand('none')], ['b', undefined])
    await shelf.get('c')
    assert.deepEqual(reads.slice(1), [['c']])
  })
})
