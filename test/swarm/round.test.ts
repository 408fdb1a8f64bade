import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { SCAN_LIMIT } from '../../coordinator/dispatch/backlog.ts'
import type { Ledger } from '../../coordinator/ledger.ts'
import type { TaskEntry } from '../../coordinator/state/model.ts'
import { Store } from '../../coordinator/store/store.ts'
import {
  createHost,
  loadIdentity,
  MAX_CREDITS,
  type Program,
  parseAddress,
  type RefusedError,
  ResearcherClient,
} from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { line, writeCases } from '../support/cases.ts'
import { ENVIRONMENT } from '../support/environment.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { stableOf } from '../support/stable.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'

describe('a round on a swarm', { timeout: 120_000 }, () => {
  it('is decided by two of three nodes, in input order, and gives its files', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 30))
    const last = await ended(client, round)
    assert.equal(last.state, 'aggregated')
    assert.deepEqual(last.judgements, { equivalent: 20, different: 10, invalid: 0, undecided: 0 })
    assert.equal(last.verdicts, 2 * last.tasks.total)
    const files = await results(client, round)
    const lines = (files.get('outcomes.jsonl') ?? '')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    assert.deepEqual(
      lines.map(({ id }) => id),
      Array.from({ length: 30 }, (_, n) => n + 1),
    )
    assert.deepEqual(
      lines.slice(0, 3).map(({ judgement }) => judgement.compat),
      ['equivalent', 'equivalent', 'different'],
    )
  })

  it('gives the same bytes whoever runs it, in whatever order', async (t) => {
    const seen: Record<string, string>[] = []
    for (const nodes of [2, 5]) {
      const folder = await scratch(t)
      const swarm = await TestSwarm.start(t, folder)
      for (let n = 0; n < nodes; n++) await swarm.addNode(`n${n}`, undefined, n + 1)
      const client = await swarm.researcher()
      const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 20))
      await ended(client, round)
      seen.push(stableOf(await results(client, round)))
    }
    assert.deepEqual(seen[0], seen[1])
  })

  it('has each output of a task on disk once, however many say it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const put: { task: string; cid: string }[] = []
    const said: { task: string; cid: string }[] = []
    const taskOf = new Map<string, string>()
    let [verdicts, signed] = [0, 0]
    let store: Store | null = null
    const append = Store.prototype.append
    t.mock.method(Store.prototype, 'append', function (this: Store, ...args: Parameters<typeof append>) {
      store = this
      const [events, blobs] = args
      for (const event of events) {
        if (event.t === 'assigned') taskOf.set(event.nonce, event.task)
        if (event.t !== 'verdict') continue
        const task = taskOf.get(event.nonce) as string
        for (const { output } of event.cells) said.push({ task, cid: output })
        for (const cid of blobs?.keys() ?? []) if (cid !== event.verdict) put.push({ task, cid })
        if (blobs?.has(event.verdict)) signed++
        verdicts++
      }
      return append.apply(this, args)
    })
    for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
    // One that says something else of every test is kept, too.
    await swarm.addNode('d', () => ({ output: Buffer.from('else') }))
    const client = await swarm.researcher()
    await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 12)))
    const names = (list: typeof put) => list.map(({ task, cid }) => `${task} ${cid}`).sort()
    assert.ok(said.length > put.length, 'replicas agree')
    assert.equal(signed, verdicts, 'what was signed is kept of everybody')
    assert.deepEqual(names(put), [...new Set(names(said))].sort())
    for (const { cid } of said) assert.ok(await (store as Store | null)?.blob(cid), cid)
  })

  it('is not moved by one node that forges statuses and outputs, and names it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const file = await writeCases(join(folder, 'cases.jsonl'), 20)
    await swarm.addNode('a')
    await swarm.addNode('b')
    const liar = await swarm.addNode('c', () => ({ status: 'success', output: Buffer.from('Return value: void') }))
    const client = await swarm.researcher()
    const last = await ended(client, await swarm.submit(client, file))
    assert.deepEqual(last.judgements, { equivalent: 14, different: 6, invalid: 0, undecided: 0 })
    assert.ok(last.disagreements > 0)
    const report = JSON.parse((await results(client, last.round)).get('report.json') ?? '{}')
    assert.deepEqual(
      report.disagreements.map(({ node }: { node: string }) => node),
      [liar.peerId],
    )
  })

  it('is undecided where nodes cannot agree, and says so', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const file = await writeCases(join(folder, 'cases.jsonl'), 3)
    for (const name of ['a', 'b', 'c'])
      await swarm.addNode(name, (program, test, executor, pass) =>
        test === 0 ? { output: Buffer.from(name) } : honest(program, test, executor, pass),
      )
    const client = await swarm.researcher()
    const last = await ended(client, await swarm.submit(client, file))
    assert.deepEqual(last.judgements, { equivalent: 0, different: 1, invalid: 0, undecided: 2 })
    assert.equal(last.tasks.undecided, last.tasks.total)
  })

  it('runs each program once for all who need it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    await swarm.addNode('a')
    await swarm.addNode('b')
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 5)
    const first = await ended(client, await swarm.submit(client, file))
    assert.equal(first.verdicts, 20)
    const again = await ended(client, await swarm.submit(client, file, SPEC, 'again'))
    assert.notEqual(again.round, first.round)
    assert.equal(again.judged, 5)
    assert.equal(swarm.coordinator.ledger.state.verdicts, 20)
  })

  it('is served by a node with more slots than anybody may hold', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const node = await swarm.addNode('a', undefined, 10 * MAX_CREDITS)
    assert.equal(node.work.slots, MAX_CREDITS)
    const client = await swarm.researcher()
    const spec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } as const }
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 2 * MAX_CREDITS), spec)
    assert.equal((await ended(client, round)).judged, 2 * MAX_CREDITS)
  })

  it('says why it waits when all who are there have voted and do not agree', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    await swarm.addNode('a')
    await swarm.addNode('b', () => ({ output: Buffer.from('something else') }))
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
    for await (const { verdicts, unserved } of client.watch(round)) {
      if (verdicts < 4) continue
      assert.match(unserved ?? '', /a node of one more operator .* on 2 tasks/)
      await swarm.addNode('c')
      break
    }
  })

  it('gives a node what it can do, however much that it cannot stands before it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const cases = SCAN_LIMIT + 20
    await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), cases))
    const { ledger } = swarm.coordinator
    const tasks = [...ledger.state.tasks.values()]
    // Somebody who is gone has voted on all of it, and is the only one who could run the CUDA side.
    const inOrder = [
      ...tasks.filter(({ task }) => task.executor !== 'host'),
      ...tasks.filter(({ task }) => task.executor === 'host'),
    ]
    await Promise.all(inOrder.map((entry) => voteOf('gone', ledger, entry)))
    const behave: Behaviour = (program, test, executor, pass) => {
      assert.equal(executor, 'host')
      return honest(program, test, executor, pass)
    }
    const node = await swarm.addNode('a', behave, 64, ['host'])
    const hosts = tasks.filter(({ task }) => task.executor === 'host').length
    while (node.work.counts.finished < hosts) await once(ledger.changes, 'change')
  })

  it('says why it waits when too few nodes are there', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    await swarm.addNode('a')
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 2))
    for await (const progress of client.watch(round)) {
      if (progress.verdicts < 4) continue
      assert.match(progress.unserved ?? '', /nodes of 2 operators .* now there is 1/)
      await swarm.addNode('b')
      break
    }
  })
})

