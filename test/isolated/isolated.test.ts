import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { HONEST } from './honest.ts'
import { NOT_WAITED_FOR, WAITED_FOR } from './late.ts'
import { runIsolated, surprises } from './run.ts'
import { TAMPERING } from './tampering.ts'
import { WRONG } from './wrong.ts'

for (const [name, rows] of Object.entries({
  honest: HONEST,
  wrong: WRONG,
  waiting: WAITED_FOR,
  'not waiting': NOT_WAITED_FOR,
  'against the harness': TAMPERING,
})) {
  suite(`the isolated pass on a program that is ${name}`, { timeout: 300_000 }, () => {
    let sandbox: Sandbox
    before(async () => {
      sandbox = await createSandbox({ cacheDir: CACHE })
    })
    for (const row of rows) {
      test(row.id, async () => assert.deepEqual(surprises(row, await runIsolated(sandbox, row)), []))
    }
  })
}
