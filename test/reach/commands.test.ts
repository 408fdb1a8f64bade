import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { bulletinLines } from '../../bin/flow/bulletin-lines.ts'
import { allowResearcher } from '../../coordinator/index.ts'
import { type AnnouncedRound, type Bulletin, createRelay, loadIdentity, peerIdOf } from '../../protocol/index.ts'
import { announced } from '../support/announced.ts'
import { writeCases } from '../support/cases.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'
import { TestSwarm } from '../support/swarm.ts'
import { typed } from '../support/typed.ts'
import { until } from '../support/until.ts'

test('a relay, a coordinator behind it, and somebody who follows through it', async (t) => {
  const folder = await scratch(t)
  const data = join(folder, 'coordinator')
  const key = peerIdOf(await loadIdentity(join(data, 'coordinator.key')))
  const relay = new Daemon(t, folder, [
    'relay',
    '--data',
    join(folder, 'relay'),
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
    '--allow',
    key,
  ])
  const [, address = ''] = await relay.line(/coordinator --relay (\S+)/)
  const listen = ['--listen', '/ip4/127.0.0.1/tcp/0', '--http', 'off']
  const coordinator = new Daemon(t, folder, ['coordinator', '--data', data, ...listen, '--relay', address])
  const [, place = ''] = await coordinator.line(/node start --coordinator (\S+)/)
  assert.equal(place, `${address}/p2p-circuit/p2p/${key}`)
  const { code, stdout } = await kernelswarm(t, folder, ['follow', address, '--once', '--json'])
  assert.equal(code, 0)
  const bulletin: Bulletin = JSON.parse(stdout)
  assert.equal(bulletin.coordinator, key)
  assert.ok(bulletin.announcement.addresses.includes(place))
})

test('a researcher sends, follows and fetches a round through a relay, and gives an address before it where nobody is', async (t) => {
  const home = await scratch(t)
  const key = await generateKeyPair('Ed25519')
  const relay = await createRelay({ key, listen: ['/ip4/127.0.0.1/tcp/0'], mayReserve: () => true })
  t.after(async () => await relay.stop())
  const researcher = peerIdOf(await loadIdentity(join(home, 'researcher.key')))
  await allowResearcher(join(home, 'coordinator'), researcher, 1)
  const swarm = await TestSwarm.start(t, home, { relays: [String(relay.getMultiaddrs()[0])] })
  await until(() => swarm.address.includes('/p2p-circuit'), 'a place at the relay')
  const { host } = swarm.coordinator
  const ways: string[] = []
  host.addEventListener('connection:open', ({ detail: { remotePeer, remoteAddr } }) => {
    if (remotePeer.toString() === researcher) ways.push(remoteAddr.toString())
  })
  await swarm.addNode('node')
  const file = await writeCases(join(home, 'cases.jsonl'), 3)
  const at = ['--coordinator', `/ip4/127.0.0.1/tcp/1/p2p/${host.peerId},${swarm.address}`, '--key', 'researcher.key']
  const terms = ['--replicas', '1', '--quorum', '1', '--rule', 'compat', '--passes', 'none']
  const sent = await kernelswarm(t, home, ['submit', file, ...at, ...terms, '--json'])
  assert.equal(sent.code, 0, sent.stderr)
  const { round } = JSON.parse(sent.stdout) as { round: string }
  const watched = await kernelswarm(t, home, ['round', 'watch', round, ...at])
  assert.match(watched.stdout, /aggregated/, watched.stderr)
  const fetched = await kernelswarm(t, home, ['round', 'export', round, ...at, '--out', 'results'])
  assert.match(fetched.stdout, /results\/outcomes\.jsonl/, fetched.stderr)
  assert.equal(ways.length, 3)
  for (const way of ways) assert.match(way, /p2p-circuit/)
})

const KEY = '12D3KooWHWNQZJSCJu6hVfRPPh2EURS8zMyoN77i8diQ6NchVcZi'
const OTHER = '12D3KooWHUuPrry2ycy8HQbnup2jVs44S4A8614zxuxn12YFQUXo'
const WRONG: [id: string, args: string[], says: RegExp][] = [
  ['a relay for nobody', ['relay', '--data', 'd'], /--allow PEER-ID, or say --anyone/],
  ['a relay for what is no key', ['relay', '--data', 'd', '--allow', 'bob'], /not a peer id/],
  [
    'a relay without its peer id',
    ['coordinator', '--data', 'd', '--relay', '/ip4/127.0.0.1/tcp/1'],
    /the relay's peer id is missing/,
  ],
  ['a node that is no key', ['coordinator', 'allow-node', 'bob', '--data', 'd'], /not a peer id/],
  [
    'addresses of two coordinators',
    ['round', 'list', '--coordinator', [KEY, OTHER].map((key) => `/ip4/127.0.0.1/tcp/1/p2p/${key}`).join()],
    /addresses of several coordinators/,
  ],
  ['following nobody', ['follow'], /whom\?/],
]

for (const [id, args, says] of WRONG) {
  test(`refused: ${id}`, async (t) => {
    const folder = await scratch(t)
    const { code, stderr } = await typed(t, folder, args)
    assert.equal(code, 2)
    assert.match(stderr, says)
  })
}

test('what is followed is said once, with no control characters', () => {
  const round = announced('r1', 'red \u001b[31m', 4, 1)
  const said = new Map<string, string>()
  const lines = (rounds: AnnouncedRound[]) =>
    bulletinLines({ coordinator: 'c', announcement: { v: 1, at: 0, addresses: ['/ip4/1.2.3.4'], rounds } }, said)
  const first = lines([round])
  assert.equal(first.length, 2)
  assert.match(first[1] ?? '', /r1 {2}verifying {2}1 of 3 cases judged, 2 of 6 tasks decided, 4 verdicts {2}"red \?\[31m"/)
  assert.deepEqual(lines([round]), [])
  assert.equal(lines([{ ...round, judged: 2 }]).length, 1)
  assert.deepEqual(lines([]), [])
  assert.equal(said.size, 1)
})
