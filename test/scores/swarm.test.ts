import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { saveResults } from '../../bin/flow/results-folder.ts'
import { printSummary, summaryOf } from '../../bin/flow/summary.ts'
import { line } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { listen, typed } from '../support/typed.ts'

/** Four samples of one problem and three of another, over the wire; of both some are wrong. */
const CASES = [
  line(1, { problem: 'one', reference: 'a reference' }),
  line(1, { problem: 'one', wrong: true, id: '1 bound', mutant: { origin: '1', kind: 'bound', from: '<', to: '<=' } }),
  line(1, { problem: 'one', id: 'again' }),
  line(1, { problem: 'one', wrong: true, id: 'wrong' }),
  ...[2, 3, 4].map((id) => line(2, { problem: 'two', id, wrong: id !== 2 })),
]

describe('scores of a round that a swarm verified', { timeout: 120_000 }, () => {
  it('stand in its files, in what the terminal says, and can be asked for by k', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    await swarm.addNode('a')
    const file = join(folder, 'cases.jsonl')
    await writeFile(file, CASES.join('\n'))
    const client = await swarm.researcher()
    const spec = { ...SPEC, policy: { kind: 'majority', quorum: 1, replicas: 1 } as const }
    const progress = await ended(client, await swarm.submit(client, file, spec))
    const names = await saveResults(client, progress.round, folder, { partial: false })
    for (const name of ['matrix.csv', 'scores.json', 'report.html']) assert.ok(names.includes(name), name)

    const scores = JSON.parse(await readFile(join(folder, 'scores.json'), 'utf8'))
    assert.deepEqual([scores.bleu.translations, scores.problems[0].bleu.length], [1, 1])
    assert.deepEqual(scores.rules.compat.mutants.kinds, { bound: { killed: 1, alive: 0, stillborn: 0, open: 0 } })
    const [first] = scores.rules.compat.passAtK.values
    assert.equal(first.value, Number(((2 / 4 + 1 / 3) / 2).toFixed(6)))

    const summary = await summaryOf(folder, progress, 1000)
    assert.deepEqual(summary.passAt1.compat, { k: 1, value: first.value, low: first.low, high: first.high })
    const stdout = listen(t, 'stdout')
    printSummary(summary)
    assert.match(stdout.end(), /pass@1 +compat 41\.7 % \(95 %: 33\.3 % to 50\.0 %\); strict 0\.0 %/)

    const asked = await typed(t, folder, ['scores', folder, '--k', '3,1', '--json'])
    const curves = JSON.parse(asked.stdout)
    assert.deepEqual(
      curves.compat.values.map(({ k, value }: { k: number; value: number }) => [k, value]),
      [
        [3, 1],
        [1, first.value],
      ],
    )
    const table = await typed(t, folder, ['scores', folder])
    assert.match(table.stdout, /^pass@1 .*41\.7 %/m)
    const refused = await typed(t, folder, ['scores', folder, '--k', '4'])
    assert.deepEqual([refused.code, refused.stdout], [2, ''])
    assert.match(refused.stderr, /--k: pass@4: problem "two" has only 3 samples; k may be 3 at most/)
  })
})
