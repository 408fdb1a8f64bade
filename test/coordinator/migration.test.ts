import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { check } from '../../coordinator/check/check.ts'
import { Disk, type Operation } from '../../coordinator/store/disk.ts'
import { eventFrom } from '../../coordinator/store/event-text.ts'
import type { Migration } from '../../coordinator/store/migrations/migration.ts'
import { bringUpToDate, SCHEMA_VERSION, schemaOf } from '../../coordinator/store/schema.ts'
import { Store } from '../../coordinator/store/store.ts'
import { encodeCanonical, encodeReport, loadIdentity, type ResearcherClient, type RoundSpec } from '../../protocol/index.ts'
import { audited } from '../audit/archives.ts'
import { putTogether, takeApart } from '../audit/rebuild.ts'
import { writeCases } from '../support/cases.ts'
import type { Behaviour } from '../support/fake-sandbox.ts'
import { gathered } from '../support/gathered.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const ROUNDS = 7

/** A store of this version. */
async function storeOfToday(t: TestContext): Promise<string> {
  const folder = await scratch(t)
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

/** Makes of a store of today what version 3 would have written of the same: no records, keys of tasks without a tolerance. */
async function asVersion3(folder: string): Promise<void> {
  const disk = await Disk.open(folder)
  const operations: Operation[] = [{ type: 'put', key: 'meta/schema', value: Buffer.from('3') }]
  for await (const [key, value] of disk.iterator()) {
    if (/^(blob|meta)\//.test(key)) continue
    if (!key.startsWith('event/')) {
      operations.push({ type: 'del', key })
      continue
    }
    const event = eventFrom(value) as { t: string; task?: string; fill?: unknown }
    assert.notEqual(event.t, 'measured')
    delete event.fill
    if (event.task !== undefined) event.task = event.task.split(':').slice(0, 2).join(':')
    operations.push({ type: 'put', key, value: encodeCanonical(event) })
  }
  await disk.batch(operations)
  await disk.close()
}

/** A swarm of two nodes that has ended a round, with its results. */
async function endedRound(t: TestContext) {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  for (const name of ['a', 'b']) await swarm.addNode(name)
  const file = await writeCases(join(folder, 'cases.jsonl'), 6)
  const client = await swarm.researcher()
  const round = await swarm.submit(client, file)
  await ended(client, round)
  return { folder, swarm, file, round, before: await results(client, round) }
}

describe('a store of version 3', { timeout: 120_000 }, () => {
  it('is led to this one: its rounds have the same results, and go on', async (t) => {
    const { folder, swarm, file, round, before } = await endedRound(t)
    await swarm.restartCoordinator(async () => await asVersion3(join(folder, 'coordinator', 'log')))
    const again = await swarm.researcher()
    const after = await results(again, round)
    for (const name of ['outcomes.jsonl', 'decisions.jsonl', 'translator_sft.json'])
      assert.equal(after.get(name), before.get(name), name)
    const { state } = swarm.coordinator.ledger
    assert.deepEqual(
      [...state.rounds.values()].map(({ votes }) => votes),
      ['digest'],
    )
    const next = await swarm.submit(again, file, SPEC, 'after')
    assert.equal((await ended(again, next)).state, 'aggregated')
    assert.equal(state.rounds.get(next)?.votes, 'tolerance')
  })

  it('is refused in words where it holds a round under a confidence policy, and left as it is', async (t) => {
    const folder = await scratch(t)
    const disk = await Disk.open(folder)
    const opened = { t: 'round-opened', at: 1, round: 'r', owner: 'o', spec: { policy: { kind: 'confidence' } } }
    await disk.batch([
      { type: 'put', key: 'meta/schema', value: Buffer.from('3') },
      { type: 'put', key: 'event/0000000000000001', value: encodeCanonical(opened) },
    ])
    const before = await contentOf(disk)
    await disk.close()
    await assert.rejects(Store.open(folder), /confidence policy, of which the rules have changed; export its rounds/)
    const same = await Disk.open(folder)
    assert.deepEqual(await contentOf(same), before)
    await same.close()
  })
})

/** Makes of a store of today what version 5 would have written of the same: events in CBOR. @param every of so many one, the others as they are */
async function asVersion5(folder: string, every: number): Promise<void> {
  const disk = await Disk.open(folder)
  const operations: Operation[] = [{ type: 'put', key: 'meta/schema', value: Buffer.from('5') }]
  for await (const [key, value] of disk.iterator({ gte: 'event/', lt: 'event0' })) {
    if (Number(key.slice(-4)) % every === 0) operations.push({ type: 'put', key, value: encodeCanonical(eventFrom(value)) })
  }
  await disk.batch(operations)
  await disk.close()
}

describe('a store of version 5', { timeout: 60_000 }, () => {
  for (const { id, every } of [
    { id: 'all of it', every: 1 },
    { id: 'what a kill had left of it', every: 2 },
  ]) {
    it(`is led to this one: its events are the same, as text (${id})`, async (t) => {
      const folder = await storeOfToday(t)
      const disk = await Disk.open(folder)
      const before = await contentOf(disk)
      await disk.close()
      await asVersion5(folder, every)
      const said: string[] = []
      const store = await Store.open(folder, { onMigration: ({ says }) => said.push(says) })
      assert.equal(said.length, 1)
      assert.deepEqual(
        (await gathered(store.events())).map((event) => event.t),
        Array.from({ length: ROUNDS }, () => 'round-sealed'),
      )
      assert.deepEqual(await contentOf(store.disk), before)
      await store.close()
    })
  }
})

describe('a coordinator of version 5', { timeout: 120_000 }, () => {
  it('goes on from its records with events that were led to this one, and a check finds nothing', async (t) => {
    const { folder, swarm, file, round, before } = await endedRound(t)
    await swarm.restartCoordinator(async () => await asVersion5(join(folder, 'coordinator', 'log'), 1))
    const { found, state } = swarm.coordinator.ledger
    assert.deepEqual([found.dropped, found.kept > 0, found.applied], [null, true, 0])
    const again = await swarm.researcher()
    const after = await results(again, round)
    for (const name of ['outcomes.jsonl', 'decisions.jsonl']) assert.equal(after.get(name), before.get(name), name)
    assert.equal((await ended(again, await swarm.submit(again, file, SPEC, 'after'))).state, 'aggregated')
    assert.ok(state.events > found.kept)
    await swarm.coordinator.stop()
    const findings: unknown[] = []
    await check({ folder: join(folder, 'coordinator'), onFinding: (finding) => findings.push(finding) })
    assert.deepEqual(findings, [])
  })
})

/** The archive of a round, audited. */
async function auditOf(client: ResearcherClient, round: string, folder: string) {
  const parts: Uint8Array[] = []
  for await (const { name, bytes } of client.fetch(round, { partial: false })) if (name === 'round.car') parts.push(bytes)
  const bytes = Buffer.concat(parts)
  return { bytes, ...(await audited(folder, bytes)) }
}

describe('a round of a store of version 3 that was under way', { timeout: 120_000 }, () => {
  const STRICT: RoundSpec = { ...SPEC, rule: 'strict', passes: ['isolated'] }

  /** Plain runs print the same number everywhere until the store is led on, then one node's has other digits; isolated runs always have them. */
  function printing(name: string, isLed: () => boolean): Behaviour {
    return (program, _test, _executor, pass) => {
      const exact = isLed() && name === 'b' ? '1.50000001' : '1.5'
      if (pass === 'plain') return { output: Buffer.from(`${exact}\n`) }
      const printed = new Uint8Array(Buffer.from(/k[13]\(/.test(program.code) ? '1.50000001\n' : '1.5\n'))
      const value = program.side === 'cuda' && program.code.includes('WRONG') ? '1.50000001' : '1.5'
      const values = new Uint8Array(Buffer.from(`call\nreturn float ${value}\n`))
      return { output: encodeReport({ v: 1, printed, values, launches: 1, error: null }) }
    }
  }

  it('is finished with votes that agree by their bytes, and its archive says so and holds', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    let led = false
    await swarm.addNode(
      'a',
      printing('a', () => led),
    )
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 6), STRICT)
    const votes = () => [...swarm.coordinator.ledger.state.tasks.values()].map((task) => task.votes.length)
    await until(() => votes().every((count) => count === 1), 'the first node has voted on everything')
    await swarm.restartCoordinator(async () => await asVersion3(join(folder, 'coordinator', 'log')))
    led = true
    await swarm.addNode(
      'b',
      printing('b', () => led),
    )
    await until(() => votes().every((count) => count >= 2), 'the second one too')
    assert.equal(swarm.coordinator.ledger.state.rounds.get(round)?.state, 'verifying')
    await swarm.addNode(
      'c',
      printing('c', () => led),
    )
    const again = await swarm.researcher()
    const { judgements } = await ended(again, round)
    // Of two translations the isolated run prints other digits than the plain one: by bytes that depends on the fill of memory.
    assert.deepEqual(judgements, { equivalent: 4, different: 2, invalid: 0, undecided: 0 })
    const { bytes, failure, checked } = await auditOf(again, round, folder)
    assert.equal(failure, null)
    assert.deepEqual([checked.cases, checked.judged, checked.undecided], [6, 6, 0])
    const parts = await takeApart(bytes)
    assert.equal(parts.head.votes, 'digest')
    // Counted as if digits had a tolerance, the same votes come to something else.
    const key = await loadIdentity(join(folder, 'coordinator', 'coordinator.key'))
    delete parts.head.votes
    const other = await audited(folder, await putTogether(parts, key))
    assert.match(other.failure?.what ?? 'it holds', /its ballot had ended with fewer votes than were counted/)
    // A round that is opened now has the tolerance, and its archive, as all before, does not mention it.
    const next = await swarm.submit(again, join(folder, 'cases.jsonl'), STRICT, 'after')
    await ended(again, next)
    const fresh = await auditOf(again, next, folder)
    assert.equal(fresh.failure, null)
    assert.ok(!('votes' in (await takeApart(fresh.bytes)).head))
  })
})

describe('a store of an older version', { timeout: 60_000 }, () => {
  it('comes to the same end, wherever its migration is killed', async (t) => {
    const undisturbed = await Disk.open(await storeOfToday(t))
    const said: string[] = []
    await bringUpToDate(undisturbed, 'x', ({ says }) => said.push(says), { to: TO, steps: STEPS })
    assert.deepEqual(said, ['events are called facts', 'facts are counted'])
    const expected = await contentOf(undisturbed)
    assert.ok(expected.some(([key, value]) => key === 'facts' && Buffer.from(value, 'hex').toString() === String(ROUNDS)))
    await undisturbed.close()
    const batches = ROUNDS + 3
    for (let killed = 0; killed < batches; killed++) {
      const folder = await storeOfToday(t)
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
      const folder = await storeOfToday(t)
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
