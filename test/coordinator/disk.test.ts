import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import type { DiskCondition } from '../../coordinator/store/condition.ts'
import { Disk } from '../../coordinator/store/disk.ts'
import { Store } from '../../coordinator/store/store.ts'
import { BrokenDisk, type Fault } from '../support/broken-disk.ts'
import { scratch } from '../support/scratch.ts'

const event = (round: string) => ({ t: 'round-sealed', at: 1, round }) as const

async function roundsIn(store: Store): Promise<string[]> {
  const rounds: string[] = []
  for await (const stored of store.events()) rounds.push(stored.t === 'round-sealed' ? stored.round : '')
  return rounds
}

/** The space that is said to be left where it is said to be low. */
function seen({ condition }: Disk): number {
  return condition.state === 'low' ? condition.freeBytes : Number.POSITIVE_INFINITY
}

describe('a disk that fails', { timeout: 60_000 }, () => {
  for (const fault of ['full', 'read-only', 'broken'] as Fault[]) {
    for (const gotThrough of [false, true]) {
      it(`(${fault}, writes ${gotThrough ? 'done and reported as failed' : 'not done'}) is tried until it is mended, and nothing is lost or written twice`, async (t) => {
        const broken = new BrokenDisk(t)
        const store = await Store.open(await scratch(t))
        await store.append([event('a')])
        const conditions: DiskCondition[] = []
        store.disk.changes.on('condition', (condition) => conditions.push(condition))
        Object.assign(broken, { fault, gotThrough })
        let durable = 0
        const twice = broken.refusals(2)
        const appended = ['b', 'c', 'd'].map((round) => store.append([event(round)]).then(() => durable++))
        await twice
        assert.equal(durable, 0, 'nothing is said to be on disk')
        assert.deepEqual(
          { ...store.disk.condition, since: 0, tries: 0, detail: '' },
          { ...{ state: 'failing', since: 0, trouble: fault, tries: 0, detail: '' } },
        )
        broken.fault = null
        await Promise.all(appended)
        assert.equal(store.disk.condition.state, 'good')
        assert.equal(conditions.at(-1)?.state, 'good')
        await store.append([event('e')])
        assert.deepEqual(await roundsIn(store), ['a', 'b', 'c', 'd', 'e'])
        await store.close()
      })
    }
  }

  it('does not keep a coordinator from stopping, and what was promised is there afterwards', async (t) => {
    const broken = new BrokenDisk(t)
    const folder = await scratch(t)
    const store = await Store.open(folder)
    await store.append([event('a')])
    broken.fault = 'full'
    const once = broken.refusals(1)
    const never = store.append([event('b')])
    await once
    await Promise.all([store.close(), assert.rejects(never, { code: 'store' })])
    await assert.rejects(store.append([event('c')]), { code: 'store' })
    broken.fault = null
    const again = await Store.open(folder)
    assert.deepEqual(await roundsIn(again), ['a'])
    await again.close()
  })

  it('says so before it is full, and goes on when there is space', async (t) => {
    const mib = 2 ** 20
    let free = 1000 * mib
    const disk = await Disk.open(await scratch(t), { reserveBytes: 100 * mib, freeBytes: async () => free, spaceIntervalMs: 5 })
    const next = async () => (await once(disk.changes, 'condition'))[0] as DiskCondition
    assert.equal(disk.condition.state, 'good')
    free = 99 * mib
    const low = await next()
    assert.deepEqual({ ...low, since: 0 }, { state: 'low', since: 0, freeBytes: 99 * mib, wantedBytes: 100 * mib })
    // What is out can be finished.
    await disk.batch([{ type: 'put', key: 'a', value: Buffer.from('1') }])
    free = 110 * mib
    const good = next()
    // It does not change its mind with every byte: so much more must be free.
    while (seen(disk) < free) await new Promise((done) => setImmediate(done))
    assert.equal(seen(disk), 110 * mib)
    free = 126 * mib
    assert.equal((await good).state, 'good')
    await disk.close()
  })
})
