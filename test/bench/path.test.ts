import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { measurePath } from './path/measure.ts'

/** Short forms, so that the benches still run when somebody needs their figures. */
describe("the benches of the researcher's path", { timeout: patience(240_000) }, () => {
  it('bench:path has a file go through submit, answers and export', async (t) => {
    const load = { cases: 120, samples: 20, tests: 2, heapMib: 64, coordinatorMib: 512 }
    const found = await measurePath(await scratch(t), load)
    assert.deepEqual([found.outcomes, found.answers.verdicts], [120, 126], 'each original is run once for its samples')
    assert.ok(found.export.peakMib > 0 && found.coordinator.cpuSeconds > 0)
  })

  it('bench:scores works out a made-up round', async () => {
    const script = fileURLToPath(new URL('scores.ts', import.meta.url))
    const args = ['--expose-gc', script, '--cases', '100', '--json']
    const { stdout } = await promisify(execFile)(process.execPath, args)
    const { steps } = JSON.parse(stdout) as { steps: { step: string }[] }
    assert.deepEqual(
      steps.map(({ step }) => step),
      ['snapshot', 'scores', 'scores.json', 'matrix.csv'],
    )
  })
})
