import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { Door, type Visit } from '../../coordinator/door/door.ts'
import { placeOf } from '../../coordinator/door/place.ts'
import {
  ARRIVALS_PER_ADDRESS_PER_SECOND,
  FIRST_BAN_MS,
  LONGEST_BAN_MS,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_CONNECTIONS_PER_PEER,
  MAX_HANDSHAKES_PER_ADDRESS,
  MAX_STRANGERS,
  OFFENCE_MS,
  OFFENCES_OF_ADDRESS,
  OFFENCES_OF_PEER,
} from '../../protocol/index.ts'

/** A door at which time passes when it is told to. */
function makeDoor(arrivalsPerSecond = 1_000_000) {
  const clock = { now: 1_800_000_000_000 }
  return { door: new Door({ arrivalsPerSecond, now: () => clock.now }), clock }
}

const isVisit = (answer: Visit | string): answer is Visit => typeof answer !== 'string'

/** Comes in with a key, at a time at which nothing paces it. */
function enter({ door, clock }: ReturnType<typeof makeDoor>, peer: string, place: string | null): Visit {
  clock.now += 1_000
  const visit = door.arrives(place)
  assert.ok(isVisit(visit), String(visit))
  assert.equal(door.enters(visit, peer), null)
  return visit
}

const places = [
  { id: 'an address of IPv4', address: '/ip4/192.0.2.7/tcp/1', place: '192.0.2.7' },
  { id: 'a /64 of IPv6', address: '/ip6/2001:db8:1:2:3:4:5:6/tcp/1', place: '2001:db8:1:2::/64' },
  { id: 'its other half is the same', address: '/ip6/2001:db8:1:2::9/tcp/1', place: '2001:db8:1:2::/64' },
  { id: 'the next one is not', address: '/ip6/2001:db8:1:3::9/tcp/1', place: '2001:db8:1:3::/64' },
  { id: 'IPv4 in IPv6', address: '/ip6/::ffff:192.0.2.7/tcp/1', place: '192.0.2.7' },
  { id: 'this machine', address: '/ip4/127.0.0.1/tcp/1', place: null },
  { id: 'this machine in IPv6', address: '/ip6/::1/tcp/1', place: null },
  { id: 'another address of this machine', address: '/ip4/127.0.0.2/tcp/1', place: '127.0.0.2' },
  {
    id: 'a relay',
    address:
      '/ip4/192.0.2.7/tcp/1/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA/p2p-circuit/p2p/12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq',
    place: 'relay 12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA',
  },
]

describe('where a connection comes from is', () => {
  for (const { id, address, place } of places) it(id, () => assert.equal(placeOf(multiaddr(address)), place))
})

