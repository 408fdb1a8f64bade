import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'
import { Actor } from './net/actor.ts'
import { World } from './net/world.ts'

const missing = await World.missing()

test('a coordinator is found on its LAN, and joined by nobody who does not name it', {
  skip: missing === null ? false : `1 test of hosts of its own skipped: ${missing}`,
}, async (t) => {
  const folder = await scratch(t)
  const world = await World.make(t, { loss: 0 })
  const coordinator = await Actor.start(world, 'siteA')
  coordinator.tell({ t: 'be-found', folder, listen: '/ip4/0.0.0.0/tcp/4600' })
  const { address } = await coordinator.hear('address')
  const looking = await Actor.start(world, 'siteA')
  looking.tell({ t: 'look' })
  const { addresses } = await looking.hear('found')
  assert.ok(addresses.includes(`/ip4/10.1.0.2/tcp/4600/p2p/${address.split('/p2p/').at(-1)}`), addresses.join())
  // Nobody answers on another LAN.
  const elsewhere = await Actor.start(world, 'siteB')
  elsewhere.tell({ t: 'look' })
  assert.deepEqual((await elsewhere.hear('found')).addresses, [])
  const ran = await kernelswarm(t, folder, ['node', 'start', '--data', folder])
  assert.equal(ran.code, 2)
  assert.match(ran.stderr, /no --coordinator given/)
  for (const actor of [coordinator, looking, elsewhere]) await actor.kill()
})
