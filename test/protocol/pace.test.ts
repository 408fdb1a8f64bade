import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pace } from '../../protocol/index.ts'

describe('a pace', () => {
  it('lets so many a second through, whenever they come, and a second of them at once', () => {
    let now = 0
    const pace = new Pace(20, () => now)
    let through = 0
    const admitted: number[] = []
    for (; now < 5_000; now += 10) {
      // A flood: ten at every look.
      for (let n = 0; n < 10; n++) {
        if (!pace.take()) continue
        through++
        admitted.push(now)
      }
      assert.ok(through <= 20 + (now / 1000) * 20, `${through} in ${now} ms`)
    }
    assert.ok(through >= 20 + 4.9 * 20, `${through} in all: whoever waits gets his turn`)
    for (const at of admitted) {
      const within = admitted.filter((other) => other >= at && other < at + 1_000).length
      assert.ok(within <= 40, `${within} in the second from ${at}`)
    }
  })

  it('saves nothing up beyond a second', () => {
    let now = 0
    const pace = new Pace(5, () => now)
    now = 3_600_000
    const through = Array.from({ length: 20 }, () => pace.take()).filter(Boolean).length
    assert.equal(through, 5)
  })

  it('of less than one a second there is one now and then', () => {
    let now = 0
    const pace = new Pace(0.5, () => now)
    assert.equal(pace.take(), true)
    assert.equal(pace.take(), false)
    now = 2_000
    assert.equal(pace.take(), true)
  })
})