/** Writes a vote into the log as if a node had given it. */
async function voteOf(node: string, ledger: Ledger, { key, tests, task }: TaskEntry): Promise<void> {
  const nonce = randomBytes(16).toString('hex')
  const environment = { ...ENVIRONMENT, executor: task.executor, passes: [task.pass] }
  const cells = Array.from(
    { length: tests },
    () => ({ status: 'success', output: 'o', compat: 'c', masked: 'm', findings: [] }) as const,
  )
  const resources = { compileMs: 1, runMs: 1, ...UNMEASURED }
  const deadlineAt = Number.MAX_SAFE_INTEGER
  await Promise.all([
    ledger.record({ t: 'assigned', at: 1, nonce, task: key, node, operator: node, deadlineAt }),
    ledger.record({ t: 'verdict', at: 1, nonce, verdict: 'v', class: 'c', environment, cells, resources }),
  ])
}

describe('the rounds protocol', { timeout: 60_000 }, () => {
  it('finds a round again, takes what is missing, and refuses what does not fit', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const file = await writeCases(join(folder, 'cases.jsonl'), 5)
    const round = await swarm.submit(client, file)
    assert.equal(await swarm.submit(client, file), round)
    const refused = async (work: Promise<unknown>, code: string) =>
      assert.equal(
        await work.then(
          () => 'done',
          (error: RefusedError) => error.code,
        ),
        code,
      )
    await refused(client.seal(round, 6), 'bad-request')
    await refused(client.fetch(round, { partial: false }).next(), 'state')
    await refused(client.cancel('nonsense'), 'unknown-round')
    await refused(client.cancel(round.slice(0, 7)), 'unknown-round')
    await swarm.submit(client, file, SPEC, 'another')
    await refused(client.cancel('bafyrei'), 'unknown-round')
    const stranger = await swarm.researcher('stranger')
    await refused(stranger.cancel(round), 'unknown-round')
    await refused(stranger.fetch(round, { partial: true }).next(), 'unknown-round')
    assert.deepEqual(await stranger.list(), [])
    assert.equal((await client.list()).length, 2)
  })

  it('takes the first letters of a round for its name, also to change it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
    await client.cancel(round.slice(0, 12))
    assert.equal((await ended(client, round.slice(0, 12))).state, 'cancelled')
  })

  it('forgets a watcher who has gone, also while nothing changes', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1))
    const { changes } = swarm.coordinator.ledger
    const before = changes.listenerCount('change')
    const host = await createHost({ key: await loadIdentity(join(folder, 'researcher.key')), listen: [] })
    const watcher = await ResearcherClient.connect(host, parseAddress(swarm.address), { signal: AbortSignal.timeout(60_000) })
    await watcher.watch(round).next()
    assert.equal(changes.listenerCount('change'), before + 1)
    await host.stop()
    while (changes.listenerCount('change') > before) await new Promise((resolve) => setImmediate(resolve))
  })

  it('cancels: work is withdrawn, the round ends, a second time does no harm', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const { promise: taken, resolve: took } = Promise.withResolvers<void>()
    const stuck = (program: Program) => program.code.includes('f1') || program.code.includes('k1')
    const behave: Behaviour = (program, test, executor, pass) => {
      if (!stuck(program)) return honest(program, test, executor, pass)
      took()
      return new Promise(() => {})
    }
    const node = await swarm.addNode('a', behave, 1)
    const client = await swarm.researcher()
    const spec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } as const }
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1), spec)
    await taken
    await client.cancel(round)
    await client.cancel(round)
    assert.equal((await ended(client, round)).state, 'cancelled')
    assert.equal(swarm.coordinator.ledger.state.assignments.size, 0)
    // The one slot is free again.
    await writeFile(join(folder, 'more.jsonl'), line(2))
    assert.equal((await ended(client, await swarm.submit(client, join(folder, 'more.jsonl'), spec))).judged, 1)
    assert.equal(node.work.counts.withdrawn, 1)
  })
})
