import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Throttle } from '../../sandbox/jail/throttle.ts'
import { measureForeground } from '../bench/foreground.ts'
import { plainSandbox, runOne } from './fixture.ts'

describe('a share of the time', () => {
  /** Runs a throttle by a clock of its own; returns what one target saw each tenth of a second. */
  function course(t: import('node:test').TestContext, share: number, tenths: number): boolean[] {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let now = 0
    const throttle = new Throttle(() => now)
    throttle.share = share
    let runs = true
    const leave = throttle.join({
      suspend: () => {
        runs = false
      },
      resume: () => {
        runs = true
      },
    })
    const seen = Array.from({ length: tenths }, () => {
      const before = runs
      now += 100
      t.mock.timers.tick(100)
      return before
    })
    leave()
    assert.ok(runs, 'who leaves goes on')
    return seen
  }

  it('is kept over every second', (t) => {
    for (const share of [0.1, 0.3, 0.5, 0.9]) {
      const seen = course(t, share, 100)
      assert.equal(seen.filter(Boolean).length, Math.round(share * 100), String(share))
      t.mock.timers.reset()
    }
  })

  it('is all of it where nothing is said', (t) => {
    assert.ok(course(t, 1, 30).every(Boolean))
  })

  it('holds those that come while all stand, and lets them go when it is all again', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let now = 700
    const throttle = new Throttle(() => now)
    throttle.share = 0.5
    const words: string[] = []
    throttle.join({ suspend: () => words.push('stand'), resume: () => words.push('go') })
    assert.deepEqual(words, ['stand'])
    throttle.share = 1
    assert.deepEqual(words, ['stand', 'go'])
    now = 5_000
    t.mock.timers.tick(5_000)
    assert.deepEqual(words, ['stand', 'go'])
  })
})

/** Counts the time that it got, by the processor's clock, until it has had some; the wall's clock goes on meanwhile. */
const SPIN =
  '#include <chrono>\n#include <ctime>\nint spin(int ms) { auto from = std::chrono::steady_clock::now(); while (std::clock() < ms * 1000L) {} return (std::chrono::steady_clock::now() - from) / std::chrono::milliseconds(1); }'

describe('programs in a jail', () => {
  it('run for a share of the time, all their processes; their wall time stands meanwhile', async (t) => {
    const sandbox = await plainSandbox({ nvcc: 'never', gpu: 'never' })
    t.after(() => sandbox.hold?.({ cpu: 1, gpu: 1 }))
    sandbox.hold?.({ cpu: 0.2, gpu: 1 })
    // More of the processor than one second's share, so that it has to stand at least once, for most of a second.
    const run = await runOne(
      sandbox,
      'wrapper(spin, 500);',
      { wallMs: 60_000, memoryBytes: 128 * 1024 ** 2, outputBytes: 1024 },
      SPIN,
    )
    assert.equal(run.status, 'success', run.detail)
    const byItself = Number(/\d+/.exec(run.text)?.[0])
    assert.ok(byItself - run.wallMs >= 700, `it saw ${byItself} ms go by, of which ${run.wallMs} count`)
  })

  it('that do not end are ended by their wall time all the same', async (t) => {
    const sandbox = await plainSandbox({ nvcc: 'never', gpu: 'never' })
    t.after(() => sandbox.hold?.({ cpu: 1, gpu: 1 }))
    sandbox.hold?.({ cpu: 0.3, gpu: 1 })
    const began = performance.now()
    const limits = { wallMs: 1_500, memoryBytes: 128 * 1024 ** 2, outputBytes: 1024 }
    const run = await runOne(sandbox, 'wrapper(spin, 1000000);', limits, SPIN)
    assert.equal(run.status, 'timeout')
    // 1.5 s of which each second has three tenths: four times it stood for 0.7 s.
    assert.ok(performance.now() - began >= 1_500 + 4 * 700)
  })

  it('leave a busy program of the owner nearly all of a processor', async () => {
    const { ownerShare } = await measureForeground(true, 100)
    assert.ok(ownerShare > 0.9, String(ownerShare))
  })
})
