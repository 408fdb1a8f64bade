import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from 'libp2p'
import { allowNode } from '../../coordinator/index.ts'
import { certifyTo, importCertificate } from '../../node/index.ts'
import {
  Bulletins,
  Channel,
  createHost,
  type FromNode,
  type KernelswarmError,
  loadIdentity,
  openStream,
  parseAddress,
  peerIdOf,
  ResearcherClient,
  ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { ENVIRONMENT } from '../support/environment.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const SECRET = 'the-name-of-the-round'
const ROUND_STEPS: Record<string, (client: ResearcherClient, round: string) => Promise<unknown>> = {
  watch: async (client, round) => await drain(client.watch(round)),
  fetch: async (client, round) => await drain(client.fetch(round, { partial: true })),
  pause: async (client, round) => await client.pause(round, { finishRunning: false }),
  resume: async (client, round) => await client.resume(round),
  extend: async (client, round) => await client.extend(round, 'digest'),
  rerun: async (client, round) => await client.rerun(round, ['undecided'], ''),
  cancel: async (client, round) => await client.cancel(round),
}

async function drain(pieces: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pieces);
}

async function strangerAt(t: TestContext): Promise<Libp2p> {
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [], gossip: 'hear' })
  t.after(async () => await host.stop())
  return host
}

/** What a node that says hello is told, until the coordinator ends it or has told it that it is welcome. */
async function hello(host: Libp2p, address: string, then: FromNode[] = []): Promise<ToNode[]> {
  const channel = new Channel<ToNode, FromNode>(await openStream(host, parseAddress(address), WORK_PROTOCOL), { schema: ToNode })
  await channel.send({ t: 'hello', agent: 'stranger', environments: [ENVIRONMENT], memoryBytes: 2 ** 30, holding: [] })
  for (const message of then) await channel.send(message)
  const told: ToNode[] = []
  try {
    for await (const message of channel) {
      told.push(message)
      if (message.t === 'welcome' && then.length === 0) break
    }
  } catch {
    // Cut off: what was told stands.
  }
  channel.abort(new Error('done'))
  return told
}

test('a stranger learns nothing of an embargoed round: asking, as a node, by gossip, on the page', async (t) => {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder, { found: { gossip: true, lan: false }, http: { host: '127.0.0.1', port: 0 } })
  const owner = await swarm.researcher()
  const cases = await writeCases(join(folder, 'cases.jsonl'), 2)
  const round = await swarm.submit(owner, cases, { ...SPEC, name: SECRET, visibility: 'embargoed' })
  const { coordinator } = swarm
  const programs = [...coordinator.ledger.state.tasks.values()].map(({ task }) => task.program)
  const secrets = [round, SECRET, ...programs]
  const heard: unknown[] = []
  const host = await strangerAt(t)
  new Bulletins(host, (bulletin) => heard.push(bulletin)).start()
  await host.dial(parseAddress(swarm.address))

  const absent = round.slice(0, -4) + (round.endsWith('aaaa') ? 'bbbb' : 'aaaa')
  for (const [step, act] of Object.entries(ROUND_STEPS)) {
    const said = []
    for (const name of [round, absent]) {
      await using client = await ResearcherClient.connect(host, parseAddress(swarm.address), { signal: t.signal })
      const error = await act(client, name).then(
        () => assert.fail(`${step}: done`),
        (reason: KernelswarmError) => reason,
      )
      said.push(`${error.code} ${error.message.replaceAll(name, 'ROUND')}`)
    }
    assert.equal(said[0], said[1], `${step}: as of a round that is not there`)
  }
  await using client = await ResearcherClient.connect(host, parseAddress(swarm.address), { signal: t.signal })
  assert.deepEqual(await client.list(), [])

  const told = await hello(host, swarm.address, [{ t: 'need', program: programs[0] ?? '' }])
  assert.ok(!told.some((message) => message.t === 'program' || message.t === 'assign'))
  await until(() => heard.length > 0, 'an announcement')
  const pages = await Promise.all(
    [
      '',
      'api/v1/status',
      'api/v1/rounds',
      'api/v1/nodes',
      'api/v1/incidents',
      `api/v1/rounds/${round}`,
      'metrics',
      'health',
      'ready',
    ].map(async (path) =>
      (await (await fetch(new URL(path, `${coordinator.url}/`))).text()).replaceAll(round, (found) =>
        path.endsWith(round) ? '' : found,
      ),
    ),
  )
  const all = JSON.stringify([told, heard, pages])
  for (const secret of secrets) assert.ok(!all.includes(secret), secret)

  // Its end is the end of the embargo.
  for (const name of ['n1', 'n2']) await swarm.addNode(name)
  await ended(owner, round)
  await until(() => JSON.stringify(heard).includes(SECRET), 'the round being announced when it has ended')
})

test('a private coordinator tells a node it does not know nothing but that', async (t) => {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder, { private: true })
  const host = await strangerAt(t)
  const told = await hello(host, swarm.address, [{ t: 'want', credits: 1 }])
  assert.deepEqual(
    told.map((message) => (message.t === 'refused' ? message.code : message.t)),
    ['not-listed'],
  )
  assert.ok(told[0]?.t === 'refused' && told[0].message.includes(`allow-node ${host.peerId}`))
  await allowNode(join(folder, 'coordinator'), host.peerId.toString(), null)
  assert.deepEqual(
    (await hello(host, swarm.address)).map(({ t }) => t),
    ['welcome'],
  )
})

test('listed nodes count for who runs them, by their own key or their owner', async (t) => {
  const folder = await scratch(t)
  const data = join(folder, 'coordinator')
  const swarm = await TestSwarm.start(t, folder, { private: true, singleOperator: false })
  const name = async (node: string) => peerIdOf(await loadIdentity(join(folder, node, 'node.key')))
  for (const node of ['a1', 'a2']) await allowNode(data, await name(node), 'anna')
  await allowNode(data, await name('b1'), null)
  const owner = await loadIdentity(join(folder, 'owner.key'))
  await allowNode(data, peerIdOf(owner), 'carl')
  const file = join(folder, 'c1.cert')
  const now = Date.now()
  await certifyTo(file, owner, await name('c1'), { now, forMs: 86_400_000 })
  await importCertificate(file, join(folder, 'c1'), now)
  for (const node of ['a1', 'a2', 'b1', 'c1']) await swarm.addNode(node)
  const client = await swarm.researcher()
  const cases = await writeCases(join(folder, 'cases.jsonl'), 6)
  const spec = { ...SPEC, policy: { kind: 'majority', quorum: 3, replicas: 4 } as const }
  const progress = await ended(client, await swarm.submit(client, cases, spec))
  assert.equal(progress.judged, 6)
  const votes = [...swarm.coordinator.ledger.state.tasks.values()].map((task) =>
    task.votes.map(({ operator }) => operator).sort(),
  )
  const known = ['listed anna', `listed ${await name('b1')}`, 'listed carl'].sort()
  for (const operators of votes) assert.deepEqual(operators, known)
})
