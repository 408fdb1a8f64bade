import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { bulletinLines } from '../../bin/flow/bulletin-lines.ts'
import { type AnnouncedRound, type Bulletin, loadIdentity, peerIdOf } from '../../protocol/index.ts'
import { Daemon, kernelswarm } from '../support/command.ts'
import { scratch } from '../support/scratch.ts'
import { typed } from '../support/typed.ts'

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

const WRONG: [id: string, args: string[], says: RegExp][] = [
  ['a relay for nobody', ['relay', '--data', 'd'], /--allow PEER-ID, or say --anyone/],
  ['a relay for what is no key', ['relay', '--data', 'd', '--allow', 'bob'], /not a peer id/],
  [
    'a relay without its peer id',
    ['coordinator', '--data', 'd', '--relay', '/ip4/127.0.0.1/tcp/1'],
    /the relay's peer id is missing/,
  ],
  ['a node that is no key', ['coordinator', 'allow-node', 'bob', '--data', 'd'], /not a peer id/],
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
  const round: AnnouncedRound = {
    ...{
      round: 'r1',
      name: 'red \u001b[31m',
      state: 'verifying',
      paused: false,
      openedAt: 1,
      endedAt: null,
      cases: 3,
      judged: 1,
    },
    ...{
      judgements: { equivalent: 1, different: 0, invalid: 0, undecided: 0 },
      tasks: { total: 6, decided: 2, undecided: 0 },
      verdicts: 4,
    },
  }
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
