import assert from 'node:assert/strict'
import { lookup, Resolver } from 'node:dns/promises'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pino from 'pino'
import { Coordinator } from '../../coordinator/index.ts'
import { Volunteer } from '../../node/index.ts'
import { Wake } from '../../node/wake.ts'
import { AGENT, type KernelswarmError, loadIdentity, MAX_ADDRESSES, peerIdOf, SILENCE_MS, waysTo } from '../../protocol/index.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { freePort } from '../support/free-port.ts'
import { scratch } from '../support/scratch.ts'
import { TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const KEY = '12D3KooWHWNQZJSCJu6hVfRPPh2EURS8zMyoN77i8diQ6NchVcZi'
const OTHER = '12D3KooWHUuPrry2ycy8HQbnup2jVs44S4A8614zxuxn12YFQUXo'

async function startNode(t: TestContext, data: string, coordinator: string): Promise<Volunteer> {
  const node = await Volunteer.start({ data, coordinator, slots: 1, log }, new FakeSandbox())
  t.after(async () => await node.stop())
  return node
}

function isHere(coordinator: Coordinator, node: Volunteer): boolean {
  return coordinator.host.getConnections().some(({ remotePeer }) => remotePeer.toString() === node.peerId)
}

async function startCoordinator(t: TestContext, data: string, listen: string): Promise<Coordinator> {
  const init = { data, listen: [listen], http: null, singleOperator: true, localResearchers: true, agent: AGENT, log }
  const coordinator = await Coordinator.start(init)
  t.after(async () => await coordinator.stop())
  return coordinator
}

/** Whether this machine's own name has an IPv6 address. */
async function hasName6(): Promise<boolean> {
  return await lookup('localhost', { family: 6 }).then(
    () => true,
    () => false,
  )
}

const ADDRESSES: [id: string, text: string, ways: number | 'address'][] = [
  ['one', `/ip4/1.2.3.4/tcp/4600/p2p/${KEY}`, 1],
  [
    'by name, over IPv6, through a relay',
    `/dns4/a.example/tcp/1/p2p/${KEY},/ip6/::1/tcp/1/p2p/${KEY},/dns6/a.example/tcp/1/p2p/${OTHER}/p2p-circuit/p2p/${KEY}`,
    3,
  ],
  ['by what a name stands for', `/dnsaddr/a.example/p2p/${KEY}`, 1],
  ['by what a name stands for, through a relay', `/dnsaddr/a.example/p2p/${OTHER}/p2p-circuit/p2p/${KEY}`, 'address'],
  [
    'too many',
    Array(MAX_ADDRESSES + 1)
      .fill(`/ip4/1.2.3.4/tcp/1/p2p/${KEY}`)
      .join(),
    'address',
  ],
  ['of two coordinators', `/ip4/1.2.3.4/tcp/1/p2p/${KEY},/ip4/1.2.3.4/tcp/1/p2p/${OTHER}`, 'address'],
  ['without a peer id', '/ip4/1.2.3.4/tcp/4600', 'address'],
  ['with that of the relay only', `/ip4/1.2.3.4/tcp/4600/p2p/${OTHER}/p2p-circuit`, 'address'],
  ['no address', 'somewhere', 'address'],
]

for (const [id, text, ways] of ADDRESSES) {
  test(`the address of a coordinator: ${id}`, () => {
    if (ways === 'address')
      assert.throws(
        () => waysTo(text),
        (error: KernelswarmError) => error.code === 'address',
      )
    else assert.deepEqual([waysTo(text).peer.toString(), waysTo(text).ways.length], [KEY, ways])
  })
}

test('a coordinator is joined by any of its addresses: a name, IPv6, one that does not answer before', async (t) => {
  const folder = await scratch(t)
  for (const [id, listen, dial] of [
    ['dns4', '/ip4/127.0.0.1/tcp/0', (port: string, key: string) => `/dns4/localhost/tcp/${port}/p2p/${key}`],
    ['dns6', '/ip6/::1/tcp/0', (port: string, key: string) => `/dns6/localhost/tcp/${port}/p2p/${key}`],
    ['ip6', '/ip6/::1/tcp/0', (port: string, key: string) => `/ip6/::1/tcp/${port}/p2p/${key}`],
    [
      'second',
      '/ip4/127.0.0.1/tcp/0',
      (port: string, key: string) => `/ip4/127.0.0.1/tcp/1/p2p/${key},/ip4/127.0.0.1/tcp/${port}/p2p/${key}`,
    ],
  ] as const) {
    if (id === 'dns6' && !(await hasName6())) continue
    const coordinator = await startCoordinator(t, join(folder, id), listen)
    const [, port = '', key = ''] = /tcp\/(\d+)\/p2p\/(\w+)/.exec(coordinator.addresses()[0] ?? '') ?? []
    const node = await startNode(t, join(folder, `${id}-node`), dial(port, key))
    await until(() => isHere(coordinator, node), `${id}: the node`)
    await node.stop()
  }
})

test('a coordinator is joined by what a name stands for, as the DNS says it (/dnsaddr)', async (t) => {
  const folder = await scratch(t)
  const coordinator = await startCoordinator(t, join(folder, 'coordinator'), '/ip4/127.0.0.1/tcp/0')
  const [address = ''] = coordinator.addresses()
  // In place of the network: what is asked for, and what a zone of somebody's would have.
  const asked: string[] = []
  t.mock.method(Resolver.prototype, 'resolveTxt', async (name: string) => {
    asked.push(name)
    return [[`dnsaddr=/ip4/127.0.0.1/tcp/1/p2p/${OTHER}`], [`dnsaddr=${address}`]]
  })
  const node = await startNode(t, join(folder, 'node'), `/dnsaddr/swarm.example/p2p/${coordinator.host.peerId}`)
  await until(() => isHere(coordinator, node), 'the node')
  assert.ok(asked.length > 0 && asked.every((name) => name === '_dnsaddr.swarm.example'))
})

test('a coordinator that moved is followed by its key, at the address it gave while it was there', async (t) => {
  const folder = await scratch(t)
  const data = join(folder, 'coordinator')
  const [first, second] = [await freePort(), await freePort()]
  const key = peerIdOf(await loadIdentity(join(data, 'coordinator.key')))
  const both = await Coordinator.start({
    ...{ data, http: null, singleOperator: true, localResearchers: true, agent: AGENT, log },
    listen: [`/ip4/127.0.0.1/tcp/${first}`, `/ip4/127.0.0.1/tcp/${second}`],
  })
  const node = await startNode(t, join(folder, 'node'), `/ip4/127.0.0.1/tcp/${first}/p2p/${key}`)
  const file = join(folder, 'node', 'addresses', `${key}.json`)
  await until(
    async () => (await readFile(file, 'utf8').catch(() => '')).includes(String(second)),
    'the other address being remembered',
  )
  await both.stop()
  const moved = await startCoordinator(t, data, `/ip4/127.0.0.1/tcp/${second}`)
  await until(() => isHere(moved, node), 'the node at the other address')
  await node.stop()
  // Also after a restart of the node, which is still told the first address.
  const again = await startNode(t, join(folder, 'node'), `/ip4/127.0.0.1/tcp/${first}/p2p/${key}`)
  await until(() => isHere(moved, again), 'the restarted node')
  await again.stop()
})

test('a file of addresses that is not ours is passed over', async (t) => {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  const key = swarm.coordinator.host.peerId.toString()
  for (const [n, text] of [
    '{"a":1}',
    '[1]',
    `["/ip4/127.0.0.1/tcp/1/p2p/${OTHER}"]`,
    '"'.repeat(100_000),
    'not json',
  ].entries()) {
    await mkdir(join(folder, `n${n}`, 'addresses'), { recursive: true })
    await writeFile(join(folder, `n${n}`, 'addresses', `${key}.json`), text)
    const node = await swarm.addNode(`n${n}`)
    await until(() => isHere(swarm.coordinator, node), `a node with ${text.slice(0, 20)}`)
  }
})

/** Between a node and its coordinator; `hold` lets nothing pass any more, and says so to nobody. */
class Path {
  readonly #server: Server
  readonly #sockets: Socket[] = []
  #isHeld = false

  private constructor(to: number) {
    this.#server = createServer((near) => {
      this.#sockets.push(near)
      if (this.#isHeld) return
      const far = connect(to, '127.0.0.1')
      this.#sockets.push(far)
      near.on('error', () => far.destroy()).on('data', (bytes) => this.#isHeld || far.write(bytes))
      far.on('error', () => near.destroy()).on('data', (bytes) => this.#isHeld || near.write(bytes))
    })
  }

  static async open(t: TestContext, to: number): Promise<{ path: Path; port: number }> {
    const path = new Path(to)
    await new Promise<void>((resolve) => path.#server.listen(0, '127.0.0.1', resolve))
    t.after(() => {
      path.#server.close()
      for (const socket of path.#sockets) socket.destroy()
    })
    return { path, port: (path.#server.address() as { port: number }).port }
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
  }
}

test('a path that is gone is noticed by both sides in under a minute, and the node comes back', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let later = 0
  const real = performance.now.bind(performance)
  t.mock.method(performance, 'now', () => real() + later)
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  const [, port = '', key = ''] = /tcp\/(\d+)\/p2p\/(\w+)/.exec(swarm.address) ?? []
  const { path, port: between } = await Path.open(t, Number(port))
  const node = await startNode(t, join(folder, 'node'), `/ip4/127.0.0.1/tcp/${between}/p2p/${key}`)
  const connection = () => swarm.coordinator.host.getConnections().find(({ remotePeer }) => remotePeer.toString() === node.peerId)
  const first = await until(() => connection(), 'the node')
  await until(() => presentAt(swarm, node), 'its hello')
  path.hold(true)
  for (const goal = later + 60_000; later < goal; ) {
    later += 1_000
    t.mock.timers.tick(1_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(later < 61_000 && SILENCE_MS < 60_000)
  await until(() => !swarm.coordinator.host.getConnections().includes(first), 'the coordinator ending the connection')
  path.hold(false)
  await until(() => presentAt(swarm, node), 'the node being back')
  await node.stop()
})

function presentAt({ coordinator }: TestSwarm, node: Volunteer): boolean {
  return coordinator.host
    .getConnections()
    .some(({ remotePeer, streams }) => remotePeer.toString() === node.peerId && streams.length > 0)
}

const LOOKS: [id: string, afterMs: number, addresses: string, told: string[]][] = [
  ['as it should be', 5_000, 'a', []],
  ['a little late', 9_000, 'a', []],
  ['after sleep', 3_600_000, 'a', ['slept']],
  ['in another network', 5_000, 'b', ['moved']],
  ['after sleep, elsewhere', 3_600_000, 'b', ['slept']],
  ['with the clock set back', -3_600_000, 'a', []],
]

for (const [id, afterMs, addresses, told] of LOOKS) {
  test(`a look at the machine ${id}`, () => {
    let now = 1_000_000_000
    let seen = 'a'
    const said: string[] = []
    const wake = new Wake((why) => said.push(why), { now: () => now, addresses: () => seen })
    now += afterMs
    seen = addresses
    wake.look()
    assert.deepEqual(said, told)
  })
}
