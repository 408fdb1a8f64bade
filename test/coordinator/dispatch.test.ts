import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { multiaddr } from '@multiformats/multiaddr'
import { type Candidate, choose, mayBeSame, SCAN_LIMIT } from '../../coordinator/rules/dispatch.ts'
import { networkOf, operatorOf } from '../../coordinator/work/operator.ts'
import type { ExecutorName, Pass } from '../../protocol/index.ts'

function candidate(
  key: string,
  init: { executor?: ExecutorName; pass?: Pass; votes?: string[]; open?: string[] } = {},
): Candidate {
  const who = (node: string) => ({ node, operator: node.split('@')[1] ?? node })
  return {
    key,
    task: { executor: init.executor ?? 'host', pass: init.pass ?? 'plain' },
    votes: (init.votes ?? []).map(who),
    open: new Map((init.open ?? []).map((node, n) => [String(n), who(node)])),
  }
}

const applicant = { node: 'a', operator: 'o', abilities: new Set(['host/plain']) }

const rows = [
  { id: 'the first it can take', queues: [[candidate('x'), candidate('y')]], takes: 'x' },
  { id: 'nothing there', queues: [[]], takes: null },
  { id: 'not what it cannot run', queues: [[candidate('x', { executor: 'gpu' }), candidate('y')]], takes: 'y' },
  { id: 'not a pass it cannot do', queues: [[candidate('x', { pass: 'sanitized' }), candidate('y')]], takes: 'y' },
  { id: 'not what it voted on', queues: [[candidate('x', { votes: ['a'] }), candidate('y')]], takes: 'y' },
  { id: 'not what it holds', queues: [[candidate('x', { open: ['a'] })]], takes: null },
  { id: "not what its operator's other node voted on", queues: [[candidate('x', { votes: ['b@o'] })]], takes: null },
  { id: 'what others voted on', queues: [[candidate('x', { votes: ['b', 'c'] })]], takes: 'x' },
  { id: 'the first queue first', queues: [[candidate('x', { votes: ['a'] })], [candidate('y')]], takes: 'y' },
  {
    id: 'a bounded look',
    queues: [Array.from({ length: SCAN_LIMIT }, () => candidate('x', { votes: ['a'] })).concat(candidate('y'))],
    takes: null,
  },
]

describe('choosing a task for a node', () => {
  for (const { id, queues, takes } of rows) {
    it(id, () => assert.equal(choose(queues, applicant)?.key ?? null, takes))
  }
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

describe('the operator behind a node', () => {
  it('is its owner where it has one, else its network', () => {
    assert.equal(operatorOf('12D3KooW', 'net 203.0.113.0/24'), 'owner 12D3KooW')
    assert.equal(operatorOf(null, 'net 203.0.113.0/24'), 'net 203.0.113.0/24')
  })

  for (const { id, address, operator, single = false } of addresses) {
    it(id, () => assert.equal(networkOf('N', multiaddr(address), { singleOperator: single }), operator))
  }
})
