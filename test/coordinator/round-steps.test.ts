import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ROUND_STEPS, type RoundStanding, type RoundStep } from '../../coordinator/rules/round.ts'

const STANDINGS = {
  open: { state: 'open', paused: false, adding: false },
  'open, paused': { state: 'open', paused: true, adding: false },
  verifying: { state: 'verifying', paused: false, adding: false },
  'verifying, paused': { state: 'verifying', paused: true, adding: false },
  adding: { state: 'verifying', paused: false, adding: true },
  'adding, paused': { state: 'verifying', paused: true, adding: true },
  aggregated: { state: 'aggregated', paused: false, adding: false },
  cancelled: { state: 'cancelled', paused: false, adding: false },
} satisfies Record<string, RoundStanding>
type Name = keyof typeof STANDINGS

const NAMES = Object.keys(STANDINGS) as Name[]
const STEPS = Object.keys(ROUND_STEPS) as RoundStep[]

/** What becomes of each standing, in the order above; null: it cannot be done. */
const TABLE: Record<RoundStep, (Name | null)[]> = {
  add: ['open', 'open, paused', null, null, 'adding', 'adding, paused', null, null],
  seal: ['verifying', 'verifying, paused', 'verifying', 'verifying, paused', 'verifying', 'verifying, paused', null, null],
  extend: [null, null, 'adding', 'adding, paused', null, null, null, null],
  pause: [
    'open, paused',
    'open, paused',
    'verifying, paused',
    'verifying, paused',
    'adding, paused',
    'adding, paused',
    null,
    null,
  ],
  resume: ['open', 'open', 'verifying', 'verifying', 'adding', 'adding', null, null],
  cancel: ['cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled', null, 'cancelled'],
  complete: [null, null, 'aggregated', 'aggregated', null, null, null, null],
  rerun: [null, null, null, null, null, null, 'aggregated', 'cancelled'],
}

describe('what can be done with a round', () => {
  for (const step of STEPS) {
    it(step, () => {
      for (const [at, name] of NAMES.entries()) {
        const next = TABLE[step][at]
        const expected = next === null || next === undefined ? null : STANDINGS[next]
        assert.deepEqual(ROUND_STEPS[step](STANDINGS[name]), expected, `${step} of one that is ${name}`)
      }
    })
  }
})
