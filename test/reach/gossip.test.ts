import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type GossipSub, type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Libp2p } from 'libp2p'
import {
  ANNOUNCEMENT_AGE_MS,
  ANNOUNCEMENT_CLOCK_MS,
  ANNOUNCEMENTS_TOPIC,
  type Bulletin,
  Bulletins,
  createHost,
  createRelay,
  DOMAINS,
  gossipOf,
  MAX_ANNOUNCEMENT_BYTES,
  MAX_ANNOUNCERS,
  parseAddress,
  seal,
} from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const NOW = Date.UTC(2026, 0, 1)
const FOUND = { found: { gossip: true, lan: false } }

/** Somebody who listens, connected to an address. */
async function listener(t: TestContext, address: string): Promise<Bulletin[]> {
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [], gossip: 'hear' })
  t.after(async () => await host.stop())
  const heard: Bulletin[] = []
  new Bulletins(host, (bulletin) => heard.push(bulletin)).start()
  await host.dial(parseAddress(address))
  return heard
}

/** One that passes on what it hears. */
async function relayOf(t: TestContext): ReturnType<typeof createRelay> {
  const relay = await createRelay({
    key: await generateKeyPair('Ed25519'),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    mayReserve: () => true,
  })
  t.after(async () => await relay.stop())
  new Bulletins(relay, () => undefined).start()
  return relay
}

test('rounds are followed by gossip, through a relay that passes it on', async (t) => {
  const folder = await scratch(t)
  const relay = await relayOf(t)
  const swarm = await TestSwarm.start(t, folder, { ...FOUND, relays: [String(relay.getMultiaddrs()[0])] })
  const heard = await listener(t, String(relay.getMultiaddrs()[0]))
  await swarm.addNode('n1')
  await swarm.addNode('n2')
  const client = await directResearcher(swarm)
  const cases = await writeCases(join(folder, 'cases.jsonl'), 3)
  const open = await swarm.submit(client, cases, { ...SPEC, name: 'a public one' })
  await ended(client, open)
  const own = swarm.coordinator.host.peerId.toString()
  const { announcement } = await until(
    () => heard.find((bulletin) => bulletin.announcement.rounds.some(({ state }) => state === 'aggregated')),
    'the end of the round',
  )
  const { judged, verdicts } = announcement.rounds[0] ?? { judged: 0, verdicts: 0 }
  assert.equal(announcement.rounds[0]?.name, 'a public one')
  assert.equal(judged, 3)
  assert.ok(verdicts >= 12)
  assert.ok(heard.every(({ coordinator }) => coordinator === own))
  assert.ok(announcement.addresses.some((address) => address.includes('/p2p-circuit')))
})

/** On loopback, where it needs no list. */
async function directResearcher(swarm: TestSwarm) {
  const direct = swarm.coordinator.addresses().find((address) => !address.includes('/p2p-circuit')) ?? ''
  return await swarm.researcher('researcher', 60_000, direct)
}

test('what is not public is not announced', async (t) => {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder, FOUND)
  const heard = await listener(t, swarm.address)
  const client = await swarm.researcher()
  const cases = await writeCases(join(folder, 'cases.jsonl'), 2)
  for (const visibility of ['embargoed', 'counts-only'] as const) {
    await swarm.submit(client, cases, { ...SPEC, name: `a ${visibility} one`, visibility })
  }
  await swarm.submit(client, cases, { ...SPEC, name: 'a public one' })
  const { announcement } = await until(() => heard.find((bulletin) => bulletin.announcement.rounds.length > 0), 'an announcement')
  assert.deepEqual(
    announcement.rounds.map(({ name }) => name),
    ['a public one'],
  )
  assert.doesNotMatch(JSON.stringify(heard), /embargoed|counts-only/)
})