describe('the door', () => {
  it('bans a key that breaks the protocol again and again, for longer each time, and never for ever', () => {
    const made = makeDoor()
    const { door: one, clock } = made
    let expected = FIRST_BAN_MS
    for (let ban = 0; ban < 10; ban++) {
      for (let n = 1; n < OFFENCES_OF_PEER; n++) assert.deepEqual(one.offended('p', null, 'schema'), [])
      assert.equal(one.isBanned('p'), false)
      const [made] = one.offended('p', null, 'schema')
      assert.deepEqual(made, { who: 'p', code: 'schema', until: clock.now + expected })
      assert.equal(one.isBanned('p'), true)
      const visit = one.arrives(null)
      assert.ok(isVisit(visit))
      assert.equal(one.enters(visit, 'p'), 'banned')
      one.leaves(visit)
      clock.now += expected
      assert.equal(one.isBanned('p'), false)
      expected = Math.min(2 * expected, LONGEST_BAN_MS)
    }
    // After a day it is as if nothing had been.
    clock.now += 25 * 3_600_000
    for (let n = 0; n < OFFENCES_OF_PEER; n++) one.offended('p', null, 'schema')
    assert.equal(one.bans().peers[0]?.until, clock.now + FIRST_BAN_MS)
  })

  it('does not count what was long ago', () => {
    const { door: one, clock } = makeDoor()
    for (let n = 0; n < 10 * OFFENCES_OF_PEER; n++) {
      assert.deepEqual(one.offended('p', '192.0.2.1', 'schema'), [])
      clock.now += OFFENCE_MS / (OFFENCES_OF_PEER - 1) + 1
    }
  })

  it('keeps strangers of a place out that breaks it with ever new keys, and nobody who works there', () => {
    const made = makeDoor()
    const { door: one, clock } = made
    const place = '192.0.2.1'
    const lab = Array.from({ length: 20 }, (_, n) => `honest ${n}`)
    for (const peer of lab) {
      enter(made, peer, place)
      one.worked(peer, place)
    }
    for (let n = 0; n < OFFENCES_OF_ADDRESS; n++) one.offended(`fresh ${n}`, place, 'malformed')
    assert.deepEqual(
      one.bans().places.map(({ who }) => who),
      [place],
    )
    const stranger = one.arrives(place)
    assert.ok(isVisit(stranger))
    assert.equal(one.enters(stranger, 'one more'), 'banned')
    one.leaves(stranger)
    for (const peer of lab) enter(made, peer, place)
    // Where nobody works, nobody need be asked for a key.
    for (let n = 0; n < OFFENCES_OF_ADDRESS; n++) one.offended(`fresh ${n}`, '192.0.2.2', 'malformed')
    assert.equal(one.arrives('192.0.2.2'), 'banned')
    enter(made, 'another', '192.0.2.3')
    clock.now += FIRST_BAN_MS
    enter(made, 'one more', place)
  })

  it('does not count against a place what a key does there that works, and bans the key', () => {
    const { door: one } = makeDoor()
    one.worked('p', '192.0.2.1')
    for (let n = 0; n < OFFENCES_OF_PEER; n++) one.offended('p', '192.0.2.1', 'schema')
    assert.equal(one.isBanned('p'), true)
    assert.equal(one.isKnown('p'), false)
    assert.deepEqual(one.bans().places, [])
  })

  it('says beforehand whom it would not take, which costs him nothing', () => {
    const made = makeDoor(2)
    const { door: one, clock } = made
    for (let n = 0; n < 100; n++) assert.equal(one.turnsAway('192.0.2.1'), null)
    for (let n = 0; n < 2; n++) assert.ok(isVisit(one.arrives('192.0.2.1')))
    assert.equal(one.turnsAway('192.0.2.9'), 'pace')
    assert.equal(one.arrives('192.0.2.9'), 'pace')
    clock.now += 1_000
    assert.equal(one.turnsAway('192.0.2.9'), null)
    for (let n = 0; n < OFFENCES_OF_ADDRESS; n++) one.offended(`fresh ${n}`, '192.0.2.9', 'malformed')
    assert.equal(one.turnsAway('192.0.2.9'), 'banned')
  })

  it('after a restart knows whom it kept out, and who works and from where', () => {
    const made = makeDoor(1)
    const { door: before, clock } = made
    before.worked('honest', '203.0.113.1')
    before.worked('here', null)
    for (let n = 0; n < OFFENCES_OF_ADDRESS; n++) before.offended(`fresh ${n}`, '192.0.2.1', 'malformed')
    for (let n = 0; n < OFFENCES_OF_PEER; n++) before.offended('p', null, 'schema')
    const after = makeDoor(1)
    after.door.remember(JSON.parse(JSON.stringify(before.memory())))
    assert.deepEqual(after.door.bans(), before.bans())
    assert.deepEqual(after.door.memory(), before.memory())
    assert.equal(after.door.arrives('192.0.2.1'), 'banned')
    assert.ok(after.door.isKnown('here'))
    // All that strangers have is used up; it is not for strangers that he comes.
    assert.ok(isVisit(after.door.arrives('198.51.100.1')))
    assert.equal(after.door.arrives('198.51.100.2'), 'pace')
    enter(after, 'honest', '203.0.113.1')
    // The next ban is the second.
    after.clock.now = clock.now + FIRST_BAN_MS
    for (let n = 0; n < OFFENCES_OF_PEER; n++) after.door.offended('p', null, 'schema')
    assert.equal(after.door.bans().peers[0]?.until, after.clock.now + 2 * FIRST_BAN_MS)
  })

  it('after a clock was set back keeps nobody out for longer than it ever does', () => {
    const made = makeDoor()
    for (let n = 0; n < OFFENCES_OF_PEER; n++) made.door.offended('p', null, 'schema')
    const after = makeDoor()
    after.clock.now -= 10 * 86_400_000
    after.door.remember(made.door.memory())
    assert.equal(after.door.bans().peers[0]?.until, after.clock.now + LONGEST_BAN_MS)
  })

  it('lifts a ban when it is told to', () => {
    const { door: one } = makeDoor()
    for (let n = 0; n < OFFENCES_OF_PEER; n++) one.offended('p', '192.0.2.1', 'schema')
    assert.equal(one.lift('p'), true)
    assert.equal(one.lift('p'), false)
    assert.equal(one.isBanned('p'), false)
  })

  it('lets nobody have all connections: not a place, not a key, not all strangers', () => {
    const made = makeDoor()
    const { door: one, clock } = made
    const visits: Visit[] = []
    for (let n = 0; n < MAX_CONNECTIONS_PER_ADDRESS; n++) visits.push(enter(made, `p${n}`, '192.0.2.1'))
    assert.equal(one.arrives('192.0.2.1'), 'place-full')
    for (let n = 0; n < MAX_CONNECTIONS_PER_PEER; n++) enter(made, 'same', `198.51.100.${n}`)
    clock.now += 1_000
    const ninth = one.arrives('198.51.100.99')
    assert.ok(isVisit(ninth))
    assert.equal(one.enters(ninth, 'same'), 'peer-full')
    one.leaves(ninth)
    one.worked('honest', '203.0.113.1')
    for (let n = one.counts().strangers; n < MAX_STRANGERS; n++) enter(made, `s${n}`, `place ${n}`)
    assert.equal(one.arrives('another place'), 'full')
    enter(made, 'honest', '203.0.113.1')
    // What is given back is there again.
    for (const visit of visits) one.leaves(visit)
    clock.now += 60_000
    enter(made, 'again', '192.0.2.1')
  })

  it('counts up to all there are, and down to none', () => {
    const made = makeDoor()
    const visits: Visit[] = []
    for (let n = 0; n < MAX_CONNECTIONS; n++) {
      const visit = enter(made, `p${n}`, `place ${n}`)
      made.door.welcomed(visit)
      visits.push(visit)
    }
    assert.equal(made.door.arrives(null), 'full')
    for (const visit of visits) made.door.leaves(visit)
    assert.deepEqual(made.door.counts(), { all: 0, strangers: 0, handshakes: 0 })
  })

  it('lets one place have few handshakes under way, and others theirs', () => {
    const { door: one, clock } = makeDoor()
    const under: Visit[] = []
    for (let n = 0; n < MAX_HANDSHAKES_PER_ADDRESS; n++) {
      clock.now += 1_000
      const visit = one.arrives('192.0.2.1')
      assert.ok(isVisit(visit))
      under.push(visit)
    }
    clock.now += 1_000
    assert.equal(one.arrives('192.0.2.1'), 'handshakes')
    assert.ok(isVisit(one.arrives('192.0.2.2')))
    one.leaves(under[0] as Visit)
    clock.now += 1_000
    assert.ok(isVisit(one.arrives('192.0.2.1')))
  })

  it('admits a storm slowly, and meanwhile those who come back from where somebody works', () => {
    const perSecond = 50
    const { door: one, clock } = makeDoor(perSecond)
    one.worked('honest', '203.0.113.1')
    let admitted = 0
    let honest = 0
    const seconds = 20
    for (let second = 0; second < seconds; second++) {
      for (let n = 0; n < 20 * perSecond; n++) {
        clock.now += 1_000 / (20 * perSecond)
        const visit = one.arrives(`storm ${n % 200}`)
        if (!isVisit(visit)) continue
        admitted++
        one.leaves(visit)
      }
      for (let n = 0; n < ARRIVALS_PER_ADDRESS_PER_SECOND / 2; n++) {
        const visit = one.arrives('203.0.113.1')
        if (isVisit(visit) && one.enters(visit, `honest ${honest}`) === null) honest++
      }
    }
    // At the beginning a second's worth, and then what comes in, at what a visit counts that came to nothing.
    assert.ok(admitted < perSecond + (seconds * perSecond) / 4, `${admitted} of a storm`)
    assert.equal(honest, (seconds * ARRIVALS_PER_ADDRESS_PER_SECOND) / 2)
  })
})
