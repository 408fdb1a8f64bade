import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { Volunteer } from '../../node/index.ts'
import { LOST_IN_A_ROW } from '../../node/losses.ts'
import type { RoundSpec } from '../../protocol/index.ts'
import { SandboxFault } from '../../sandbox/index.ts'
import { line, writeCases } from '../support/cases.ts'
import { FakeSandbox, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const ONE: RoundSpec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } }

async function start(t: TestContext) {
  const folder = await scratch(t)
  return { folder, swarm: await TestSwarm.start(t, folder) }
}

describe('a node of several coordinators', { timeout: 120_000 }, () => {
  it('has work of each at a time, and ends the rounds of both', async (t) => {
    const [one, other] = [await start(t), await start(t)]
    const let_ = Promise.withResolvers<void>()
    const sandbox = new FakeSandbox(async (...order) => {
      await let_.promise
      return await honest(...order)
    })
    const coordinator = [
      { address: one.swarm.address, share: 3 },
      { address: other.swarm.address, share: 1 },
    ]
    const node = await Volunteer.start({ data: join(one.folder, 'node'), coordinator, slots: 4, log }, sandbox)
    one.swarm.nodes.push(node)
    await until(() => node.memberships.every(({ state }) => state === 'connected'), 'both know it')
    const rounds = []
    for (const { swarm, folder } of [one, other]) {
      const client = await swarm.researcher()
      rounds.push(ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 6), ONE)))
    }
    const held = () => node.memberships.map((place) => node.work.heldOf(place.coordinator).length)
    // The one that was there first may have been asked for all before the other came; how slots are divided is allotments.test.ts'.
    await until(() => held().every((count) => count > 0), 'it has work of both')
    assert.ok(node.work.running.length <= 4)
    let_.resolve()
    for (const round of rounds) assert.equal((await round).judged, 6)
    assert.deepEqual(held(), [0, 0])
  })
})

describe('a node that loses every task', { timeout: 120_000 }, () => {
  it('leaves its coordinator alone after five in a row, and comes back when its owner has looked', async (t) => {
    const { folder, swarm } = await start(t)
    let broken = true
    const sandbox = new FakeSandbox(async (...order) => {
      if (broken) throw new SandboxFault('disk', 'no space left')
      return await honest(...order)
    })
    const node = await swarm.join('broken', sandbox, 8)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 4), ONE)
    await until(() => node.losses.pause !== null, 'it has paused itself')
    assert.match(node.losses.pause?.why ?? '', /5 tasks in a row were lost, the last one: no space left/)
    await until(() => node.work.isIdle, 'all of it is lost')
    const { declined } = node.work.counts
    assert.ok(declined >= LOST_IN_A_ROW)
    // Two: a side is kept for somebody who has no say on the other one.
    const others = [await swarm.addNode('one'), await swarm.addNode('two')]
    assert.equal((await ended(client, round)).judged, 4)
    for (const one of others) await one.stop()
    assert.equal(node.work.counts.declined, declined, 'it has asked for nothing since')
    broken = false
    node.resume()
    const last = join(folder, 'last.jsonl')
    await writeFile(last, `${line(99)}\n`)
    assert.equal((await ended(client, await swarm.submit(client, last, ONE))).judged, 1)
  })
})
