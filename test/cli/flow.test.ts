import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { untilAborted } from '../../bin/context.ts'
import { exitCodeOf } from '../../bin/errors.ts'
import { saveResults } from '../../bin/flow/round.ts'
import { printSummary, summaryOf } from '../../bin/flow/summary.ts'
import { RefusedError, type ResearcherClient, UsageError } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
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

  it('says in one line which folder could not be written', async (t) => {
    const out = join(await scratch(t), 'gone')
    const saving = saveResults(answering([piece('a.txt', '1')]), 'r', out, { partial: false })
    await assert.rejects(saving, { code: 'unfinished', message: /gone: results cannot be written \(ENOENT/ })
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