/** A message as it comes from the network. */
async function message(init: {
  key: PrivateKey
  value?: object
  domain?: (typeof DOMAINS)[keyof typeof DOMAINS]
  from?: PrivateKey
  data?: Uint8Array
}): Promise<Message> {
  const { key, value = announcement(key), domain = DOMAINS.announcement, from = key } = init
  const data = init.data ?? (await seal(value, domain, key))
  const signed = { type: 'signed', from: peerIdFromPrivateKey(from), topic: ANNOUNCEMENTS_TOPIC, sequenceNumber: 1n }
  return { ...signed, data, key: from.publicKey, signature: new Uint8Array(64) } as Message
}

function announcement(key: PrivateKey, change: object = {}): object {
  return { v: 1, at: NOW, addresses: [`/ip4/1.2.3.4/tcp/4600/p2p/${peerIdFromPrivateKey(key)}`], rounds: [], ...change }
}

const { Accept, Ignore, Reject } = TopicValidatorResult
type Row = [id: string, expected: TopicValidatorResult, make: (key: PrivateKey, other: PrivateKey) => Promise<Message>]
const MESSAGES: Row[] = [
  ['as it should be', Accept, (key) => message({ key })],
  ['passed off as his own by another', Reject, (key, other) => message({ key, from: other })],
  ['signed for something else', Reject, (key) => message({ key, domain: DOMAINS.owner })],
  ['of another form', Reject, (key) => message({ key, value: announcement(key, { more: 1 }) })],
  ['with the address of another', Reject, (key, other) => message({ key, value: announcement(other) })],
  [
    'with an address that names nobody',
    Reject,
    (key) => message({ key, value: announcement(key, { addresses: ['/ip4/1.2.3.4/tcp/1'] }) }),
  ],
  ['with what is no address', Reject, (key) => message({ key, value: announcement(key, { addresses: ['nowhere'] }) })],
  ['too large', Reject, (key) => message({ key, data: new Uint8Array(MAX_ANNOUNCEMENT_BYTES + 1) })],
  ['no envelope', Reject, (key) => message({ key, data: Uint8Array.of(1, 2, 3) })],
  ['not signed', Reject, async (key) => ({ ...(await message({ key })), type: 'unsigned' }) as Message],
  ['old', Ignore, (key) => message({ key, value: announcement(key, { at: NOW - ANNOUNCEMENT_AGE_MS - 1 }) })],
  ['of tomorrow', Ignore, (key) => message({ key, value: announcement(key, { at: NOW + ANNOUNCEMENT_CLOCK_MS + 1 }) })],
]

for (const [id, expected, make] of MESSAGES) {
  test(`an announcement ${id}`, async () => {
    const [key, other] = [await generateKeyPair('Ed25519'), await generateKeyPair('Ed25519')]
    const told: Bulletin[] = []
    const bulletins = new Bulletins({} as never, (bulletin) => told.push(bulletin), { now: () => NOW })
    assert.equal(await bulletins.validate('p', await make(key, other)), expected)
    assert.equal(told.length, expected === Accept ? 1 : 0)
  })
}

test('an announcement said again, an earlier one, and one too soon are not passed on', async () => {
  const key = await generateKeyPair('Ed25519')
  const bulletins = new Bulletins({} as never, () => undefined, { now: () => NOW })
  const at = async (time: number) => await bulletins.validate('p', await message({ key, value: announcement(key, { at: time }) }))
  assert.equal(await at(NOW - 60_000), Accept)
  assert.equal(await at(NOW - 60_000), Ignore)
  assert.equal(await at(NOW - 120_000), Ignore)
  assert.equal(await at(NOW - 59_000), Ignore)
  assert.equal(await at(NOW - 50_000), Accept)
})

test('strangers that nobody has heard of are taken at a pace', async () => {
  const bulletins = new Bulletins({} as never, () => undefined, { now: () => NOW })
  const said = []
  for (let n = 0; n < 5; n++) said.push(await bulletins.validate('p', await message({ key: await generateKeyPair('Ed25519') })))
  assert.ok(said.includes(Ignore))
})

