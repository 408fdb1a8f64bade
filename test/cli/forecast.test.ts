import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Forecast } from '../../bin/flow/forecast.ts'
import { outlookWords, span } from '../../bin/flow/words.ts'
import { seeded } from '../support/seeded.ts'

/** Cases judged by chance, `pace` a second on the average, for so many seconds. */
function played(seconds: number, pace: number, random: () => number): { forecast: Forecast; judged: number } {
  const forecast = new Forecast()
  let judged = 0
  for (let at = 0; at <= seconds; at++) {
    forecast.note(at * 1000, judged)
    for (let step = 0; step < 100; step++) if (random() < pace / 100) judged++
  }
  return { forecast, judged }
}

describe('how long a round may still take', () => {
  it('lies in what is said in at least nine of ten rounds that go on as they did', () => {
    let inside = 0
    for (let seed = 1; seed <= 200; seed++) {
      const { forecast } = played(300, 2, seeded(seed))
      const { remaining } = forecast.outlook(1000)
      assert.ok(remaining !== null && remaining.mostMs !== null)
      assert.ok(remaining.leastMs < remaining.ms && remaining.ms < remaining.mostMs)
      if (remaining.leastMs <= 500_000 && 500_000 <= remaining.mostMs) inside++
    }
    assert.ok(inside >= 180, `${inside} of 200`)
  })

  it('is wider where the pace changes', () => {
    const steady = new Forecast()
    const unsteady = new Forecast()
    for (let at = 0; at <= 600; at++) {
      steady.note(at * 1000, at)
      unsteady.note(at * 1000, 60 * Math.floor(at / 60))
    }
    const width = (forecast: Forecast) => {
      const { remaining } = forecast.outlook(600)
      return (remaining?.mostMs ?? Infinity) - (remaining?.leastMs ?? 0)
    }
    assert.ok(width(unsteady) > width(steady))
  })

  it('is not said of too little', () => {
    const forecast = new Forecast()
    const unknown = { casesPerHour: null, remaining: null }
    assert.deepEqual(forecast.outlook(5), unknown)
    for (let at = 0; at <= 9; at++) forecast.note(at * 1000, 10 * at)
    assert.deepEqual(forecast.outlook(5), unknown, 'nine seconds')
    forecast.reset()
    for (let at = 0; at <= 100; at++) forecast.note(at * 1000, at < 90 ? 0 : 4)
    assert.deepEqual(forecast.outlook(5), unknown, 'four cases')
  })

  it('keeps a bounded number of samples, and still knows the pace', () => {
    const forecast = new Forecast()
    for (let at = 0; at < 100_000; at++) forecast.note(at * 1000, 3 * at)
    const { casesPerHour } = forecast.outlook(1)
    assert.ok(casesPerHour !== null && Math.abs(casesPerHour - 3 * 3600) < 1)
  })

  it('is said in words', () => {
    const rows: [ms: number, words: string][] = [
      [400, '0 s'],
      [45_000, '45 s'],
      [99_600, '2 min'],
      [720_000, '12 min'],
      [3 * 3_600_000, '3 h'],
      [3 * 3_600_000 + 7 * 60_000, '3 h 7 min'],
      [52 * 3_600_000, '2 d 4 h'],
    ]
    for (const [ms, words] of rows) assert.equal(span(ms), words)
    const remaining = { ms: 720_000, leastMs: 540_000, mostMs: 960_000 }
    assert.equal(outlookWords({ casesPerHour: 300, remaining }), '300 cases an hour, about 12 min to go (9 min to 16 min)')
    const unsure = { ...remaining, mostMs: null }
    assert.equal(
      outlookWords({ casesPerHour: 300, remaining: unsure }),
      '300 cases an hour, about 12 min to go (9 min or much more)',
    )
  })
})
