import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { Backlog, type Looks, SCAN_LIMIT, type Waiting } from '../../coordinator/dispatch/backlog.ts'
import { Crowd } from '../../coordinator/dispatch/crowd.ts'
import { type Applicant, mayBeSame, mayTake, type Party } from '../../coordinator/rules/dispatch.ts'
import { networkOf, operatorOf } from '../../coordinator/work/operator.ts'
import type { ExecutorName, Pass } from '../../protocol/index.ts'

function candidate(
  key: string,
  init: { executor?: ExecutorName; pass?: Pass; memory?: number; votes?: string[]; open?: string[] } = {},
): Waiting {
  const who = (node: string) => ({ node, operator: node === 'a' ? 'o' : (node.split('@')[1] ?? node) })
  return {
    key,
    task: { executor: init.executor ?? 'host', pass: init.pass ?? 'plain', limits: { memoryBytes: init.memory ?? 1 } },
    votes: (init.votes ?? []).map(who),
    open: new Map((init.open ?? []).map((node, n) => [String(n), who(node)])),
  }
}

const rows = [
  { id: 'the first it can take', tasks: [candidate('x'), candidate('y')], takes: 'x' },
  { id: 'nothing there', tasks: [], takes: null },
  { id: 'not what it cannot run', tasks: [candidate('x', { executor: 'gpu' }), candidate('y')], takes: 'y' },
  { id: 'not a pass it cannot do', tasks: [candidate('x', { pass: 'sanitized' }), candidate('y')], takes: 'y' },
  { id: 'not what may use more memory than it has', tasks: [candidate('x', { memory: 3 }), candidate('y')], takes: 'y' },
  { id: 'not what it voted on', tasks: [candidate('x', { votes: ['a'] }), candidate('y')], takes: 'y' },
  { id: 'not what it holds', tasks: [candidate('x', { open: ['a'] })], takes: null },
  { id: "not what its operator's other node voted on", tasks: [candidate('x', { votes: ['b@o'] })], takes: null },
  { id: 'nor where that was not the first vote', tasks: [candidate('x', { votes: ['c', 'b@o'] })], takes: null },
  { id: 'what others voted on', tasks: [candidate('x', { votes: ['b', 'c'] })], takes: 'x' },
  { id: 'what others have begun first', tasks: [candidate('x'), candidate('y', { votes: ['b'] })], takes: 'y' },
  { id: 'what somebody was given first', tasks: [candidate('x'), candidate('y', { open: ['b'] })], takes: 'y' },
  { id: 'a pass before what is untouched', tasks: [candidate('x'), candidate('y', { pass: 'isolated' })], takes: 'y' },
  { id: 'of two that it can do the older', tasks: [candidate('x', { executor: 'emulated' }), candidate('y')], takes: 'x' },
  {
    id: 'what stands behind any number that its operator has begun',
    tasks: [...Array.from({ length: 2 * SCAN_LIMIT }, (_, n) => candidate(`x${n}`, { votes: ['a'] })), candidate('y')],
    takes: 'y',
  },
]

const abilities = new Set(['host/plain', 'host/isolated', 'emulated/plain'])
const applicant: Applicant = { node: 'a', operator: 'o', abilities, classes: new Map(), memoryBytes: 2 }

function find(backlog: Backlog<Waiting>, looks: Looks<Waiting> = new WeakMap()) {
  return backlog.find('round', applicant, (task) => mayTake(task, applicant), looks)
}

function filed(tasks: readonly Waiting[]): Backlog<Waiting> {
  const backlog = new Backlog<Waiting>()
  for (const task of tasks) backlog.put(task, ['round'])
  return backlog
}

describe('choosing a task for a node', () => {
  for (const { id, tasks, takes } of rows) {
    it(id, () => assert.equal(find(filed(tasks)).entry?.key ?? null, takes))
  }

  it('looks no further than so far, and goes on from there', () => {
    const barred = Array.from({ length: 3 * SCAN_LIMIT }, (_, n) => candidate(`x${n}`, { votes: ['b', 'a'] }))
    const backlog = filed([...barred, candidate('y', { votes: ['b'] })])
    const looks: Looks<Waiting> = new WeakMap()
    assert.deepEqual(find(backlog, looks), { entry: null, cut: true })
    for (let look = 1; look < 3; look++) assert.deepEqual(find(backlog, looks), { entry: null, cut: true })
    assert.equal(find(backlog, looks).entry?.key, 'y')
  })
})

