import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  answersLacking,
  batchCredibility,
  binomialTail,
  checksNeeded,
  groupConfidences,
  historyCredibility,
  oddsOf,
  strangersNeeded,
} from '../../coordinator/rules/credibility.ts'

const GROUPS = [
  { id: 'two newcomers agree, f = .2', f: 0.2, groups: [[0, 0]], confidence: 0.9412 },
  { id: 'two agree after 5 checks each, f = .2', f: 0.2, groups: [[5, 5]], confidence: 0.99827 },
  { id: 'two against one after 10 checks each, f = .2', f: 0.2, groups: [[10, 10], [10]], confidence: 0.9796 },
  { id: 'one alone is as good as its history', f: 0.1, groups: [[100]], confidence: 0.999 },
  { id: 'one against one is worth little', f: 0.1, groups: [[0], [0]], confidence: 0.4737 },
] as const

describe('the confidence of groups', () => {
  for (const { id, f, groups, confidence } of GROUPS) {
    it(id, () => {
      const odds = groups.map((passed) => oddsOf(passed.map((checks) => historyCredibility(f, checks))))
      assert.ok(Math.abs((groupConfidences(odds)[0] as number) - confidence) < 5e-5, String(groupConfidences(odds)))
    })
  }

  it('equals what counting all ways in which answers can be right gives', () => {
    const credibility = fc.double({ min: 0.05, max: 0.999, noNaN: true })
    const groups = fc.array(fc.array(credibility, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(groups, (given) => {
        const said = groupConfidences(given.map(oddsOf))
        bruteForce(given).forEach((truth, at) => {
          assert.ok(Math.abs((said[at] as number) - truth) < 1e-9)
        })
      }),
      { seed: 11 },
    )
  })

  it('says how many answers are lacking: one fewer does not do', () => {
    const f = fc.double({ min: 0.01, max: 0.4, noNaN: true })
    const theta = fc.double({ min: 0.6, max: 0.9999, noNaN: true })
    fc.assert(
      fc.property(f, theta, fc.nat(3), fc.nat(2), (share, wanted, agreeing, against) => {
        const policy = { theta: wanted, f: share }
        const odds = (answers: number) => oddsOf(Array(answers).fill(1 - share))
        const others = against === 0 ? 0 : odds(against)
        const reached = (more: number) => odds(agreeing + more) / (1 + odds(agreeing + more) + others) >= wanted
        const lacking = answersLacking(policy, odds(agreeing), others)
        assert.ok(reached(lacking))
        if (lacking > 0) assert.ok(!reached(lacking - 1))
      }),
      { seed: 12 },
    )
  })

  for (const { f, theta, strangers } of [
    { f: 0.05, theta: 0.999, strangers: 3 },
    { f: 0.1, theta: 0.999, strangers: 4 },
    { f: 0.2, theta: 0.999, strangers: 5 },
    { f: 0.35, theta: 0.99, strangers: 8 },
  ]) {
    it(`takes ${strangers} strangers to reach ${theta} at f = ${f}`, () => assert.equal(strangersNeeded({ f, theta }), strangers))
  }
})

describe('checks of a batch', () => {
  for (const { f, theta, checks } of [
    { f: 0.05, theta: 0.999, checks: 21 },
    { f: 0.2, theta: 0.999, checks: 115 },
    { f: 0.1, theta: 0.999, checks: 46 },
    { f: 0.35, theta: 0.99, checks: 31 },
  ]) {
    it(`are ${checks} at f = ${f} for ${theta}`, () => {
      assert.equal(checksNeeded(f, theta), checks)
      assert.ok(batchCredibility(f, checks) >= theta)
      assert.ok(batchCredibility(f, checks - 1) < theta)
    })
  }

  it('leave no share of lies that pays: the chance that a standing answer is a lie is under the bound for each', () => {
    for (const f of [0.05, 0.1, 0.2, 0.35]) {
      for (const checks of [1, 5, 21, 115]) {
        for (let share = 0.0005; share <= 1; share += 0.0005) {
          const survives = (1 - share * (1 - f)) ** checks
          const lie = (f * survives * share) / (f * survives + 1 - f)
          assert.ok(lie <= 1 - batchCredibility(f, checks), `f ${f}, ${checks} checks, lies in ${share}`)
        }
      }
    }
  })
})

describe('the tail of a binomial', () => {
  it('equals the sum of its terms', () => {
    for (const [hits, draws, p] of [
      [3, 10, 0.3],
      [1, 50, 0.001],
      [0, 5, 0.5],
      [7, 7, 0.9],
    ] as const) {
      let sum = 0
      for (let k = hits; k <= draws; k++) sum += ways(draws, k) * p ** k * (1 - p) ** (draws - k)
      assert.ok(Math.abs(binomialTail(hits, draws, p) - sum) < 1e-12, `${hits} of ${draws}`)
    }
  })

  for (const { id, hits, draws, p, accident } of [
    { id: 'one strike is an accident', hits: 1, draws: 100, p: 0.001, accident: true },
    { id: 'three of three are none', hits: 3, draws: 3, p: 0.001, accident: false },
    { id: 'a tenth of ten thousand is what a tenth explains', hits: 1_000, draws: 10_000, p: 0.1, accident: true },
    { id: 'and a sixth is not', hits: 1_700, draws: 10_000, p: 0.1, accident: false },
  ]) {
    it(id, () => assert.equal(binomialTail(hits, draws, p) >= 1e-6, accident))
  }
})

/** Every answer is right or not, on its own; kept are the worlds in which the right ones are one whole group, or none. */
function bruteForce(groups: readonly (readonly number[])[]): number[] {
  const answers = groups.flatMap((group, at) => group.map((credibility) => ({ at, credibility })))
  const mass = groups.map(() => 0)
  let all = 0
  for (let world = 0; world < 2 ** answers.length; world++) {
    const right = answers.filter((_, n) => (world >> n) & 1)
    const chance = answers.reduce(
      (product, { credibility }, n) => product * ((world >> n) & 1 ? credibility : 1 - credibility),
      1,
    )
    const named = new Set(right.map(({ at }) => at))
    const [at] = named
    if (named.size > 1 || (at !== undefined && right.length !== groups[at]?.length)) continue
    all += chance
    if (at !== undefined) mass[at] = (mass[at] as number) + chance
  }
  return mass.map((one) => one / all)
}

function ways(n: number, k: number): number {
  let found = 1
  for (let i = 1; i <= k; i++) found = (found * (n - k + i)) / i
  return found
}
