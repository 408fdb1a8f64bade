import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { intervals, MAX_RESAMPLED } from '../../coordinator/results/scores/bootstrap.ts'
import { meanPassAtK, passAtK } from '../../coordinator/results/scores/pass-at-k.ts'
import { passCurve as curveOf, SampleClasses } from '../../coordinator/results/scores/pass-curve.ts'
import { seeded } from '../support/seeded.ts'

const passCurve = (problems: Parameters<typeof SampleClasses.of>[0], ks?: number[]) => curveOf(SampleClasses.of(problems), ks)
const samples = (n: number, correct: number) => ({ problem: 'p', n, correct })
const close = (a: number, b: number, within: number, says?: string) => assert.ok(Math.abs(a - b) <= within, `${says}: ${a}, ${b}`)

/** The share of all ways to draw k of n samples, the first c of which are correct, that draw a correct one. */
function byHand(n: number, c: number, k: number): number {
  let [ways, good] = [0, 0]
  for (let drawn = 0; drawn < 1 << n; drawn++) {
    const chosen = Array.from({ length: n }, (_, at) => at).filter((at) => drawn & (1 << at))
    if (chosen.length !== k) continue
    ways++
    if (chosen.some((at) => at < c)) good++
  }
  return good / ways
}

describe('pass@k', () => {
  const rows = [
    { id: 'one of one', n: 1, c: 1, k: 1, is: 1 },
    { id: 'none', n: 20, c: 0, k: 10, is: 0 },
    { id: 'k = 1 is the share', n: 20, c: 3, k: 1, is: 0.15 },
    { id: '1 - C(17,10)/C(20,10)', n: 20, c: 3, k: 10, is: 1 - 19_448 / 184_756 },
    { id: 'more drawn than wrong ones there are', n: 5, c: 3, k: 3, is: 1 },
    { id: 'C(2000, 1000) is no double', n: 2000, c: 1, k: 1000, is: 0.5 },
  ]
  for (const { id, n, c, k, is } of rows) it(id, () => close(passAtK(samples(n, c), k), is, 1e-12, id))

  it('is the share of all draws', () => {
    for (let n = 1; n <= 8; n++)
      for (let c = 0; c <= n; c++)
        for (let k = 1; k <= n; k++) close(passAtK(samples(n, c), k), byHand(n, c, k), 1e-12, `${n} ${c} ${k}`)
  })

  it('lies between 0 and 1, and grows with k and with correct samples', () => {
    const cases = fc
      .integer({ min: 2, max: 300 })
      .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 }), fc.integer({ min: 1, max: n - 1 })))
    fc.assert(
      fc.property(cases, ([n, c, k]) => {
        const value = passAtK(samples(n, c), k)
        assert.ok(value >= 0 && value <= 1)
        assert.ok(passAtK(samples(n, c), k + 1) >= value - 1e-12)
        assert.ok(passAtK(samples(n, c + 1), k) >= value - 1e-12)
      }),
    )
  })

  it('refuses a k that is more than a problem has samples, naming it', () => {
    const problems = [samples(20, 3), { problem: 'short "one"', n: 5, correct: 5 }]
    const refused = { code: 'samples', message: 'pass@6: problem "short \\"one\\"" has only 5 samples; k may be 5 at most' }
    assert.throws(() => meanPassAtK(problems, 6), refused)
    assert.equal(meanPassAtK(problems, 5) > 0, true)
    for (const k of [0, -1, 1.5, Number.NaN]) assert.throws(() => passAtK(samples(3, 1), k), { code: 'samples' })
    assert.throws(() => meanPassAtK([], 1), { code: 'samples' })
  })
})

describe('the curve', () => {
  const counts = (n: number, correct: number, open = 0) => ({ problem: 'p', n, correct, open })

  it('goes as far as every problem has samples, each problem weighing the same', () => {
    const { largestK, values, ...rest } = passCurve([counts(10, 10), counts(4, 1, 2)])
    assert.equal(largestK, 4)
    assert.deepEqual(
      values.map(({ k }) => k),
      [1, 2, 3, 4],
    )
    assert.deepEqual([values[0]?.value, values[0]?.atMost], [0.625, 0.875])
    assert.deepEqual([rest.problems, rest.samples, rest.correct, rest.open], [2, 14, 11, 2])
    assert.throws(() => passCurve([counts(10, 10), counts(4, 1)], [1, 5]), { code: 'samples' })
    assert.deepEqual(passCurve([]).values, [])
  })

  it('has no interval from one problem, and the same one whatever the order of problems', () => {
    assert.deepEqual(passCurve([counts(4, 1)]).values[0], { k: 1, value: 0.25, low: null, high: null, atMost: 0.25 })
    const problems = Array.from({ length: 30 }, (_, at) => counts(5, at % 4))
    assert.deepEqual(passCurve(problems), passCurve(problems.toReversed()))
  })
})

describe('intervals by bootstrap', () => {
  /** Of figures that are 0 or 1. */
  const ofShare = (wrong: number, right: number) => intervals([[0], [1]], [wrong, right])[0]

  it('of two things is from one to the other', () => assert.deepEqual(ofShare(1, 1), { low: 0, high: 1 }))

  it('of all alike has no width; of one thing there is none', () => {
    assert.deepEqual(ofShare(0, 9), { low: 1, high: 1 })
    assert.equal(ofShare(0, 1), null)
    assert.deepEqual(intervals([], []), [])
  })

  it('goes over into the normal one, which it is close to before', () => {
    for (const things of [1000, MAX_RESAMPLED, MAX_RESAMPLED + 1]) {
      const interval = ofShare(Math.floor(things * 0.7), Math.ceil(things * 0.3))
      const reach = 1.96 * Math.sqrt(0.21 / things)
      close(interval?.low ?? 0, 0.3 - reach, 0.15 * reach, `${things}`)
      close(interval?.high ?? 0, 0.3 + reach, 0.15 * reach, `${things}`)
    }
  })

  it('holds the truth about as often as it says', () => {
    const random = seeded(11)
    let held = 0
    for (let trial = 0; trial < 300; trial++) {
      const right = Array.from({ length: 60 }, random).filter((drawn) => drawn < 0.4).length
      const interval = ofShare(60 - right, right)
      if ((interval?.low ?? 1) <= 0.4 && (interval?.high ?? 0) >= 0.4) held++
    }
    assert.ok(held >= 270 && held <= 297, `${held} of 300`)
  })
})
