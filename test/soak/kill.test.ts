import assert from 'node:assert/strict'
import { test } from 'node:test'
import { patience } from '../support/patience.ts'
import { killed } from './kill/soak.ts'

/** The short form of kill.ts, with another course each day. */
const SEED = Math.floor(Date.now() / 86_400_000)

test(`a coordinator killed with -9 a few times loses nothing and decides the same (seed ${SEED})`, {
  timeout: patience(600_000),
}, async (t) => {
  const report = await killed({ kills: 6, seed: SEED, cases: 8, say: (line) => t.diagnostic(line) })
  assert.deepEqual(report.wrong, [], `left in ${report.folder}`)
  assert.equal(report.kills.coordinator, 6)
  assert.ok(report.acknowledged > 0)
})
