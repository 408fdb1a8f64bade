import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import pino from 'pino'
import { Volunteer } from '../../node/index.ts'
import { writeCases } from '../support/cases.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'

const log = pino({ level: 'silent' })

describe('the name that an owner gives a node', () => {
  it('is known once the node has worked, also after a restart, and is changed once an hour at most', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const start = async (data: string, name?: string) => {
      const init = {
        data: join(folder, data),
        coordinator: swarm.address,
        slots: 2,
        log,
        ...(name === undefined ? {} : { name }),
      }
      const node = await Volunteer.start(init, new FakeSandbox())
      swarm.nodes.push(node)
      return node
    }
    const [one, two] = [await start('one', 'the first 🐢'), await start('two')]
    const client = await swarm.researcher()
    await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3)))
    const nameOf = (node: Volunteer) => swarm.coordinator.ledger.state.nodes.get(node.peerId)?.name
    assert.deepEqual([nameOf(one), nameOf(two)], ['the first 🐢', null])
    await one.stop()
    const renamed = await start('one', 'another name')
    const again = await swarm.researcher('researcher')
    await ended(again, await swarm.submit(again, await writeCases(join(folder, 'more.jsonl'), 4)))
    assert.equal(renamed.peerId, one.peerId)
    assert.equal(nameOf(one), 'the first 🐢')
    await swarm.restartCoordinator()
    assert.equal(nameOf(one), 'the first 🐢')
  })
})
