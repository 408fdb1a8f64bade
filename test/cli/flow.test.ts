import assert from 'node:assert/strict'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { untilAborted } from '../../bin/context.ts'
import { exitCodeOf } from '../../bin/errors.ts'
import { Link } from '../../bin/flow/link.ts'
import { ResultsFolder, saveResults } from '../../bin/flow/results-folder.ts'
import { printSummary, summaryOf } from '../../bin/flow/summary.ts'
import {
  makeFolder,
  ProtocolError,
  RESULT_FILES,
  RefusedError,
  type ResearcherClient,
  STEADY_FILES,
  UsageError,
} from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { STABLE, stableIn, stableOf } from '../support/stable.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'
import { listen } from '../support/typed.ts'

type Piece = { name: string; bytes: Uint8Array }

/** A coordinator's answer to `fetch` that ends as the test wants. */
function answering(pieces: Piece[], end?: Error): ResearcherClient {
  const fetch = async function* () {
    yield* pieces
    if (end !== undefined) throw end
  }
  return { fetch } as unknown as ResearcherClient
}

const piece = (name: string, text: string): Piece => ({ name, bytes: Buffer.from(text) })

describe('saving results', () => {
  it('writes each file whole', async (t) => {
    const out = await scratch(t)
    const client = answering([piece('a.txt', '1'), piece('a.txt', '2'), piece('b.txt', '3')])
    assert.deepEqual(await saveResults(client, 'r', out, { partial: false }), ['a.txt', 'b.txt'])
    assert.equal(await readFile(join(out, 'a.txt'), 'utf8'), '12')
    assert.deepEqual((await readdir(out)).sort(), ['a.txt', 'b.txt'])
  })

  it('leaves nothing behind when it breaks in the middle', async (t) => {
    const out = await scratch(t)
    const client = answering([piece('a.txt', '1'), piece('b.txt', '2')], new Error('the coordinator closed the connection'))
    await assert.rejects(saveResults(client, 'r', out, { partial: false }), /closed the connection/)
    assert.deepEqual(await readdir(out), [])
  })

  it('asks only for what is missing where it was cut, and never again for what is whole and steady', async (t) => {
    const out = await scratch(t)
    const asked: unknown[] = []
    const cut = new Error('the coordinator closed the connection')
    const client = {
      async *fetch(_round: string, { except }: { except: readonly string[] }) {
        const at = asked.push(except)
        // A file that is being made is named by pieces without bytes, whether it is wanted or not.
        yield piece('outcomes.jsonl', '')
        for (const name of RESULT_FILES.filter((one) => !except.includes(one))) {
          yield piece(name, `${name} ${at}`)
          if (at === 1 && name === 'scores.json') throw cut
          if (at === 2 && name === 'round.car') throw cut
        }
      },
    } as unknown as ResearcherClient
    let heard = 0
    {
      await using folder = new ResultsFolder(out, { partial: false })
      await assert.rejects(folder.fetch(client, 'r'), cut)
      await assert.rejects(folder.fetch(client, 'r'), cut)
      assert.deepEqual(await folder.fetch(client, 'r', () => heard++), RESULT_FILES)
    }
    assert.deepEqual(STEADY_FILES.toSorted(), [...STABLE, 'coverage.csv'].toSorted())
    const before = STEADY_FILES.filter((name) => name !== 'scores.json')
    assert.deepEqual(asked, [[], before, STEADY_FILES])
    assert.equal(heard, 1 + RESULT_FILES.length - STEADY_FILES.length)
    assert.deepEqual((await readdir(out)).sort(), [...RESULT_FILES].sort())
    for (const [at, name] of [
      [1, 'outcomes.jsonl'],
      [2, 'scores.json'],
      [3, 'report.json'],
    ] as const) {
      assert.equal(await readFile(join(out, name), 'utf8'), `${name} ${at}`)
    }
  })

  it('begins anew where the round goes on, and leaves nothing behind when it is given up', async (t) => {
    const out = await scratch(t)
    const asked: unknown[] = []
    const answers = answering([piece('outcomes.jsonl', '1'), piece('matrix.csv', '2')], new Error('closed'))
    const client = {
      fetch: (round: string, options: { partial: boolean; except: readonly string[] }) => {
        asked.push(options.except)
        return answers.fetch(round, options)
      },
    } as unknown as ResearcherClient
    for (const partial of [true, false]) {
      await using folder = new ResultsFolder(out, { partial })
      for (let n = 0; n < 2; n++) await assert.rejects(folder.fetch(client, 'r'), /closed/)
      assert.deepEqual(await readdir(out), partial ? [] : ['outcomes.jsonl.part'])
    }
    assert.deepEqual(asked, [[], [], [], ['outcomes.jsonl']])
    assert.deepEqual(await readdir(out), [])
  })

  it('is given up where it breaks at the same place again and again, and not where it gets further', async (t) => {
    const out = await scratch(t)
    let whole = 1
    const client = {
      async *fetch() {
        for (let n = 0; n < whole; n++) yield piece('decisions.jsonl', 'more')
        throw new RefusedError('unavailable', 'an archive cannot be read')
      },
    } as unknown as ResearcherClient
    await using folder = new ResultsFolder(out, { partial: false })
    for (; whole < 20; whole++) await assert.rejects(folder.fetch(client, 'r'), { code: 'unavailable' })
    whole--
    for (let n = 0; n < 7; n++) await assert.rejects(folder.fetch(client, 'r'), { code: 'unavailable' })
    await assert.rejects(folder.fetch(client, 'r'), { code: 'unfinished', message: /same place.*cannot be read/ })
    assert.deepEqual(await readdir(out), [])
  })

  it('says which file could not get its name, and leaves no half of it', async (t) => {
    const out = await scratch(t)
    await mkdir(join(out, 'b.txt', 'full'), { recursive: true })
    const saving = saveResults(answering([piece('a.txt', '1'), piece('b.txt', '2')]), 'r', out, { partial: false })
    await assert.rejects(saving, { code: 'unfinished', message: /results cannot be written \(.*b\.txt/ })
    assert.deepEqual(
      (await readdir(out)).filter((name) => name.endsWith('.part')),
      [],
    )
  })

  it('says in one line which folder could not be written', async (t) => {
    const out = join(await scratch(t), 'gone')
    const saving = saveResults(answering([piece('a.txt', '1')]), 'r', out, { partial: false })
    await assert.rejects(saving, { code: 'unfinished', message: /gone: results cannot be written \(ENOENT/ })
  })
})

describe('an export over a line that is cut', { timeout: 60_000 }, () => {
  it('goes on over the next one, and is as one that was not', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    await swarm.addNode('a')
    const client = await swarm.researcher()
    const spec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } as const }
    const round = await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 3), spec)
    await ended(client, round)
    const whole = stableOf(await results(client, round))

    const out = join(folder, 'out')
    await makeFolder(out)
    const { signal } = new AbortController()
    await using link = await Link.open({ coordinator: swarm.address, key: join(folder, 'researcher.key'), signal })
    await using saving = new ResultsFolder(out, { partial: false })
    let [heard, away] = [0, 0]
    const cutAt = RESULT_FILES.indexOf('report.json')
    const files = await link.persist(
      (client, note) =>
        saving.fetch(client, round, () => {
          note()
          if (++heard === cutAt) throw new ProtocolError('closed', 'the line was cut')
        }),
      { away: () => away++ },
    )
    assert.equal(away, 1)
    assert.ok(heard < cutAt + STEADY_FILES.length, `${heard} pieces`)
    assert.deepEqual(
      files,
      RESULT_FILES.filter((name) => name !== 'coverage.csv'),
    )
    assert.deepEqual(await stableIn(out), whole)
    assert.deepEqual((await readdir(out)).sort(), files.toSorted())
  })
})

