import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Program, RefusedError } from '../../protocol/index.ts'
import { line, writeCases } from '../support/cases.ts'
import { type Behaviour, honest } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'

/** Files that must not depend on who ran what when. */
const STABLE = ['outcomes.jsonl', 'valid_translations.jsonl', 'translator_sft.json', 'tester_sft.json', 'dataset_info.json']

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
    const seen: Map<string, string>[] = []
    for (const nodes of [2, 5]) {
      const folder = await scratch(t)
      const swarm = await TestSwarm.start(t, folder)
      for (let n = 0; n < nodes; n++) await swarm.addNode(`n${n}`, undefined, n + 1)
      const client = await swarm.researcher()
      const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 20))
      await ended(client, round)
      seen.push(await results(client, round))
    }
    for (const name of STABLE) {
      assert.ok(seen[0]?.has(name), name)
      assert.equal(seen[0]?.get(name), seen[1]?.get(name), name)
    }
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
      await swarm.addNode(name, (program, test, executor) =>
        test === 0 ? { output: Buffer.from(name) } : honest(program, test, executor),
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
    const stranger = await swarm.researcher('stranger')
    await refused(stranger.cancel(round), 'unknown-round')
    await refused(stranger.fetch(round, { partial: true }).next(), 'unknown-round')
    assert.deepEqual(await stranger.list(), [])
    assert.equal((await client.list()).length, 1)
  })

  it('cancels: work is withdrawn, the round ends, a second time does no harm', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const { promise: taken, resolve: took } = Promise.withResolvers<void>()
    const stuck = (program: Program) => program.code.includes('f1') || program.code.includes('k1')
    const behave: Behaviour = (program, test, executor) => {
      if (!stuck(program)) return honest(program, test, executor)
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
