import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from 'libp2p'
import pino from 'pino'
import { allowNode, allowResearcher } from '../../coordinator/index.ts'
import type { Volunteer } from '../../node/index.ts'
import { createRelay, loadIdentity, openStream, parseAddress, peerIdOf } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

/** More than the 128 KiB that a relay of libp2p lets pass by default. */
const LONG_OUTPUT = 'a long output '.repeat(20_000)

/** A relay for one coordinator, on loopback; started again it has the same key and port. */
async function startRelay(t: TestContext, folder: string, coordinator: string, port = 0): Promise<Libp2p> {
  const relay = await createRelay({
    key: await loadIdentity(join(folder, 'relay.key')),
    listen: [`/ip4/127.0.0.1/tcp/${port}`],
    mayReserve: (peer) => peer === coordinator,
  })
  t.after(async () => await relay.stop())
  return relay
}

function addressOf(host: Libp2p): string {
  return String(host.getMultiaddrs()[0])
}

/** A coordinator that is reached through a relay, three nodes that its operator knows, and a researcher. */
async function relayedSwarm(t: TestContext, folder: string, relay: Libp2p, log = pino({ level: 'silent' })) {
  const data = join(folder, 'coordinator')
  const names = ['n1', 'n2', 'n3']
  for (const name of names) await allowNode(data, await nameIn(join(folder, name, 'node.key')), null)
  await allowResearcher(data, await nameIn(join(folder, 'researcher.key')), 1)
  const swarm = await TestSwarm.start(t, folder, { relays: [addressOf(relay)], private: true, singleOperator: false, log })
  await placed(swarm)
  return { swarm, names }
}

async function placed(swarm: TestSwarm): Promise<void> {
  await until(() => swarm.address.includes('/p2p-circuit'), 'a place at the relay')
}

async function nameIn(file: string): Promise<string> {
  return peerIdOf(await loadIdentity(file))
}

test('a round through a relay, and another one after the relay was restarted; nodes that are not listed stay outside', async (t) => {
  const folder = await scratch(t)
  const coordinator = await nameIn(join(folder, 'coordinator', 'coordinator.key'))
  const relay = await startRelay(t, folder, coordinator)
  const { swarm, names } = await relayedSwarm(t, folder, relay)
  const cases = await writeCases(join(folder, 'cases.jsonl'), 6)
  const atLength: Behaviour = async (...asked) => ({
    ...(await honest(...asked)),
    output: Buffer.from(`${asked[1]} ${LONG_OUTPUT}`),
  })
  const nodes: Volunteer[] = []
  for (const name of names) nodes.push(await swarm.addNode(name, atLength))
  const stranger = await swarm.addNode('stranger')
  const researcher = await swarm.researcher()
  const first = await ended(researcher, await swarm.submit(researcher, cases))
  assert.equal(first.state, 'aggregated')
  assert.equal(first.judged, 6)
  const connections = swarm.coordinator.host.getConnections().filter(({ remotePeer }) => !remotePeer.equals(relay.peerId))
  assert.ok(connections.length >= 4, `${connections.length} connections`)
  for (const { remoteAddr } of connections) assert.match(remoteAddr.toString(), /p2p-circuit/)

  const { port } = new URL(`tcp://x:${/tcp\/(\d+)/.exec(addressOf(relay))?.[1]}`)
  await relay.stop()
  await until(() => !swarm.address.includes('/p2p-circuit'), 'the place at the relay being gone')
  await startRelay(t, folder, coordinator, Number(port))
  await placed(swarm)
  const again = await swarm.researcher()
  const second = await ended(again, await swarm.submit(again, cases, undefined, 'again'))
  assert.equal(second.judged, 6)

  const { votes } = [...swarm.coordinator.ledger.state.tasks.values()][0] ?? { votes: [] }
  assert.ok(votes.length >= 2)
  const seen = new Set([...swarm.coordinator.ledger.state.tasks.values()].flatMap((task) => task.votes.map(({ node }) => node)))
  assert.deepEqual([...seen].sort(), nodes.map(({ peerId }) => peerId).sort())
  assert.ok(!seen.has(stranger.peerId))
})

test('a peer that was not named as a relay hands over no connection, and its address is not taken for ours', async (t) => {
  const folder = await scratch(t)
  const relay = await startRelay(t, folder, await nameIn(join(folder, 'coordinator', 'coordinator.key')))
  const { swarm } = await relayedSwarm(t, folder, relay)
  const before = swarm.coordinator.addresses()
  const other = await createRelay({
    key: await generateKeyPair('Ed25519'),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    mayReserve: () => true,
  })
  t.after(async () => await other.stop())
  const direct = before.find((address) => !address.includes('/p2p-circuit')) ?? ''
  const stop = await openStream(other, parseAddress(direct), RELAY_V2_STOP_CODEC)
  if (stop.status === 'open') await once(stop, 'close')
  assert.notEqual(stop.status, 'open')
  assert.deepEqual(swarm.coordinator.addresses(), before)
})

test('a relay gives a place to those it was told to, and to nobody else', async (t) => {
  const folder = await scratch(t)
  const lost = Promise.withResolvers<string>()
  const log = pino({ level: 'warn' }, { write: (line: string) => lost.resolve(line) })
  const relay = await startRelay(t, folder, 'somebody else')
  const swarm = await TestSwarm.start(t, folder, { relays: [addressOf(relay)], log })
  assert.match(await lost.promise, /"event":"relay-lost"/)
  assert.ok(!swarm.address.includes('/p2p-circuit'))
})
