import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import { Level } from 'level'
import pino from 'pino'
import { Store } from '../../coordinator/store/store.ts'
import { Volunteer } from '../../node/index.ts'
import {
  Channel,
  createHost,
  FromNode,
  MAX_UNACKNOWLEDGED,
  nameProgram,
  openStream,
  parseAddress,
  parseCaseLine,
  programOf,
  ROUND_DEFAULTS,
  SEND_MS,
  type Task,
  ToNode,
  taskId,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { line, writeCases } from '../support/cases.ts'
import { ENVIRONMENT } from '../support/environment.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'
import { waitsOf } from '../support/waits.ts'

const log = pino({ level: 'silent' })
const BEHIND = new Map([['large', new Uint8Array(65 * 1024 * 1024)]])
const EVENT = { t: 'round-sealed', at: 1, round: 'r' } as const
const HELLO: FromNode = { t: 'hello', agent: 'hand', environments: [ENVIRONMENT], memoryBytes: 2 ** 40, holding: [] }

const caseOf = (text: string) => parseCaseLine(text, { file: 'cases', line: 1 }, () => 'problem')

/** A disk that writes nothing until it is let; opening and reading go on. */
function slowDisk(t: TestContext): { let(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const real = Level.prototype.batch as (...args: unknown[]) => unknown
  const slow = async function (this: Level, ...args: unknown[]) {
    await promise
    return await real.apply(this, args)
  }
  t.mock.method(Level.prototype as never, 'batch', slow as never)
  return { let: resolve }
}

/** Turns of the event loop, in which whatever was to come at once has come. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await turn()
}

async function host(t: TestContext, listen: string[] = []) {
  const made = await createHost({ key: await generateKeyPair('Ed25519'), listen })
  t.after(async () => await made.stop())
  return made
}

async function hand(t: TestContext, swarm: TestSwarm): Promise<Stream> {
  return await openStream(await host(t), parseAddress(swarm.address), WORK_PROTOCOL)
}

describe('a coordinator that is behind', { timeout: patience(120_000) }, () => {
  it('knows it by what waits for its disk', async (t) => {
    const store = await Store.open(await scratch(t))
    const disk = slowDisk(t)
    assert.equal(store.isBehind, false)
    await store.room()
    const written = store.append([EVENT], BEHIND)
    assert.equal(store.isBehind, true)
    let room = false
    const waited = store.room().then(() => {
      room = true
    })
    await turns(10)
    assert.equal(room, false)
    disk.let()
    await written
    await waited
    assert.equal(store.isBehind, false)
    await store.close()
  })

  it('gives no work and reads no session on, until it is not', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
    const { ledger } = swarm.coordinator
    const channel = new Channel<ToNode, FromNode>(await hand(t, swarm), { schema: ToNode })
    const answers = channel[Symbol.asyncIterator]()
    await channel.send(HELLO)
    assert.equal((await answers.next()).value?.t, 'welcome')

    const disk = slowDisk(t)
    const written = ledger.store.append([], BEHIND)
    await channel.send({ t: 'want', credits: 1 })
    await channel.send({ t: 'progress', running: [] })
    let answered = false
    const answer = answers.next().then(({ value }) => {
      answered = true
      return value?.t
    })
    await turns(200)
    assert.equal(answered, false)
    assert.equal(ledger.state.assignments.size, 0)
    disk.let()
    await written
    assert.equal(await answer, 'alive')
    let given = await answers.next()
    if (given.value?.t === 'program') given = await answers.next()
    assert.equal(given.value?.t, 'assign')
    channel.abort(new Error('enough'))
  })
})

describe('a node whose coordinator does not acknowledge', { timeout: patience(120_000) }, () => {
  it('asks for no more work than it may keep verdicts, and goes on when some are taken', async (t) => {
    const coordinator = await host(t, ['/ip4/127.0.0.1/tcp/0'])
    const { promise, resolve } = Promise.withResolvers<Stream>()
    await coordinator.handle(WORK_PROTOCOL, (stream) => resolve(stream))
    const [address] = coordinator.getMultiaddrs()
    const data = await scratch(t)
    const node = await Volunteer.start({ data, coordinator: String(address), slots: 8, log }, new FakeSandbox())
    t.after(async () => await node.stop())
    const channel = new Channel<FromNode, ToNode>(await promise, { schema: FromNode })
    const { cid, bytes } = await nameProgram(programOf(caseOf(line(1)), 'cpp'))
    const task: Task = { program: cid, executor: 'host', pass: 'plain', limits: ROUND_DEFAULTS.limits }
    const taskName = await taskId(task)

    let credits = 0
    const verdicts: string[] = []
    let accepted = false
    for await (const message of channel) {
      if (message.t === 'hello') await channel.send({ t: 'welcome', agent: 'hand' })
      if (message.t === 'need') await channel.send({ t: 'program', program: cid, bytes })
      if (message.t === 'want') {
        if (accepted) {
          assert.equal(message.credits, 1)
          break
        }
        for (let n = 0; n < message.credits; n++) {
          const nonce = (credits++).toString(16).padStart(32, '0')
          await channel.send({ t: 'assign', nonce, taskId: taskName, task, deadlineMs: 60_000 })
        }
        assert.ok(credits <= MAX_UNACKNOWLEDGED, `${credits} asked for`)
      }
      if (message.t === 'verdict') verdicts.push(message.nonce)
      if (verdicts.length === MAX_UNACKNOWLEDGED && !accepted) {
        accepted = true
        await channel.send({ t: 'accepted', nonce: verdicts[0] as string })
      }
    }
    assert.equal(credits, MAX_UNACKNOWLEDGED)
    assert.equal(new Set(verdicts).size, MAX_UNACKNOWLEDGED)
    assert.ok(accepted)
    channel.abort(new Error('enough'))
  })
})

describe('a node that does not read', { timeout: patience(120_000) }, () => {
  it('holds up nobody else, however much it asks for, and is cut when it has taken nothing for long', async (t) => {
    const folder = await scratch(t)
    const waits = waitsOf(t, SEND_MS)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 6)
    // A program of which a few fill what may wait for one peer; its node runs the C++ side only, so it is given that.
    const large = line(1, { cpp_code: `void f1(int *a, int n) { /* ${'x'.repeat(2 ** 20)} */ }` })
    const { cid } = await nameProgram(programOf(caseOf(large), 'cpp'))
    await writeFile(join(folder, 'large.jsonl'), `${large}\n`)
    await swarm.submit(client, join(folder, 'large.jsonl'))
    const stream = await hand(t, swarm)
    const channel = new Channel<ToNode, FromNode>(stream, { schema: ToNode })
    stream.pause()
    await channel.send(HELLO)
    await channel.send({ t: 'want', credits: 1 })
    const { ledger } = swarm.coordinator
    while (ledger.state.assignments.size === 0) await turn()
    // It may ask for the program when it has been told, which it does not read.
    await ledger.durable
    await turn()
    for (let n = 0; n < 64; n++) await channel.send({ t: 'need', program: cid })
    await channel.send({ t: 'progress', running: [] })

    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    assert.equal((await ended(client, await swarm.submit(client, file))).judged, 6)
    assert.equal(stream.status, 'open')
    const closed = new Promise((resolve) => stream.addEventListener('close', resolve))
    await until(() => waits.count > 0, 'it is waited for the peer')
    waits.pass()
    await closed
    // Those who do read are not concerned, and are given what it had.
    const again = await swarm.submit(client, file, SPEC, 'again')
    assert.equal((await ended(client, again)).judged, 6)
  })
})
