import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isAdmitted, isNoAccident, restMs } from '../../coordinator/rules/standing.ts'

describe('what is no accident', () => {
  for (const { id, own, others, accident } of [
    { id: 'one strike, however few answers', own: [1, 1], others: [100_000, 0], accident: true },
    { id: 'two of a thousand', own: [1_000, 2], others: [100_000, 100], accident: true },
    { id: 'four of twenty where others have one of a thousand', own: [20, 4], others: [100_000, 100], accident: false },
    { id: 'four of twenty where others have a tenth', own: [20, 4], others: [1_000, 100], accident: true },
    { id: 'twenty of a thousand of a machine with bad memory', own: [1_000, 20], others: [50_000, 5], accident: false },
    { id: 'no others at all: what is granted to everybody', own: [100, 2], others: [0, 0], accident: true },
  ] as const) {
    it(id, () => {
      const record = ([judged, strikes]: readonly [number, number]) => ({ judged, strikes })
      assert.equal(isNoAccident(record(own), record(others), 1e-3), !accident)
    })
  }
})

describe('the rest after setbacks', () => {
  for (const [setbacks, rest] of [
    [0, 60],
    [1, 60],
    [2, 120],
    [5, 960],
    [20, 86_400],
  ] as const) {
    it(`is ${rest} s after ${setbacks}`, () => assert.equal(restMs(setbacks, { first: 60, longest: 86_400 }), rest))
  }
})

describe('admission', () => {
  for (const { id, admitted, failing, known, is } of [
    { id: 'ten answers, half of them failing', admitted: 10, failing: 5, known: 100, is: true },
    { id: 'nine', admitted: 9, failing: 5, known: 100, is: false },
    { id: 'ten that all succeed, while failing ones are known', admitted: 10, failing: 0, known: 100, is: false },
    { id: 'ten that all succeed, since none is known to fail', admitted: 10, failing: 0, known: 0, is: true },
    { id: 'as many failing ones as are known', admitted: 10, failing: 2, known: 2, is: true },
  ] as const) {
    it(id, () => {
      const own = { admitted, admittedFailing: failing }
      assert.equal(isAdmitted(own, { failing: known }, { answers: 10, failing: 5 }), is)
    })
  }
})
