import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Lately } from '../../coordinator/work/lately.ts'

const MOST = 4

describe('what came lately', () => {
  it('is at hand, and itself, until as many others came as are remembered', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 80 }), (numbers) => {
        const lately = new Lately<number>(MOST)
        const cameAt = new Map<number, number>()
        for (const [at, number] of numbers.entries()) {
          const found = lately.get(String(number))
          if (at - (cameAt.get(number) ?? Number.NEGATIVE_INFINITY) <= MOST) assert.equal(found, number)
          assert.ok(found === undefined || found === number)
          if (found === undefined) lately.set(String(number), number)
          if (found === undefined) cameAt.set(number, at)
        }
      }),
      { seed: 3 },
    )
  })

  it('is forgotten when twice as many others came', () => {
    const lately = new Lately<number>(MOST)
    for (let number = 0; number < 100; number++) {
      lately.set(String(number), number)
      if (number >= 2 * MOST) assert.equal(lately.get(String(number - 2 * MOST)), undefined)
    }
  })
})
