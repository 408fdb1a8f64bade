import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CpuExecutor } from '../../sandbox/source/compose.ts'
import { type Built, buildFeatures, type Feature } from './build.ts'

/** One test a feature; the program they share is compiled first. */
export function checkFeatures(executor: CpuExecutor, features: readonly Feature[]): void {
  let built: Built
  before(() => {
    built = buildFeatures(executor, features)
  })
  after(() => built[Symbol.dispose]())
  for (const [index, { id, prints, exit }] of features.entries()) {
    test(id, () => {
      const ran = built.run(index)
      assert.deepEqual(
        { stdout: ran.stdout, report: ran.report, code: ran.code },
        { stdout: prints, report: '', code: exit ?? 0 },
      )
    })
  }
}
