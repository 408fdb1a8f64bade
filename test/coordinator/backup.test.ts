import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { framesOf, recordsOf } from '../../coordinator/backup/records.ts'
import { backUp, check, restore } from '../../coordinator/index.ts'
import { Ledger } from '../../coordinator/ledger.ts'
import { Store } from '../../coordinator/store/store.ts'
import { AGENT } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { gathered } from '../support/gathered.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, TestSwarm } from '../support/swarm.ts'

async function findings(folder: string): Promise<string[]> {
  const found: string[] = []
  await check({ folder, onFinding: ({ where, what }) => found.push(`${where}: ${what}`) })
  return found
}

async function countsIn(data: string): Promise<{ events: number; verdicts: number; rounds: number }> {
  const store = await Store.open(join(data, 'log'))
  const { state } = await Ledger.open(store)
  await store.close()
  return { events: state.events, verdicts: state.verdicts, rounds: state.rounds.size }
}

describe('a backup', { timeout: 120_000 }, () => {
  it('of a running coordinator is its state at one moment; a coordinator made from it goes on with the same results', async (t) => {
    const folder = await scratch(t)
    const data = join(folder, 'coordinator')
    const swarm = await TestSwarm.start(t, folder)
    for (const name of ['a', 'b']) await swarm.addNode(name)
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 8)
    const round = await swarm.submit(client, file)
    for await (const { verdicts } of client.watch(round)) if (verdicts > 3) break
    await writeFile(join(data, 'researchers.txt'), '# nobody yet\n')
    const to = join(folder, 'backup')
    const made = await backUp({ data, to, agent: AGENT })
    assert.deepEqual(made.files, ['coordinator.key', 'researchers.txt'])
    assert.deepEqual(await findings(to), [])
    // The socket of the coordinator is for its owner alone.
    assert.equal((await stat(join(data, 'control.sock'))).mode & 0o777, 0o600)
    const again = await swarm.researcher()
    await ended(again, round)
    const whole = await results(again, round)
    await assert.rejects(backUp({ data, to, agent: AGENT }), { code: 'file' })

    await swarm.coordinator.stop()
    const other = join(folder, 'other', 'coordinator')
    await restore({ from: to, data: other })
    const { rounds } = await countsIn(other)
    assert.equal(rounds, 1)
    await assert.rejects(restore({ from: to, data: other }), { code: 'file' })
    const second = await TestSwarm.start(t, join(folder, 'other'))
    assert.equal(second.coordinator.host.peerId.toString(), made.coordinator)
    for (const name of ['a', 'b']) await second.addNode(name)
    const heir = await second.researcher('../researcher')
    await ended(heir, await second.submit(heir, file))
    const files = await results(heir, round)
    for (const name of ['outcomes.jsonl', 'valid_translations.jsonl']) assert.equal(files.get(name), whole.get(name), name)
  })

  it('of a stopped one holds the same; without its key it says so; one that was changed is not restored', async (t) => {
    const folder = await scratch(t)
    const data = join(folder, 'coordinator')
    const swarm = await TestSwarm.start(t, folder)
    await swarm.submit(await swarm.researcher(), await writeCases(join(folder, 'cases.jsonl'), 4))
    await swarm.coordinator.stop()
    const to = join(folder, 'backup')
    const { files } = await backUp({ data, to, agent: AGENT, key: false })
    assert.deepEqual(files, ['door.json'])
    assert.deepEqual(await findings(to), [])
    await restore({ from: to, data: join(folder, 'restored') })
    assert.deepEqual(await countsIn(join(folder, 'restored')), await countsIn(data))

    const log = (await readdir(join(to, 'log'))).find((name) => name.endsWith('.log')) as string
    const bytes = await readFile(join(to, 'log', log))
    bytes[bytes.length - 10] = (bytes[bytes.length - 10] as number) ^ 1
    await writeFile(join(to, 'log', log), bytes)
    await assert.rejects(restore({ from: to, data: join(folder, 'changed') }), { code: 'file' })
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes('changed')),
      [],
    )
  })

  it('that is cut off, or changed on its way, is not kept', async () => {
    const records = async function* (): AsyncGenerator<[string, Uint8Array]> {
      for (let n = 0; n < 5; n++) yield [`key/${n}`, createHash('sha512').update(String(n)).digest()]
    }
    const whole = Buffer.concat(await gathered(framesOf(records())))
    const read = async (bytes: Uint8Array) => await gathered(recordsOf(inPieces(bytes)))
    assert.deepEqual(
      (await read(whole)).map(([key]) => key),
      ['key/0', 'key/1', 'key/2', 'key/3', 'key/4'],
    )
    for (const cut of [0, 3, 50, whole.length - 33, whole.length - 1]) {
      await assert.rejects(read(whole.subarray(0, cut)), { code: 'backup' }, `cut at ${cut}`)
    }
    const changed = Buffer.from(whole)
    changed[60] = (changed[60] as number) ^ 4
    await assert.rejects(read(changed), { code: 'backup' })
  })

  it('of what is no coordinator is refused in words', async (t) => {
    const folder = await scratch(t)
    await mkdir(join(folder, 'empty'))
    for (const data of ['empty', 'nothing']) {
      await assert.rejects(
        backUp({ data: join(folder, data), to: join(folder, 'to'), agent: AGENT }),
        /no coordinator's data folder/,
      )
    }
    await assert.rejects(restore({ from: join(folder, 'empty'), data: join(folder, 'new') }), /not a backup/)
  })
})

async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
}
