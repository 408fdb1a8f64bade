import assert from 'node:assert/strict'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { systemClock } from '../../coordinator/clock.ts'
import { certifyTo, importCertificate, nodeIn, ownNode, Volunteer } from '../../node/index.ts'
import {
  Channel,
  certify,
  createHost,
  DOMAINS,
  type FromNode,
  loadIdentity,
  openStream,
  parseAddress,
  peerIdOf,
  seal,
  ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { listening } from '../support/listening.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'

const DAY_MS = 86_400_000
const YEAR = { now: Date.now(), forMs: 365 * DAY_MS }
/** An environment to say hello with. */
const environments = [new FakeSandbox().environment('host')]

/** What a coordinator answers to a hello with a certificate that `make` makes for the node that says it. */
async function answer(t: TestContext, swarm: TestSwarm, make: (node: string) => Promise<Uint8Array>): Promise<ToNode> {
  const key = await generateKeyPair('Ed25519')
  const host = await createHost({ key, listen: [] })
  t.after(async () => await host.stop())
  const stream = await openStream(host, parseAddress(swarm.address), WORK_PROTOCOL)
  const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
  await channel.send({
    t: 'hello',
    agent: 'x',
    environments,
    memoryBytes: 2 ** 40,
    holding: [],
    certificate: await make(peerIdOf(key)),
  })
  for await (const message of channel) return message
  throw new Error('the coordinator said nothing')
}

const owner = await generateKeyPair('Ed25519')
const inAYear = { expiresAt: YEAR.now + YEAR.forMs, now: YEAR.now }

const shown: { id: string; make: (node: string) => Promise<Uint8Array>; answer: object }[] = [
  { id: 'one that holds', make: (node) => certify(owner, node, inAYear), answer: { t: 'welcome' } },
  {
    id: "another node's, as whoever stole it has it",
    make: async () => certify(owner, peerIdOf(await generateKeyPair('Ed25519')), inAYear),
    answer: { t: 'refused', code: 'certificate-node' },
  },
  {
    id: 'one that is over by the clock of the coordinator',
    make: (node) => certify(owner, node, { expiresAt: YEAR.now - DAY_MS, now: YEAR.now - 2 * DAY_MS }),
    answer: { t: 'refused', code: 'certificate-expired' },
  },
  {
    id: 'one for ever',
    make: (node) => seal({ v: 1, node, expiresAt: Number.MAX_SAFE_INTEGER }, DOMAINS.owner, owner),
    answer: { t: 'refused', code: 'certificate-term' },
  },
  {
    id: 'the same words signed for another purpose',
    make: (node) => seal({ v: 1, node, expiresAt: inAYear.expiresAt }, DOMAINS.verdict, owner),
    answer: { t: 'refused', code: 'certificate-signature' },
  },
  { id: 'nonsense', make: async () => Buffer.from('mine'), answer: { t: 'refused', code: 'certificate-signature' } },
  { id: 'one that is too long', make: async () => Buffer.alloc(1024), answer: { t: 'refused', code: 'certificate-form' } },
  { id: 'one that is much too long', make: async () => Buffer.alloc(16 * 1024), answer: { t: 'cut', code: 'schema' } },
]

describe("an owner's certificate in a node's hello", { timeout: 60_000 }, () => {
  for (const { id, make, answer: expected } of shown) {
    it(`${id}: ${Object.values(expected).join(' ')}`, async (t) => {
      const swarm = await TestSwarm.start(t, await scratch(t))
      const said = await answer(t, swarm, make)
      assert.deepEqual({ ...said, ...expected }, said)
      if (said.t === 'refused') assert.match(said.message, /^the owner's certificate /)
    })
  }

  it('makes the nodes of one owner one operator, which has one say on a task', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const key = await loadIdentity(join(folder, 'owner.key'))
    for (const name of ['a', 'b', 'c']) {
      await ownNode(key, join(folder, name), YEAR)
      await swarm.addNode(name)
    }
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3))
    for await (const progress of client.watch(round)) {
      if (progress.verdicts < progress.tasks.total || progress.tasks.total < 6) continue
      assert.match(progress.unserved ?? '', /nodes of 2 operators .* now there is 1/)
      break
    }
    await swarm.addNode('stranger')
    const last = await ended(client, round)
    assert.deepEqual([last.judged, last.verdicts], [3, 2 * last.tasks.total])
    for (const { votes } of swarm.coordinator.ledger.state.tasks.values()) {
      const owners = votes.filter(({ operator }) => operator === `owner ${peerIdOf(key)}`)
      assert.equal(owners.length, 1)
    }
  })

  it('may be made on a machine that the node never sees, for the one node alone', async (t) => {
    const folder = await scratch(t)
    const [here, there] = [join(folder, 'here'), join(folder, 'there')]
    const file = join(folder, 'node.cert')
    const key = await loadIdentity(join(folder, 'owner.key'))
    const made = await certifyTo(file, key, await nodeIn(here), YEAR)
    assert.deepEqual(await importCertificate(file, here, YEAR.now), { node: await nodeIn(here), before: null, ...made })
    await assert.rejects(importCertificate(file, there, YEAR.now), { code: 'file', message: /for another node/ })
    await assert.rejects(importCertificate(file, here, YEAR.now + 366 * DAY_MS), { code: 'file', message: /ended at/ })
  })

  it('that ends while the node is connected ends the connection', async (t) => {
    const folder = await scratch(t)
    let ahead = 0
    const clock = { ...systemClock, now: () => Date.now() + ahead }
    const swarm = await TestSwarm.start(t, folder, { clock })
    const key = await generateKeyPair('Ed25519')
    const host = await createHost({ key, listen: [] })
    t.after(async () => await host.stop())
    const stream = await openStream(host, parseAddress(swarm.address), WORK_PROTOCOL)
    const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
    const answers = channel[Symbol.asyncIterator]()
    const certificate = await certify(owner, peerIdOf(key), inAYear)
    await channel.send({ t: 'hello', agent: 'x', environments, memoryBytes: 2 ** 40, holding: [], certificate })
    assert.equal((await answers.next()).value?.t, 'welcome')
    ahead = YEAR.forMs + DAY_MS
    await channel.send({ t: 'progress', running: [] })
    const { value } = await answers.next()
    assert.equal(value?.t === 'refused' && value.code, 'certificate-expired')
    assert.equal((await answers.next()).done, true)
  })

  it('that does not count is told to the node, which does not come back at once', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const data = join(folder, 'a')
    await mkdir(data)
    await writeFile(join(data, 'owner.cert'), await certify(owner, peerIdOf(owner), inAYear))
    const { log, line } = listening()
    const init = { data, coordinator: swarm.address, slots: 1, log }
    swarm.nodes.push(await Volunteer.start(init, new FakeSandbox()))
    const { level, code, detail = '', retryMs = 0 } = await line('disconnected')
    assert.deepEqual([level, code], [50, 'certificate-node'])
    assert.match(detail, /for another node/)
    assert.ok(retryMs >= 30_000, `${retryMs} ms`)
  })
})

describe('two nodes with one key', { timeout: 60_000 }, () => {
  it('the earlier one is told why it is thrown out, and holds back; the later one works', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const [first, second] = [listening(), listening()]
    const start = async (name: string, log: typeof first.log) => {
      const init = { data: join(folder, name), coordinator: swarm.address, slots: 1, log }
      swarm.nodes.push(await Volunteer.start(init, new FakeSandbox()))
    }
    await start('a', first.log)
    await first.line('connected')
    await mkdir(join(folder, 'copy'))
    await copyFile(join(folder, 'a', 'node.key'), join(folder, 'copy', 'node.key'))
    await start('copy', second.log)
    const { level, code, detail = '', retryMs = 0 } = await first.line('disconnected')
    assert.deepEqual([level, code], [50, 'key-in-use'])
    assert.match(detail, /was copied, move node\.key away/)
    assert.ok(retryMs >= 30_000, `${retryMs} ms`)
    await swarm.addNode('b')
    const client = await swarm.researcher()
    const last = await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 4)))
    assert.deepEqual([last.judged, last.verdicts], [4, 2 * last.tasks.total])
    assert.ok(!second.lines.some(({ event }) => event === 'disconnected'))
  })
})
