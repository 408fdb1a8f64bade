import assert from 'node:assert/strict'
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { check, type Finding } from '../../coordinator/index.ts'
import { Disk } from '../../coordinator/store/disk.ts'
import { writeCases } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { seeded } from '../support/seeded.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'

const NOTES = new Set(['LOCK', 'LOG', 'LOG.old'])
/** Flipped bytes a file; a different choice each day. */
const SAMPLES = 25
const SEED = Math.floor(Date.now() / 86_400_000)

/** The data folder of a coordinator that verified a round and was stopped; with tables as well as a log. */
async function dataOf(t: TestContext): Promise<string> {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  for (const name of ['a', 'b']) await swarm.addNode(name)
  const client = await swarm.researcher()
  const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 6))
  await ended(client, round)
  // Opened anew, the log becomes a table.
  await swarm.restartCoordinator()
  await swarm.submit(client, join(folder, 'cases.jsonl'), SPEC, 'again').catch(() => undefined)
  const again = await swarm.researcher()
  await ended(again, await swarm.submit(again, join(folder, 'cases.jsonl'), SPEC, 'again'))
  await swarm.coordinator.stop()
  return join(folder, 'coordinator')
}

async function findingsIn(folder: string): Promise<Finding[]> {
  const found: Finding[] = []
  await check({ folder, onFinding: (finding) => found.push(finding) })
  return found
}

/** Every file with its bytes, and when it was last changed. */
async function snapshotOf(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).sort()
  const rows = names.map(async (name) => {
    const { mtimeMs, size } = await stat(join(folder, name))
    return `${name} ${mtimeMs} ${size}`
  })
  return (await Promise.all(rows)).join('\n')
}

describe('coordinator check', { timeout: 300_000 }, () => {
  it(`finds every flipped byte (${SAMPLES} a file, seed ${SEED}), and changes nothing`, async (t) => {
    const data = await dataOf(t)
    const before = await snapshotOf(data)
    assert.deepEqual(await findingsIn(data), [])
    assert.equal(await snapshotOf(data), before)
    const random = seeded(SEED)
    const kinds = new Set<string>()
    for (const name of await readdir(join(data, 'log'))) {
      if (NOTES.has(name)) continue
      kinds.add(name.replace(/[\d-]/g, ''))
      const file = join(data, 'log', name)
      const whole = await readFile(file)
      for (let sample = 0; sample < SAMPLES; sample++) {
        const at = Math.floor(random() * whole.length)
        const changed = Buffer.from(whole)
        changed[at] = (whole[at] as number) ^ (1 << Math.floor(random() * 8))
        await writeFile(file, changed)
        const found = await findingsIn(data)
        assert.ok(found.length > 0, `${name}, byte ${at} of ${whole.length}: nothing found`)
        assert.ok(found.every(({ where, what, remedy }) => where !== '' && what !== '' && remedy !== ''))
      }
      await writeFile(file, whole)
    }
    assert.deepEqual([...kinds].sort(), ['.ldb', '.log', 'CURRENT', 'MANIFEST'])
    assert.deepEqual(await findingsIn(data), [])
  })

  it('finds what was changed by somebody who knows the checksums', async (t) => {
    const data = await dataOf(t)
    const changes: { id: string; expected: RegExp; change: (disk: Disk, records: [string, Uint8Array][]) => Promise<void> }[] = [
      {
        id: 'an event is gone',
        expected: /a gap/,
        change: async (disk) => await disk.batch([{ type: 'del', key: 'event/0000000000000003' }]),
      },
      {
        id: 'the last events are gone',
        expected: /nothing in the log names it/,
        change: async (disk, records) => {
          const events = records.filter(([key]) => key.startsWith('event/')).slice(-40)
          await disk.batch(events.map(([key]) => ({ type: 'del', key })))
        },
      },
      {
        id: 'an event that is none',
        expected: /not an event \(no kind of event is called "verdikt"\)/,
        change: async (disk) => {
          await disk.batch([{ type: 'put', key: 'event/0000000000000003', value: Buffer.from('{"t":"verdikt"}') }])
        },
      },
      {
        id: 'content is gone',
        expected: /missing/,
        change: async (disk, records) => {
          const [key = ''] = records.find(([name]) => name.startsWith('blob/')) ?? []
          await disk.batch([{ type: 'del', key }])
        },
      },
      {
        id: 'other content by the same name',
        expected: /does not say that|another hash/,
        change: async (disk, records) => {
          const [key = ''] = records.find(([name]) => name.startsWith('blob/')) ?? []
          await disk.batch([{ type: 'put', key, value: Buffer.from('other') }])
        },
      },
      {
        id: 'a record of the state says something else',
        expected: /says something else than the log/,
        change: async (disk, records) => {
          const [key = '', value] = records.find(([name]) => name.startsWith('view/task/')) ?? []
          const text = Buffer.from(value ?? [])
            .toString()
            .replace('"wasted":0', '"wasted":1')
          await disk.batch([{ type: 'put', key, value: Buffer.from(text) }])
        },
      },
      {
        id: 'a record of the state is gone',
        expected: /missing: a record of the state/,
        change: async (disk, records) => {
          const [key = ''] = records.find(([name]) => name.startsWith('view/case/')) ?? []
          await disk.batch([{ type: 'del', key }])
        },
      },
      {
        id: 'a newer version',
        expected: /version 1000/,
        change: async (disk) => await disk.batch([{ type: 'put', key: 'meta/schema', value: Buffer.from('1000') }]),
      },
    ]
    for (const { id, expected, change } of changes) {
      const copy = join(data, '..', 'changed')
      await cp(data, copy, { recursive: true })
      const disk = await Disk.open(join(copy, 'log'))
      const records: [string, Uint8Array][] = []
      for await (const record of disk.iterator()) records.push(record)
      await change(disk, records)
      await disk.close()
      const found = await findingsIn(copy)
      assert.ok(
        found.some(({ what }) => expected.test(what)),
        `${id}: ${JSON.stringify(found)}`,
      )
      await rm(copy, { recursive: true })
    }
  })
})
