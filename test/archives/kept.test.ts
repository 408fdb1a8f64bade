import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ARCHIVES } from '../../coordinator/archives/folder.ts'
import { audit, backUp, check, restore } from '../../coordinator/index.ts'
import { Ledger } from '../../coordinator/ledger.ts'
import { Store } from '../../coordinator/store/store.ts'
import { AGENT } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'
import { closeAll, long, Pruning } from './archived.ts'

/** Contents of it that leave the store. */
const CONTENTS = 22

/** A round that was verified over the network, pruned while the coordinator was stopped, and what its files were before. */
async function prunedSwarm(t: TestContext) {
  const folder = await scratch(t)
  const data = join(folder, 'coordinator')
  const swarm = await TestSwarm.start(t, folder)
  const atLength: Behaviour = async (...asked) => ({ output: Buffer.from(long(String((await honest(...asked)).output))) })
  for (const name of ['a', 'b']) await swarm.addNode(name, atLength)
  const client = await swarm.researcher()
  const file = await writeCases(join(folder, 'cases.jsonl'), 6)
  const round = await swarm.submit(client, file)
  await ended(client, round)
  const before = await results(client, round)
  await swarm.restartCoordinator(async () => await pruneAll(data))
  return { folder, data, swarm, file, round, before }
}

async function pruneAll(data: string): Promise<void> {
  const store = await Store.open(join(data, 'log'))
  const ledger = await Ledger.open(store)
  await closeAll(ledger)
  const { counted } = await Pruning.run(ledger)
  // The longer program of each of six cases; two outputs of each, and two more where one is wrong.
  assert.deepEqual([counted.archives, counted.contents], [1, CONTENTS])
  await ledger.keep()
  await store.close()
}

async function checked(folder: string): Promise<{ archived: number; found: string[] }> {
  const found: string[] = []
  const { archived } = await check({ folder, onFinding: ({ where, what }) => found.push(`${where}: ${what}`) })
  return { archived, found }
}

describe('a coordinator of which contents are in archives', { timeout: 300_000 }, () => {
  it('gives out the same results, runs cases again, and takes the same cases anew', async (t) => {
    const { data, swarm, file, round, before } = await prunedSwarm(t)
    const archive = join(data, ARCHIVES, `${round}.car`)
    assert.equal((await audit(archive, { key: null, onProgress: () => {} })).holds, true)
    assert.deepEqual([(await stat(join(data, ARCHIVES))).mode & 0o777, (await stat(archive)).mode & 0o777], [0o700, 0o600])
    const client = await swarm.researcher()
    assert.deepEqual(await results(client, round), before)
    const { round: again } = await client.rerun(round, ['different', 'equivalent'], '')
    assert.equal((await ended(client, again)).state, 'aggregated')
    const second = await swarm.submit(client, file, SPEC, 'second')
    assert.equal((await ended(client, second)).state, 'aggregated')
    assert.equal((await results(client, second)).get('outcomes.jsonl'), before.get('outcomes.jsonl'))
  })

  it('is found to be as it was written by check, which finds what is not in its archive', async (t) => {
    const { data, swarm, round } = await prunedSwarm(t)
    await swarm.coordinator.stop()
    assert.deepEqual(await checked(data), { archived: CONTENTS, found: [] })
    const file = join(data, ARCHIVES, `${round}.car`)
    const whole = await readFile(file)
    // Of the last content, an output: the envelope that stands before it is in the store as well.
    await writeFile(file, Buffer.concat([whole.subarray(0, -1), Buffer.of((whole.at(-1) as number) ^ 1)]))
    const damaged = await checked(data)
    assert.equal(damaged.archived, CONTENTS - 1)
    assert.match(damaged.found.join('\n'), /^"pruned\/baf.*it is damaged at byte \d+\); .*$/)
    await writeFile(file, whole.subarray(0, -1))
    assert.match((await checked(data)).found.join('\n'), /has \d+ bytes, not \d+/)
    await rename(file, `${file}.away`)
    const gone = await checked(data)
    assert.equal(gone.archived, 0)
    assert.equal(gone.found.length, CONTENTS + 1)
    await writeFile(file, whole)
    assert.deepEqual(await checked(data), { archived: CONTENTS, found: [] })
  })

  it('is backed up and restored with its archives, running and stopped', async (t) => {
    const { folder, data, swarm, round, before } = await prunedSwarm(t)
    for (const how of ['running', 'stopped']) {
      if (how === 'stopped') await swarm.coordinator.stop()
      const to = join(folder, how)
      const { archives } = await backUp({ data, to, agent: AGENT })
      assert.deepEqual(archives, [`${round}.car`])
      assert.deepEqual(await checked(to), { archived: CONTENTS, found: [] })
      const home = join(folder, `home of ${how}`)
      await mkdir(home)
      await restore({ from: to, data: join(home, 'coordinator') })
      assert.deepEqual(await readdir(join(home, 'coordinator', ARCHIVES)), archives)
      const other = await TestSwarm.start(t, home)
      const client = await other.researcher('../researcher')
      assert.deepEqual(await results(client, round), before)
    }
  })
})
