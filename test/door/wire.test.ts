import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { coordinatorBans, liftBan } from '../../coordinator/index.ts'
import {
  createHost,
  MAX_STREAMS_PER_CONNECTION,
  OFFENCES_OF_PEER,
  openStream,
  parseAddress,
  peerIdOf,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { listening } from '../support/listening.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { TestSwarm } from '../support/swarm.ts'

describe('at a coordinator', { timeout: patience(60_000) }, () => {
  it('who breaks the protocol again and again is banned, shown, and let in again', async (t) => {
    const { log, line } = listening()
    const swarm = await TestSwarm.start(t, await scratch(t), { log })
    const key = await generateKeyPair('Ed25519')
    const host = await createHost({ key, listen: [] })
    t.after(async () => await host.stop())
    const address = parseAddress(swarm.address)
    for (let n = 0; n < OFFENCES_OF_PEER; n++) {
      const stream = await openStream(host, address, WORK_PROTOCOL)
      const closed = once(stream, 'close')
      stream.addEventListener('message', () => {})
      stream.send(Uint8Array.of(1, 0xff))
      await closed
    }
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

  it('who opens streams without end is cut off, and nobody else', async (t) => {
    const swarm = await TestSwarm.start(t, await scratch(t))
    const node = await swarm.addNode('a')
    const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [] })
    t.after(async () => await host.stop())
    const connection = await host.dial(parseAddress(swarm.address))
    const closed = once(connection, 'close')
    const protocol = '/ipfs/ping/1.0.0'
    for (let n = 0; n < 4 * MAX_STREAMS_PER_CONNECTION && connection.status === 'open'; n++)
      void connection.newStream(protocol).catch(() => undefined)
    await closed
    const { host: other } = swarm.coordinator
    assert.ok(other.getPeers().some((peer) => peer.toString() === node.peerId))
  })
})
