import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { Random } from './engine/random.ts'
import { page } from './report/page.ts'
import { SCENARIOS } from './scenarios/index.ts'
import { type Result, simulate } from './simulate.ts'

/** The short form: enough to refute a bar that is missed by far, not enough to meet the narrow ones. */
const SHORT_FORM_DECISIONS = 150
/** Most operators of the short form: what comes of 10,000 nodes is for the long one. */
const SHORT_FORM_OPERATORS = 600
/** Scenarios of which more is needed to see anything. */
const LONGER: ReadonlyMap<string, number> = new Map([
  ['majority-2-of-3-n2', 1000],
  ['confidence-20-n2-collusion', 1000],
  ['confidence-20-mixed', 1000],
])

const short = async (name: string, seed = 'short form'): Promise<Result> => {
  const scenario = SCENARIOS.find((one) => one.name === name)
  assert.ok(scenario)
  const { signal } = new AbortController()
  return await simulate(scenario, new Random(seed), {
    decisions: LONGER.get(name) ?? SHORT_FORM_DECISIONS,
    operators: Math.min(scenario.population.operators, SHORT_FORM_OPERATORS),
    signal,
  })
}

for (const { name, says } of SCENARIOS) {
  test(`${name}: ${says}`, async () => {
    const { figures, bars } = await short(name)
    assert.ok(figures.decisions + figures.undecided >= SHORT_FORM_DECISIONS)
    const refuted = bars.filter((bar) => bar.refuted).map((bar) => bar.says)
    assert.equal(figures.unfinished, 0)
    assert.deepEqual(refuted, [], JSON.stringify(figures))
  })
}

test('equal seeds give equal figures', async () => {
  const [one, again, other] = [await short('churn-5'), await short('churn-5'), await short('churn-5', 'another seed')]
  assert.deepEqual(one.figures, again.figures)
  assert.deepEqual(one.progress, again.progress)
  assert.notDeepEqual(one.figures, other.figures)
})

test('the page holds the figures and its script draws a chart of each', async () => {
  const html = await page([await short('churn-5')], 'a <test>')
  assert.ok(html.includes('a &lt;test>'))
  const [library, data, plots] = [...html.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, text]) => text ?? '')
  assert.ok(library?.includes('uPlot'))
  const titles: string[] = []
  class Chart {
    static join = (tables: unknown[]) => tables
    constructor({ title }: { title: string }) {
      titles.push(title)
    }
  }
  runInNewContext(`globalThis.uPlot = Chart; ${plots}`, { Chart, document: { getElementById: () => ({ textContent: data }) } })
  assert.equal(titles.length, 5)
})
