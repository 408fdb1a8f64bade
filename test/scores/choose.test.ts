import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  b4Score,
  best,
  codeTScore,
  maxPassScore,
  type Pattern,
  PRIORS,
  type Prior,
  patternsOf,
  type Row,
} from '../../coordinator/results/scores/choose.ts'
import { lnBeta, lnGamma } from '../../coordinator/results/scores/gamma.ts'
import { byHand } from './by-hand.ts'

/** A row from its cells: `1` pass, `0` fail, anything else unknown. */
function rowOf(cells: string): Row {
  const at = (wanted: string) => [...cells].flatMap((cell, test) => (cell === wanted ? [test] : []))
  return { passed: at('1'), failed: at('0') }
}

const matrix = (...rows: string[]) => patternsOf(rows.map(rowOf))
const close = (a: number, b: number, within: number, says = '') => assert.ok(Math.abs(a - b) <= within, `${says} ${a}, ${b}`)
/** Rows, from 1, that a score chooses. */
const chosen = (patterns: readonly Pattern[], score: (pattern: Pattern) => number) =>
  best(patterns, score).chosen.map(({ rows }) => rows.map((row) => row + 1))

describe('ln gamma', () => {
  const known = [
    { x: 0.001, is: 6.907178885383854 },
    { x: 0.3333333333333333, is: 0.9854206469277675 },
    { x: 0.5, is: 0.5723649429247004 },
    { x: 1, is: 0 },
    { x: 2, is: 0 },
    { x: 3.25, is: 0.9358019311087249 },
    { x: 10, is: 12.801827480081469 },
    { x: 100, is: 359.1342053695754 },
    { x: 1000, is: 5905.220423209181 },
    { x: 1e6, is: 12815504.569147611 },
  ]
  for (const { x, is } of known) it(`of ${x}`, () => close(lnGamma(x), is, 1e-13 * Math.max(1, Math.abs(is))))

  it('of whole numbers is the sum of logarithms, and rises as gamma does', () => {
    let sum = 0
    for (let n = 2; n < 400; n++) {
      sum += Math.log(n)
      close(lnGamma(n + 1), sum, 1e-12 * sum, `${n}`)
    }
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e7, noNaN: true }), (x) => {
        close(lnGamma(x + 1), lnGamma(x) + Math.log(x), 1e-13 * Math.max(10, Math.abs(lnGamma(x))), `${x}`)
      }),
    )
  })

  it('is of positive numbers only', () => {
    for (const x of [0, -1, Number.NaN]) assert.throws(() => lnGamma(x), RangeError)
    close(lnBeta(2, 3), -Math.log(12), 1e-13)
  })
})

describe('choosing among plausible translations', () => {
  const fixture = matrix('111100', '111100', '111100', '101011', '110111', '000000')

  it('is as the design says of its example', () => {
    const score = (pattern: Pattern) => b4Score(pattern, fixture, { a: 1, b: 10 })
    assert.deepEqual(chosen(fixture.patterns, maxPassScore), [[5]])
    assert.deepEqual(chosen(fixture.patterns, codeTScore), [[1, 2, 3]])
    assert.deepEqual(chosen(fixture.patterns, score), [[1, 2, 3]])
    close(score(fixture.patterns[0] as Pattern), -28.8266, 5e-5)
    close(score(fixture.patterns[2] as Pattern), -35.8145, 5e-5)
  })

  it('never chooses what passes nothing, and says where several are as good', () => {
    const none = best(matrix('000', '000', '???').patterns, () => 1)
    assert.deepEqual(none, { chosen: [], score: null })
    const mirrored = matrix('1100', '0011', '0000')
    for (const score of [maxPassScore, codeTScore, (one: Pattern) => b4Score(one, mirrored, PRIORS[1] as Prior)])
      assert.deepEqual(chosen(mirrored.patterns, score), [[1], [2]])
  })

  it('does not take unknown for fail', () => {
    const { patterns, tests, translations } = matrix('11?', '110', '11?', '0?1', '???')
    assert.deepEqual([translations, tests], [5, 3])
    assert.deepEqual(
      patterns.map(({ rows, e1, n1, e0, n0 }) => [rows, e1, n1, e0, n0]),
      [
        [[0, 2], 2, 3, 1, 2],
        [[1], 4, 5, 1, 1],
        [[3], 0, 1, 6, 6],
        [[4], 0, 0, 7, 9],
      ],
    )
    // A test of which nothing is known is none.
    assert.equal(matrix('1?', '0?').tests, 1)
  })

  it('equals scores that are worked out cell by cell, and does not depend on the order of rows or tests', () => {
    const cells = fc.integer({ min: 1, max: 7 }).chain((tests) => {
      const row = fc.array(fc.constantFrom('1', '1', '0', '?'), { minLength: tests, maxLength: tests })
      return fc.array(
        row.map((list) => list.join('')),
        { minLength: 1, maxLength: 7 },
      )
    })
    fc.assert(
      fc.property(cells, fc.integer({ min: 0, max: 6 }), (rows, turn) => {
        const found = matrix(...rows)
        const turned = [...rows.slice(turn), ...rows.slice(0, turn)].map((row) => row.slice(turn) + row.slice(0, turn))
        for (const prior of [...PRIORS, { a: 1, b: 10 }]) {
          const scores = new Map(
            found.patterns.map((pattern) => [rows[pattern.rows[0] as number], b4Score(pattern, found, prior)]),
          )
          for (const [row, score] of scores) close(score, byHand(rows, row as string, prior), 1e-6, rows.join(' '))
          const again = matrix(...turned)
          const top = best(found.patterns, (pattern) => b4Score(pattern, found, prior)).score
          const topAgain = best(again.patterns, (pattern) => b4Score(pattern, again, prior)).score
          close(top ?? 0, topAgain ?? 0, 1e-6)
        }
        for (const { rows: same } of found.patterns) assert.equal(new Set(same.map((row) => rows[row])).size, 1)
      }),
      { numRuns: 300 },
    )
  })
})