test('more than one peer can have to pass on is held against it, and against nobody else', async () => {
  const bulletins = new Bulletins({} as never, () => undefined, { now: () => NOW })
  const right = await message({ key: await generateKeyPair('Ed25519') })
  const said = []
  for (let n = 0; n < 2 * MAX_ANNOUNCERS; n++) said.push(await bulletins.validate('loud', right))
  assert.equal(said[0], Accept)
  assert.equal(said.at(-1), Reject)
  assert.equal(await bulletins.validate('quiet', right), Ignore)
})

/** What libp2p's router does that its interface does not name. */
interface Router extends GossipSub {
  handleReceivedRpc(from: PeerId, rpc: { subscriptions: { topic: string; subscribe: boolean }[]; messages: [] }): Promise<void>
  getScore(peer: string): number
  /** Whether anything of a peer is read. */
  acceptFrom(peer: string): boolean
}

function routerOf(host: Libp2p): Router {
  return gossipOf(host) as Router
}

/** A host that says by gossip what it is told to say, whether those it is connected to want to hear it or not. */
async function speaker(t: TestContext, address: string) {
  const key = await generateKeyPair('Ed25519')
  const host = await createHost({ key, listen: [], gossip: 'hear' })
  t.after(async () => await host.stop())
  const { remotePeer } = await host.dial(parseAddress(address))
  const gossip = routerOf(host)
  await until(() => gossip.getPeers().some((peer) => peer.equals(remotePeer)), 'a stream for gossip')
  await gossip.handleReceivedRpc(remotePeer, {
    subscriptions: [{ topic: ANNOUNCEMENTS_TOPIC, subscribe: true }],
    messages: [],
  })
  const own = { key, value: { ...announcement(key), at: Date.now() } }
  return {
    id: host.peerId.toString(),
    gossip,
    say: async (bytes: Uint8Array) => await gossip.publish(ANNOUNCEMENTS_TOPIC, bytes),
    announce: async () => await gossip.publish(ANNOUNCEMENTS_TOPIC, await seal(own.value, DOMAINS.announcement, key)),
  }
}

test('nothing that is not right is passed on, and who says it is soon not heard at all', async (t) => {
  const relay = await relayOf(t)
  const at = String(relay.getMultiaddrs()[0])
  const heard = await listener(t, at)
  const hostile = await speaker(t, at)
  const honest = await speaker(t, at)
  const standing = () => routerOf(relay).getScore(hostile.id)
  for (let n = 0; n < 200 && standing() > -80; n++) await hostile.say(Buffer.from(`nonsense ${n}`))
  await until(() => standing() < -80, 'what was said being held against it')
  // A peer that stood well a moment ago is trusted for a second of its next messages.
  await until(async () => {
    await hostile.say(randomBytes(100))
    return !routerOf(relay).acceptFrom(hostile.id)
  }, 'nothing of it being read')
  await hostile.announce()
  await honest.announce()
  await until(() => heard.length > 0, 'what the other one announced')
  assert.deepEqual(
    heard.map(({ coordinator }) => coordinator),
    [honest.id],
  )
  assert.equal(routerOf(relay).getScore(honest.id), 0)
})

test('a coordinator reads nothing that others announce', async (t) => {
  const swarm = await TestSwarm.start(t, await scratch(t), FOUND)
  const { host } = swarm.coordinator
  const read = t.mock.method(routerOf(host), 'handleReceivedRpc')
  const other = await speaker(t, swarm.address)
  await other.announce()
  other.gossip.subscribe(ANNOUNCEMENTS_TOPIC)
  const calls = () => read.mock.calls.map(({ arguments: [, rpc] }) => rpc)
  await until(() => calls().some(({ subscriptions }) => subscriptions.length > 0), 'what it said after that')
  assert.ok(calls().every(({ messages }) => messages.length === 0))
})

test('a coordinator that is private has no gossip', async (t) => {
  const swarm = await TestSwarm.start(t, await scratch(t), { ...FOUND, private: true })
  assert.equal(gossipOf(swarm.coordinator.host), undefined)
  assert.ok(!swarm.coordinator.host.getProtocols().some((protocol) => protocol.includes('meshsub')))
})
