import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RefusedError } from '../../protocol/index.ts'
import { BrokenDisk } from '../support/broken-disk.ts'
import { writeCases } from '../support/cases.ts'
import { honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'

describe('a disk that fails in the middle of a round', { timeout: 120_000 }, () => {
  it("(the coordinator's) keeps everybody waiting, tells them why, and nothing else: mended, all goes on by itself", async (t) => {
    const folder = await scratch(t)
    const broken = new BrokenDisk(t, (location) => location.includes(join(folder, 'coordinator')))
    const swarm = await TestSwarm.start(t, folder)
    const { disk } = swarm.coordinator.ledger.store
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 12)
    const round = await swarm.submit(client, file)
    const failing = Promise.withResolvers<void>()
    disk.changes.on('condition', ({ state }) => state === 'failing' && failing.resolve())
    let answers = 0
    const behave: typeof honest = (program, test, executor, pass) => {
      if (++answers === 12) broken.fault = 'full'
      return honest(program, test, executor, pass)
    }
    const watching = assert.rejects(ended(client, round), (error: RefusedError) => {
      assert.equal(error.code, 'unavailable')
      assert.match(error.message, /its disk is full/)
      return true
    })
    const nodes = [await swarm.addNode('a', behave), await swarm.addNode('b', behave)]
    await failing.promise
    await watching
    const asking = await swarm.researcher()
    await assert.rejects(asking.list(), { code: 'unavailable' })
    const late = await swarm.addNode('c')
    await broken.refusals(2)
    assert.equal(disk.condition.state, 'failing')
    broken.fault = null
    const last = await ended(await mended(swarm), round)
    assert.equal(last.judged, 12)
    assert.deepEqual(last.judgements, { equivalent: 8, different: 4, invalid: 0, undecided: 0 })
    assert.equal(disk.condition.state, 'good')
    // What the log holds is what memory holds: every verdict once.
    const nonces: string[] = []
    for await (const event of swarm.coordinator.ledger.store.events()) if (event.t === 'verdict') nonces.push(event.nonce)
    assert.equal(new Set(nonces).size, nonces.length)
    assert.equal(swarm.coordinator.ledger.state.verdicts, nonces.length)
    assert.ok(nodes.every(({ work }) => work.counts.declined === 0))
    assert.ok(late)
  })

  it("(a node's) gives back what it could not keep; mended, the node goes on by itself", async (t) => {
    const folder = await scratch(t)
    const broken = new BrokenDisk(t, (location) => location.includes(join(folder, 'b')))
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 4))
    broken.fault = 'full'
    await swarm.addNode('a')
    const refused = broken.refusals(1)
    const node = await swarm.addNode('b')
    await refused
    broken.fault = null
    const last = await ended(client, round)
    assert.equal(last.judged, 4)
    assert.ok(node.work.counts.declined > 0)
    assert.ok(node.work.counts.finished > 0)
  })
})

/** A researcher's connection, once the coordinator can write again. */
async function mended(swarm: TestSwarm) {
  await swarm.coordinator.ledger.store.disk.writable()
  return await swarm.researcher()
}