describe('the summary of a round', { timeout: 60_000 }, () => {
  for (const singleOperator of [true, false]) {
    it(`says${singleOperator ? '' : ' nothing of it'} that one operator ran all nodes${singleOperator ? '' : ' where that is not so'}`, async (t) => {
      const folder = await scratch(t)
      const swarm = await TestSwarm.start(t, folder, { singleOperator })
      await swarm.addNode('a')
      const client = await swarm.researcher()
      const spec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } as const }
      const progress = await ended(client, await swarm.submit(client, await writeCases(join(folder, 'cases.jsonl'), 1), spec))
      await saveResults(client, progress.round, folder, { partial: false })
      const summary = await summaryOf(folder, progress, 1000)
      const stdout = listen(t, 'stdout')
      printSummary(summary)
      assert.equal(summary.singleOperator, singleOperator)
      assert.equal(/confidence +does not apply: one operator runs all nodes/.test(stdout.end()), singleOperator)
    })
  }
})

describe('exit codes', () => {
  const rows = [
    { id: 'bad input', error: new UsageError('case', ''), code: 2 },
    { id: 'a refusal', error: new RefusedError('not-allowed', ''), code: 2 },
    { id: 'a coordinator that cannot now', error: new RefusedError('unavailable', ''), code: 1 },
    { id: 'results that are held back', error: new RefusedError('held', ''), code: 1 },
    { id: 'anything else', error: new Error(''), code: 1 },
  ]
  for (const { id, error, code } of rows) it(id, () => assert.equal(exitCodeOf(error), code))
})

describe('waiting for a signal', () => {
  it('does not wait for one that came before', async () => {
    await untilAborted(AbortSignal.abort())
  })
})
