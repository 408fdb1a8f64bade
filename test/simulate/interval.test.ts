import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lower95, upper95 } from './measure/interval.ts'

/** Of the tables that go with Clopper and Pearson's paper, and of no hit the closed form 1 - 0.025^(1/n). */
const KNOWN = [
  { id: 'none of 10', hits: 0, draws: 10, lower: 0, upper: 0.3085 },
  { id: 'one of 10', hits: 1, draws: 10, lower: 0.0025, upper: 0.445 },
  { id: 'half of 10', hits: 5, draws: 10, lower: 0.1871, upper: 0.8129 },
  { id: 'all of 10', hits: 10, draws: 10, lower: 0.6915, upper: 1 },
  { id: '10 of 100', hits: 10, draws: 100, lower: 0.049, upper: 0.1762 },
  { id: 'none of 30,000', hits: 0, draws: 30_000, lower: 0, upper: 1 - 0.025 ** (1 / 30_000) },
]

test('the exact 95 % interval of a share', () => {
  for (const { id, hits, draws, lower, upper } of KNOWN) {
    assert.ok(Math.abs(lower95(hits, draws) - lower) < 1e-4, `${id}: ${lower95(hits, draws)}`)
    assert.ok(Math.abs(upper95(hits, draws) - upper) < (draws > 1000 ? 1e-9 : 1e-4), `${id}: ${upper95(hits, draws)}`)
  }
})
