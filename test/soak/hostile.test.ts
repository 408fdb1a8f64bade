import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { soak } from './soak.ts'

/** The short form of hostile.ts, with another order each day, so that a year of runs is many orders. */
const SEED = Math.floor(Date.now() / 86_400_000)

test(`sixty hostile programs leave nothing, and good ones between them are right (seed ${SEED})`, {
  timeout: patience(300_000),
}, async () => {
  const report = await soak({ count: 60, seed: SEED, cacheDir: CACHE })
  assert.deepEqual(report.wrong, [])
  assert.equal(report.good, 30)
})
