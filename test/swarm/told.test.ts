import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { History } from '../../node/history/history.ts'
import { Volunteer } from '../../node/index.ts'
import {
  Channel,
  checkReceipt,
  createHost,
  type FromNode,
  loadIdentity,
  openStream,
  parseAddress,
  type RoundSpec,
  ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { line, writeCases } from '../support/cases.ts'
import { type Behaviour, FakeSandbox, honest } from '../support/fake-sandbox.ts'
import { gathered } from '../support/gathered.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const TWO_OF_THREE: RoundSpec = { ...SPEC, policy: { kind: 'majority', quorum: 2, replicas: 3 } }

/** A node of the swarm that keeps what ran. */
async function keeper(swarm: TestSwarm, name: string, behave: Behaviour = honest, labels: string[] = []) {
  const data = join(swarm.folder, name)
  const history = await History.open(join(swarm.folder, `${name}-history`), { log })
  const refusals = { labels, researchers: [], unlabelled: false }
  const node = await Volunteer.start(
    { data, coordinator: swarm.address, slots: 2, log, refusals },
    { sandbox: new FakeSandbox(behave), history },
  )
  swarm.nodes.push(node)
  return { node, history }
}

/** A second connection of the node, by hand, which asks once. */
async function askByHand(t: TestContext, swarm: TestSwarm, name: string, verdicts: { nonce: string; task: string }[]) {
  const host = await createHost({ key: await loadIdentity(join(swarm.folder, name, 'node.key')), listen: [] })
  t.after(async () => await host.stop())
  const stream = await openStream(host, parseAddress(swarm.address), WORK_PROTOCOL)
  const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
  const sandbox = new FakeSandbox()
  const environments = sandbox.executors.map((executor) => sandbox.environment(executor))
  await channel.send({ t: 'hello', agent: 'by hand', environments, memoryBytes: 2 ** 40, holding: [] })
  await channel.send({ t: 'ask', verdicts })
  for await (const message of channel) if (message.t === 'told') return { channel, told: message, node: host.peerId.toString() }
  throw new Error('no answer')
}

describe('what a node is told of its verdicts', { timeout: 120_000 }, () => {
  it('is whether each is what was decided, with the tests where it is not, how it stands, and a receipt', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const liar: Behaviour = async (program, test, ...rest) =>
      test === 1 ? { output: Buffer.from(`a lie ${Math.random()}`) } : await honest(program, test, ...rest)
    const { history } = await keeper(swarm, 'liar', liar)
    await swarm.addNode('one')
    await swarm.addNode('two')
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3), TWO_OF_THREE)
    await ended(client, round)
    const ran = await gathered(history.runs())
    const asked = ran.filter(({ answer }) => answer === 'accepted').map(({ nonce, taskId: task }) => ({ nonce, task }))
    assert.ok(asked.length > 0)
    for (const { origins } of ran)
      assert.deepEqual(
        origins.map(({ label }) => label),
        [SPEC.name],
      )
    await swarm.nodes[0]?.stop()
    const { told, node } = await askByHand(t, swarm, 'liar', asked)
    assert.equal(told.reputation.verdicts, asked.length)
    assert.equal(told.reputation.disagreed, told.outcomes.length)
    for (const { outcome, tests } of told.outcomes) assert.deepEqual([outcome, tests], ['disagreed', [1]])
    const coordinator = swarm.coordinator.host.peerId.toString()
    const receipt = await checkReceipt(told.receipt as Uint8Array, { coordinator, node })
    assert.deepEqual(receipt.verdicts.map(({ nonce }) => nonce).sort(), asked.map(({ nonce }) => nonce).sort())
    for (const of of [
      { coordinator: node, node },
      { coordinator, node: coordinator },
    ]) {
      await assert.rejects(checkReceipt(told.receipt as Uint8Array, of), { code: 'signature' })
    }
  })

  it('tells nobody of the verdicts of others, and cuts who asks all the time', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const { history } = await keeper(swarm, 'one')
    await keeper(swarm, 'two')
    const client = await swarm.researcher()
    await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1), SPEC))
    const [ran] = await gathered(history.runs())
    const { channel, told } = await askByHand(t, swarm, 'stranger', [{ nonce: ran?.nonce ?? '', task: ran?.taskId ?? '' }])
    assert.deepEqual([told.outcomes[0]?.outcome, told.receipt], ['unknown', undefined])
    await channel.send({ t: 'ask', verdicts: [] })
    const last = await gathered(channel).then(
      (all) => all.at(-1),
      () => undefined,
    )
    assert.equal(last?.t === 'cut' ? last.code : 'unexpected', 'unexpected')
  })
})

describe('a node whose owner does not want a round', { timeout: 120_000 }, () => {
  it('gives it back once, is given the work of others at once, and nobody counts it as trouble', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const one: RoundSpec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } }
    const { history } = await keeper(swarm, 'choosy', honest, ['*Weapons*'])
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 4)
    const others = join(folder, 'others.jsonl')
    await writeFile(others, [91, 92, 93, 94].map((id) => `${line(id)}\n`).join(''))
    const unwanted = await swarm.submit(client, file, { ...one, name: 'new weapons, please' })
    const wanted = await swarm.submit(client, others, { ...one, name: 'weather' })
    assert.equal((await ended(client, wanted)).judged, 4)
    const ran = await gathered(history.runs())
    assert.ok(ran.every(({ origins }) => origins[0]?.label === 'weather'))
    // Two: a side is kept for somebody who has no say on the other one.
    for (const name of ['anybody', 'somebody']) await swarm.addNode(name)
    const last = await ended(client, unwanted)
    assert.deepEqual([last.judged, last.judgements.undecided, last.givenBack], [4, 0, null])
    const declined = swarm.coordinator.ledger.state.nodes.get(swarm.nodes[0]?.peerId ?? '')?.declined ?? 0
    assert.ok(declined >= 1 && declined <= 2, `${declined} given back: those asked for together, and then no more`)
  })
})

describe('a node of an old release', { timeout: 60_000 }, () => {
  it('is told in words to update, and says so', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder, { leastVersion: '9.1.0' })
    const node = await swarm.addNode('old')
    await until(() => node.memberships[0]?.state === 'waiting', 'it is turned away')
    assert.equal(node.memberships[0]?.trouble?.code, 'version')
    assert.match(node.memberships[0]?.trouble?.message ?? '', /works with kernelswarm 9\.1\.0 or later.*update it/)
  })
})
