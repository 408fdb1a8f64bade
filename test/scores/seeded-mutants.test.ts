import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { NOT_AS_RECORDED } from '../fidelity/known.ts'
import { CACHE_HOME } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { compareScores, hasPython, RECORDED, recordedLines, worked } from './seeded-mutants.ts'

/** A file that is about to be changed. */
// biome-ignore lint/suspicious/noExplicitAny: whatever stands in it
type Loose = any

/** Of the recorded cases, the first. For all of them there is the command (seeded-mutants.ts). */
const CASES = 2

const lines = await recordedLines()
const skip = lines === null ? 'no recorded cases beside this folder' : hasPython() ? false : 'no python3 here'

describe('a round of recorded cases with four seeded mutants each', { skip, timeout: patience(600_000) }, () => {
  it('has the scores that follow from its outcomes and from what was recorded, worked out in Python', async (t) => {
    const folder = await scratch(t)
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_CACHE_HOME: CACHE_HOME,
      LANG: 'C.UTF-8',
    }
    const found = await compareScores(folder, (lines ?? []).slice(0, CASES), { seed: 7, env })
    assert.deepEqual(found.wrong, [])
    assert.deepEqual(
      found.notAsRecorded.filter((one) => !NOT_AS_RECORDED.includes(one)),
      [],
    )
    for (const what of ['pass@k', 'matrix', 'row of matrix.csv', 'choice', 'fates', 'alike', 'cell against what was recorded'])
      assert.ok((found.compared[what] ?? 0) > 0, what)
    const mutants = Object.values(found.kinds).reduce((sum, count) => sum + count, 0)
    assert.equal(mutants, 4 * CASES)
    assert.ok((found.compat.different ?? 0) > 0 && (found.compat.equivalent ?? 0) >= CASES)

    await t.test('and would be found out where they are not', async () => {
      const [both, out] = [join(folder, 'both.jsonl'), join(folder, 'out.jsonl')]
      const path = join(out, 'scores.json')
      const text = await readFile(path, 'utf8')
      for (const [wanted, change] of [
        [/pass@k/, (scores: Loose) => (scores.rules.compat.passAtK.values[0].value += 1e-5)],
        [/^choice/, (scores: Loose) => scores.problems[0].rules.strict.choices.chosen[0].lines.push(99)],
        [/^matrix/, (scores: Loose) => (scores.problems[1].rules.compat.cells[0] = 'f')],
      ] as const) {
        const scores = JSON.parse(text)
        change(scores)
        await writeFile(path, JSON.stringify(scores))
        const { wrong } = await worked([both, out, fileURLToPath(RECORDED), '10'])
        assert.ok(wrong.length > 0 && wrong.every((one) => wanted.test(one)), String(wrong))
      }
    })
  })
})
