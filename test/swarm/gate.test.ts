import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import pino from 'pino'
import { Conditions } from '../../node/conditions/conditions.ts'
import type { Facts } from '../../node/conditions/facts.ts'
import { OrdersFile } from '../../node/conditions/orders.ts'
import { NetworkSource } from '../../node/conditions/sources/network.ts'
import type { Source } from '../../node/conditions/sources/source.ts'
import { History } from '../../node/history/history.ts'
import { type Sandbox, Volunteer } from '../../node/index.ts'
import { Preferences } from '../../node/preferences/preferences.ts'
import type { RoundSpec } from '../../protocol/index.ts'
import { GPU, MINUTE_MS, MONDAY_NOON, quiet } from '../conditions/situation.ts'
import { line, writeCases } from '../support/cases.ts'
import { FakeSandbox, honest } from '../support/fake-sandbox.ts'
import { gathered } from '../support/gathered.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { until } from '../support/until.ts'

const log = pino({ level: 'silent' })
const ONE: RoundSpec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } }
const GPU_ROUND: RoundSpec = { ...ONE, executor: 'gpu' }

/** Programs that wait until they are let go, and are counted. */
class Holding extends FakeSandbox {
  readonly gpuUuid = GPU
  running = 0
  aborted = 0
  readonly #let = Promise.withResolvers<void>()

  override async execute(...order: Parameters<Sandbox['execute']>) {
    const { signal } = order[3]
    this.running++
    const { promise: stopped, reject } = Promise.withResolvers<never>()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([this.#let.promise, stopped])
      return await super.execute(...order)
    } catch (error) {
      this.aborted++
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.running--
    }
  }

  let(): void {
    this.#let.resolve()
  }
}

/** A node that does what a quiet machine, its clock, preferences and orders allow, as a daemon puts it together. */
async function gatedNode(t: TestContext, swarm: TestSwarm, name: string, sandbox: Sandbox) {
  const data = join(swarm.folder, name)
  const clock = { now: MONDAY_NOON }
  const folder = await scratch(t)
  const network = new NetworkSource(join(folder, 'network.json'))
  const tells = Object.keys(quiet(0)).filter((fact) => fact !== 'networkToday') as (keyof Facts)[]
  const look = async (_: unknown, now: number) => {
    const { networkToday: _counted, ...facts } = quiet(now)
    return facts
  }
  const machine: Source = { name: 'machine', tells, everyMs: () => 0, look }
  const preferences = await Preferences.open(folder, { log })
  const components = { preferences, orders: new OrdersFile(join(folder, 'orders.json')), sources: [machine, network], log }
  const conditions = await Conditions.open(components, { memoryBytes: 2 ** 40, now: () => clock.now })
  const history = await History.open(join(folder, 'history'), { log })
  const init = { data, coordinator: swarm.address, slots: 2, log }
  const parts = { sandbox, history, gate: conditions, onBytes: (bytes: number) => network.count(bytes) }
  const node = await Volunteer.start(init, parts)
  swarm.nodes.push(node)
  t.after(async () => {
    preferences[Symbol.dispose]()
    await conditions[Symbol.asyncDispose]()
  })
  /** Looks after so many minutes. */
  const pass = async (minutes: number) => {
    clock.now += minutes * MINUTE_MS
    await conditions.look()
  }
  await until(() => node.memberships[0]?.state === 'connected', 'it is connected')
  return { node, conditions, preferences, history, clock, pass }
}

/** Two: a side is kept for somebody who has no say on the other one. */
async function witnesses(swarm: TestSwarm): Promise<Volunteer[]> {
  return [await swarm.addNode('one'), await swarm.addNode('two')]
}

describe('a node over the wire, as its owner lets it', { timeout: 120_000 }, () => {
  it('paused ends what runs and takes nothing; resumed it begins the same anew', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const sandbox = new Holding()
    const { node, conditions, history } = await gatedNode(t, swarm, 'paused', sandbox)
    const client = await swarm.researcher()
    const first = await swarm.submit(client, await writeCases(join(folder, 'first.jsonl'), 1), ONE)
    await until(() => sandbox.running === 2, 'both sides run')

    await conditions.pause()
    await until(() => sandbox.running === 0, 'nothing runs any more')
    assert.deepEqual(
      [sandbox.aborted, node.work.running.length, node.work.limit(node.memberships[0]?.coordinator ?? '')],
      [2, 0, 0],
    )
    sandbox.let()
    const other = join(folder, 'other.jsonl')
    await writeFile(other, [91, 92].map((id) => `${line(id)}\n`).join(''))
    const others = await witnesses(swarm)
    assert.equal((await ended(client, await swarm.submit(client, other, ONE))).judged, 2)
    assert.equal(sandbox.executed, 0, 'it was given none of it, and ran nothing')
    for (const one of others) await one.stop()

    await conditions.resume()
    assert.equal((await ended(client, first)).judged, 1)
    await until(() => history.tally.accepted === 2, 'its verdicts are accepted')
    const ran = await gathered(history.runs())
    assert.deepEqual([ran.length, history.tally.started, history.tally.lost], [2, 2, 0], 'a run that is begun anew is one run')
    assert.deepEqual(
      ran.map(({ end }) => end),
      ['finished', 'finished'],
    )
  })

  it('with its GPU switched off it is given the work of other nodes, and GPU work again when it is on', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const sandbox = new Holding(honest, ['host', 'gpu'])
    sandbox.let()
    const { conditions } = await gatedNode(t, swarm, 'switched', sandbox)
    await conditions.switchGpu('0', false)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3), GPU_ROUND)
    let missed = false
    let last = null
    for await (const progress of client.watch(round)) {
      last = progress
      if (missed || progress.unserved === null || !/a node that has a GPU and can run "gpu"/.test(progress.unserved)) continue
      missed = true
      await conditions.switchGpu(GPU, true)
    }
    assert.deepEqual([missed, last?.judged, last?.judgements.undecided], [true, 3, 0])
  })

  it('asks for no more that day once what went over the wire is as much as its owner gives', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const sandbox = new Holding()
    sandbox.let()
    const { conditions, preferences, pass, clock } = await gatedNode(t, swarm, 'counting', sandbox)
    const mayTake = () => conditions.permission.take.may
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 3)
    await ended(client, await swarm.submit(client, file, ONE))
    await pass(1)
    const { networkToday } = conditions.facts
    assert.ok(networkToday.known)
    // Six programs came, and six signed verdicts went, each of some hundred bytes.
    const { bytes } = networkToday.value
    assert.ok(bytes > 6 * 300 && bytes < 200_000, `${bytes} counted`)
    assert.ok(mayTake(), 'no limit yet')

    await preferences.set(['network', 'mib-a-day'], bytes / 2 ** 20)
    await pass(0)
    const { take } = conditions.permission
    assert.ok(!take.may && take.code === 'network' && take.until === networkToday.value.until)
    const before = sandbox.executed
    const more = join(folder, 'more.jsonl')
    await writeFile(more, [91, 92].map((id) => `${line(id)}\n`).join(''))
    const others = await witnesses(swarm)
    assert.equal((await ended(client, await swarm.submit(client, more, ONE))).judged, 2)
    for (const one of others) await one.stop()
    assert.equal(sandbox.executed, before)

    await pass((networkToday.value.until - clock.now) / MINUTE_MS)
    assert.ok(mayTake(), 'a new day')
    const last = join(folder, 'last.jsonl')
    await writeFile(last, `${line(77)}\n`)
    assert.equal((await ended(client, await swarm.submit(client, last, ONE))).judged, 1)
  })
})
