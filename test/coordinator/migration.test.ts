import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { Disk } from '../../coordinator/store/disk.ts'
import type { Migration } from '../../coordinator/store/migrations/migration.ts'
import { bringUpToDate, SCHEMA_VERSION, schemaOf } from '../../coordinator/store/schema.ts'
import { Store } from '../../coordinator/store/store.ts'
import { gathered } from '../support/gathered.ts'
import { scratch } from '../support/scratch.ts'

const ROUNDS = 7

/** A store of version 3, as today's coordinator writes it. */
async function storeOfVersion3(t: TestContext): Promise<string> {
  const folder = await scratch(t)
  const disk = await Disk.open(folder)
  await disk.batch([{ type: 'put', key: 'meta/schema', value: Buffer.from('3') }])
  await disk.close()
  const store = await Store.open(folder)
  for (let n = 0; n < ROUNDS; n++) await store.append([{ t: 'round-sealed', at: n, round: `round ${n}` }])
  await store.close()
  return folder
}

/** Two steps: events get other keys, two at a time; then they are counted. */
const STEPS: Migration[] = [
  {
    from: SCHEMA_VERSION,
    says: 'events are called facts',
    async *run(disk) {
      for await (const [key, value] of disk.iterator({ gte: 'event/', lt: 'event0' })) {
        yield [
          { type: 'put', key: key.replace('event', 'fact'), value },
          { type: 'del', key },
        ]
      }
    },
  },
  {
    from: SCHEMA_VERSION + 1,
    says: 'facts are counted',
    async *run(disk) {
      let count = 0
      for await (const _ of disk.keys({ gte: 'fact/', lt: 'fact0' })) count++
      yield [{ type: 'put', key: 'facts', value: Buffer.from(String(count)) }]
    },
  },
]
const TO = SCHEMA_VERSION + 2

async function contentOf(disk: Disk): Promise<[string, string][]> {
  return (await gathered(disk.iterator())).map(([key, value]) => [key, Buffer.from(value).toString('hex')])
}

describe('a store of an older version', { timeout: 60_000 }, () => {
  it('comes to the same end, wherever its migration is killed', async (t) => {
    const undisturbed = await Disk.open(await storeOfVersion3(t))
    const said: string[] = []
    await bringUpToDate(undisturbed, 'x', ({ says }) => said.push(says), { to: TO, steps: STEPS })
    assert.deepEqual(said, ['events are called facts', 'facts are counted'])
    const expected = await contentOf(undisturbed)
    assert.ok(expected.some(([key, value]) => key === 'facts' && Buffer.from(value, 'hex').toString() === String(ROUNDS)))
    await undisturbed.close()
    const batches = ROUNDS + 3
    for (let killed = 0; killed < batches; killed++) {
      const folder = await storeOfVersion3(t)
      const disk = await Disk.open(folder)
      let left = killed
      const batch = t.mock.method(disk, 'batch', async (operations: Parameters<Disk['batch']>[0]) => {
        if (left-- === 0) throw new Error('killed')
        await Disk.prototype.batch.call(disk, operations)
      })
      await assert.rejects(
        bringUpToDate(disk, folder, () => {}, { to: TO, steps: STEPS }),
        /killed/,
      )
      batch.mock.restore()
      await disk.close()
      const again = await Disk.open(folder)
      await bringUpToDate(again, folder, () => {}, { to: TO, steps: STEPS })
      assert.deepEqual(await contentOf(again), expected, `killed at batch ${killed}`)
      await again.close()
    }
  })

  it('is refused where no step begins, as is a newer one, and neither is changed', async (t) => {
    for (const [version, why] of [
      [2, /older kernelswarm/],
      [SCHEMA_VERSION + 1, /newer kernelswarm/],
    ] as const) {
      const folder = await storeOfVersion3(t)
      const disk = await Disk.open(folder)
      await disk.batch([{ type: 'put', key: 'meta/schema', value: Buffer.from(String(version)) }])
      await disk.close()
      await assert.rejects(Store.open(folder), why)
      const same = await Disk.open(folder)
      assert.equal(await schemaOf(same), version)
      await same.close()
    }
  })
})