const addresses = [
  { id: 'an IPv4 address by its /24', address: '/ip4/203.0.113.7/tcp/1', operator: 'net 203.0.113.0/24' },
  { id: 'an IPv6 address by its /48', address: '/ip6/2001:db8:1:2::7/tcp/1', operator: 'net 2001:db8:1::/48' },
  { id: 'a short IPv6 address', address: '/ip6/2001:db8::7/tcp/1', operator: 'net 2001:db8:0::/48' },
  {
    id: 'a relayed node under its relay',
    address: '/ip4/203.0.113.7/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN/p2p-circuit',
    operator: 'relay 12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN',
  },
  { id: 'private addresses, one operator only: the node', address: '/ip4/192.168.1.7/tcp/1', operator: 'node N', single: true },
  { id: 'loopback, one operator only: the node', address: '/ip4/127.0.0.1/tcp/1', operator: 'node N', single: true },
  {
    id: 'a public address, one operator only: still its network',
    address: '/ip4/203.0.113.7/tcp/1',
    operator: 'net 203.0.113.0/24',
    single: true,
  },
  { id: 'loopback otherwise: one network', address: '/ip4/127.0.0.1/tcp/1', operator: 'net 127.0.0.0/24' },
  {
    id: 'of IPv4, written as of IPv6, is that network',
    address: '/ip6/::ffff:203.0.113.7/tcp/1',
    operator: 'net 203.0.113.0/24',
  },
]

const people = [
  { id: 'two networks', a: {}, b: {}, same: false },
  { id: 'the same node from another network', a: { node: 'x' }, b: { node: 'x' }, same: true },
  { id: 'the same network', a: { operator: 'net 1' }, b: { operator: 'net 1' }, same: true },
  {
    id: 'one owner in two networks',
    a: { operator: 'owner o', network: 'net 1' },
    b: { operator: 'owner o', network: 'net 2' },
    same: true,
  },
  {
    id: 'two owners in one network',
    a: { operator: 'owner o', network: 'net 1' },
    b: { operator: 'owner p', network: 'net 1' },
    same: true,
  },
  {
    id: 'an owner, and a node without one in the same network',
    a: { operator: 'owner o', network: 'net 1' },
    b: { operator: 'net 1' },
    same: true,
  },
  {
    id: 'two owners in two networks',
    a: { operator: 'owner o', network: 'net 1' },
    b: { operator: 'owner p', network: 'net 2' },
    same: false,
  },
]

describe('two parties that may be one person have one say on a task', () => {
  for (const { id, a, b, same } of people) {
    it(id, () => {
      const [one, other] = [
        { node: 'n', operator: 'net n', ...a },
        { node: 'm', operator: 'net m', ...b },
      ]
      assert.equal(mayBeSame(one, other), same)
      assert.equal(mayBeSame(other, one), same)
    })
  }
})

describe('nodes as they are looked for', () => {
  const crowd = new Crowd<Party>()
  const owned = (node: string, operator: string, network: string): Party => ({ node, operator, network })
  const here = [owned('a', 'owner o', 'net 1'), owned('b', 'owner o', 'net 1'), owned('c', 'owner o', 'net 2')]
  for (const member of [...here, owned('d', 'owner p', 'net 2')]) crowd.add(member, ['t'])

  it('are found in every network of an owner, since a neighbour may keep those of one network from a task', () => {
    assert.deepEqual(
      [...crowd.oneOfEach('t')].map(({ node }) => node),
      ['a', 'c', 'd'],
    )
  })

  it('count as others once an operator, and once a network', () => {
    const others = (wanted: number, ...except: string[]) => crowd.hasOthers('t', wanted, new Set(except), () => true)
    assert.deepEqual([others(2), others(3)], [true, false])
    assert.deepEqual([others(1, 'owner o'), others(1, 'owner o', 'net 2')], [true, false])
    assert.deepEqual([others(1, 'net 2'), others(2, 'net 2')], [true, false])
  })
})

describe('the operator behind a node', () => {
  it('is its owner where it has one, else its network', () => {
    assert.equal(operatorOf('12D3KooW', 'net 203.0.113.0/24'), 'owner 12D3KooW')
    assert.equal(operatorOf(null, 'net 203.0.113.0/24'), 'net 203.0.113.0/24')
  })

  for (const { id, address, operator, single = false } of addresses) {
    it(id, () => assert.equal(networkOf('N', multiaddr(address), { singleOperator: single }), operator))
  }
})
