import assert from 'node:assert/strict'
import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import { coordinatorBans, liftBan } from '../../coordinator/index.ts'
import {
  createHost,
  MAX_STREAMS_PER_CONNECTION,
  OFFENCES_OF_PEER,
  openStream,
  parseAddress,
  peerIdOf,
  ROUNDS_PROTOCOL,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { listening } from '../support/listening.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

/** Breaks the protocol as often as it takes to be banned. */
async function offend(host: Libp2p, address: Multiaddr, protocol: string): Promise<void> {
  for (let n = 0; n < OFFENCES_OF_PEER; n++) {
    const stream = await openStream(host, address, protocol)
    const closed = once(stream, 'close')
    stream.addEventListener('message', () => {})
    stream.send(Uint8Array.of(1, 0xff))
    await closed
  }
}

describe('at a coordinator', { timeout: patience(60_000) }, () => {
  it('who breaks the protocol again and again is banned, shown, and let in again', async (t) => {
    const { log, line } = listening()
    const swarm = await TestSwarm.start(t, await scratch(t), { log })
    const key = await generateKeyPair('Ed25519')
    const host = await createHost({ key, listen: [] })
    t.after(async () => await host.stop())
    const address = parseAddress(swarm.address)
    await offend(host, address, WORK_PROTOCOL)
    await line('peer-banned')
    const data = `${swarm.folder}/coordinator`
    const { peers, places } = await coordinatorBans(data)
    assert.deepEqual(
      peers.map(({ who, code }) => [who, code]),
      [[peerIdOf(key), 'malformed']],
    )
    assert.deepEqual(places, [])
    // On the connection that stands as on a new one.
    await openStream(host, address, WORK_PROTOCOL).then(async (stream) => {
      if (stream.status === 'open') await once(stream, 'close')
    }, assert.ok)
    await assert.rejects(async () => {
      const stream = await openStream(host, address, WORK_PROTOCOL)
      stream.send(Uint8Array.of(0))
      await once(stream, 'close')
      throw new Error('it was heard')
    })
    assert.equal(await liftBan(data, peerIdOf(key)), true)
    assert.equal(await liftBan(data, peerIdOf(key)), false)
    const stream = await openStream(host, address, WORK_PROTOCOL)
    assert.equal(stream.status, 'open')
    stream.abort(new Error('enough'))
  })

  it('who is banned and who works is known after a restart, whatever a file of that has in it', async (t) => {
    const { log, line } = listening()
    const swarm = await TestSwarm.start(t, await scratch(t), { log })
    const address = parseAddress(swarm.address)
    const key = await generateKeyPair('Ed25519')
    const host = await createHost({ key, listen: [] })
    t.after(async () => await host.stop())
    await offend(host, address, ROUNDS_PROTOCOL)
    await line('peer-banned')
    await swarm.restartCoordinator()
    const data = `${swarm.folder}/coordinator`
    const peers = async () => (await coordinatorBans(data)).peers.map(({ who }) => who)
    assert.deepEqual(await peers(), [peerIdOf(key)])
    // The end of a handshake is seen here before it is known there whose it is.
    const connection = await host.dial(address).catch(() => null)
    if (connection?.status === 'open') await once(connection, 'close')
    const file = `${data}/door.json`
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    for (const text of ['', '[]', '{"v":1}', '{"v":1,"known":[["a",1]],"bans":{"peers":[],"places":[]}}']) {
      await swarm.restartCoordinator(async () => await writeFile(file, text))
      assert.deepEqual(await peers(), [], text)
    }
  })

  it('who may not come in is cut off before anything is made of his connection', async (t) => {
    const asked: string[] = []
    let gated = 0
    const guard = {
      turnsAway: (ip: string) => asked.push(ip) === 1,
      gater: { denyInboundConnection: () => ++gated < 0 },
      meterOf: () => null,
    }
    const door = await createHost({ key: await generateKeyPair('Ed25519'), listen: ['/ip4/127.0.0.1/tcp/0'], guard })
    const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [] })
    t.after(async () => await Promise.all([door.stop(), host.stop()]))
    const [address] = door.getMultiaddrs()
    assert.ok(address)
    await assert.rejects(host.dial(address))
    assert.deepEqual([asked, gated], [['127.0.0.1'], 0])
    await host.dial(address)
    assert.deepEqual([asked, gated], [['127.0.0.1', '127.0.0.1'], 1])
  })

  it('who opens streams without end is cut off, and nobody else', async (t) => {
    const swarm = await TestSwarm.start(t, await scratch(t))
    const { host: other } = swarm.coordinator
    const node = await swarm.addNode('a')
    const isThere = () => other.getPeers().some((peer) => peer.toString() === node.peerId)
    await until(isThere, 'the node being there')
    const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [] })
    t.after(async () => await host.stop())
    const connection = await host.dial(parseAddress(swarm.address))
    // Streams that come before a connection is taken end its muxer, and it with the handshake's time.
    await until(() => other.getConnections(host.peerId).length > 0, 'the connection being taken')
    const closed = once(connection, 'close')
    const protocol = '/ipfs/ping/1.0.0'
    for (let n = 0; n < 4 * MAX_STREAMS_PER_CONNECTION && connection.status === 'open'; n++)
      void connection.newStream(protocol).catch(() => undefined)
    await closed
    assert.ok(isThere())
  })
})
