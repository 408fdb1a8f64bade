import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { Volunteer } from '../../node/index.ts'
import { makeVerdict } from '../../node/runner.ts'
import {
  type Assign,
  Channel,
  createHost,
  decodeCanonical,
  type FromNode,
  openStream,
  Program,
  parseAddress,
  peerIdOf,
  ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { listening } from '../support/listening.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'

/** A node that leaves out all that a peer may leave out, and says each output before its verdict, as long ones always are. */
async function plainNode(t: TestContext, swarm: TestSwarm): Promise<string> {
  const key = await generateKeyPair('Ed25519')
  const host = await createHost({ key, listen: [] })
  t.after(async () => await host.stop())
  const stream = await openStream(host, parseAddress(swarm.address), WORK_PROTOCOL)
  const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
  const sandbox = new FakeSandbox()
  const environments = sandbox.executors.map((executor) => sandbox.environment(executor))
  await channel.send({ t: 'hello', agent: 'plain', environments, memoryBytes: 2 ** 40, holding: [] })
  const taken = new Map<string, Assign>()
  const answer = async (assign: Assign, bytes: Uint8Array) => {
    const program = Program.parse(decodeCanonical(bytes))
    const options = { signal: AbortSignal.timeout(60_000) }
    const { parcel } = await makeVerdict({ sandbox, key, coordinator: 'c' }, assign, program, options)
    const { envelope, outputs } = parcel
    for (const [test, output] of outputs.entries()) await channel.send({ t: 'output', nonce: assign.nonce, test, bytes: output })
    await channel.send({ t: 'verdict', nonce: assign.nonce, envelope })
  }
  const serve = async () => {
    for await (const message of channel) {
      if (message.t === 'welcome' || message.t === 'accepted') await channel.send({ t: 'want', credits: 1 })
      if (message.t === 'assign') {
        taken.set(message.task.program, message)
        await channel.send({ t: 'need', program: message.task.program })
      }
      const assign = message.t === 'program' ? taken.get(message.program) : undefined
      if (message.t === 'program' && assign !== undefined) await answer(assign, message.bytes)
    }
  }
  serve().catch(() => undefined)
  return peerIdOf(key)
}

describe('versions', { timeout: patience(120_000) }, () => {
  it('a node that knows nothing of what may be left out votes in a round with one of today', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const plain = await plainNode(t, swarm)
    const today = await swarm.addNode('today')
    const client = await swarm.researcher()
    const counts = await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 4)))
    assert.equal(counts.judged, 4)
    // Two of three, and there are two: each decided every task.
    const { tasks } = swarm.coordinator.ledger.state
    for (const { votes } of tasks.values()) assert.deepEqual(votes.map(({ node }) => node).sort(), [plain, today.peerId].sort())
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
