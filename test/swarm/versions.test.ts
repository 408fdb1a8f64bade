import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { Volunteer } from '../../node/index.ts'
import { createHost, WORK_PROTOCOL } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { FakeSandbox, honest } from '../support/fake-sandbox.ts'
import { listening } from '../support/listening.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { worker } from '../support/wires.ts'

/** What later releases may speak: a version that the coordinator has, too, and one that it has not. */
const [NEXT, NEXT_BUT_ONE] = ['/kernelswarm/work/1.1.0', '/kernelswarm/work/1.2.0']

describe('versions', { timeout: patience(120_000) }, () => {
  it('an earlier node, one of today and a later one vote in a round of a coordinator that speaks more than this version', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const asked: string[] = []
    // Nobody is to take it for what it does not know.
    await swarm.coordinator.host.handle(NEXT, (stream) => {
      asked.push(stream.protocol)
      stream.abort(new Error('not to be asked for'))
    })
    const init = (name: string) => ({ data: join(folder, name), coordinator: swarm.address })
    const earlier = await worker(init('earlier'), { behave: honest })
    const later = await worker(init('later'), { behave: honest, protocols: [NEXT_BUT_ONE, WORK_PROTOCOL] })
    t.after(async () => await Promise.all([earlier.stop(), later.stop()]))
    const today = await swarm.addNode('today')
    assert.deepEqual([earlier.protocol, later.protocol], [WORK_PROTOCOL, WORK_PROTOCOL])
    const client = await swarm.researcher()
    const spec = { ...SPEC, policy: { kind: 'majority', quorum: 3, replicas: 3 } as const }
    const file = await writeCases(join(folder, 'cases.jsonl'), 4)
    const counts = await ended(client, await swarm.submit(client, file, spec))
    assert.equal(counts.judged, 4)
    const all = [earlier.peerId, later.peerId, today.peerId].sort()
    for (const { votes } of swarm.coordinator.ledger.state.tasks.values())
      assert.deepEqual(votes.map(({ node }) => node).sort(), all)
    assert.deepEqual(asked, [])
  })

  it('a node is told what is spoken where its version is not, says so to its owner, and asks again', async (t) => {
    const coordinator = await createHost({ key: await generateKeyPair('Ed25519'), listen: ['/ip4/127.0.0.1/tcp/0'] })
    t.after(async () => await coordinator.stop())
    await coordinator.handle('/kernelswarm/work/2.0.0', () => {})
    const { log, line } = listening()
    const init = { data: await scratch(t), coordinator: String(coordinator.getMultiaddrs()[0]), slots: 1, log }
    const node = await Volunteer.start(init, new FakeSandbox())
    t.after(async () => await node.stop())
    const { code, detail = '', retryMs = 0, level } = await line('disconnected')
    assert.equal(code, 'version')
    assert.equal(level, 50)
    assert.ok(detail.includes('/kernelswarm/work/2.0.0') && detail.includes(WORK_PROTOCOL), detail)
    assert.ok(retryMs >= 30_000)
  })
})
