import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Allotments, divide, LEND_AFTER_MS } from '../../node/allotments.ts'

describe('slots of several coordinators', () => {
  it('are divided by shares, all of them and no more, with one each at least', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 12 }),
        (slots, shares) => {
          const parts = divide(slots, shares)
          const total = shares.reduce((sum, share) => sum + share, 0)
          assert.ok(
            parts.every((part, at) => part >= 1 && part <= Math.max(1, Math.ceil((slots * (shares[at] as number)) / total))),
          )
          // More than there are only where some would have none.
          assert.ok(parts.reduce((sum, part) => sum + part, 0) >= slots)
          if (shares.every((share) => (slots * share) / total >= 1))
            assert.equal(
              parts.reduce((sum, part) => sum + part, 0),
              slots,
            )
        },
      ),
    )
  })

  it('go to those that are connected, and are lent while one leaves them unused', () => {
    let now = 0
    const allotments = new Allotments(8, () => now)
    allotments.add('a', 3)
    allotments.add('b', 1)
    allotments.connected('a', true)
    assert.equal(allotments.limit('a'), 8)
    allotments.connected('b', true)
    assert.deepEqual([allotments.limit('a'), allotments.limit('b')], [6, 2])
    allotments.asked('a', 6)
    now += LEND_AFTER_MS - 1
    assert.equal(allotments.limit('b'), 2)
    now += 1
    assert.equal(allotments.limit('b'), 8)
    allotments.came('a')
    assert.equal(allotments.limit('b'), 2, 'it uses them again')
    allotments.connected('a', false)
    assert.equal(allotments.limit('b'), 8)
  })

  it('are given to who has had the least for its share, where several wait', () => {
    const allotments = new Allotments(1, () => 0)
    allotments.add('a', 3)
    allotments.add('b', 1)
    const turns = { a: 0, b: 0 }
    for (let turn = 0; turn < 400; turn++) {
      const next = allotments.next(['a', 'b']) as 'a' | 'b'
      turns[next]++
      allotments.spent(next, 1000)
    }
    assert.deepEqual(turns, { a: 300, b: 100 })
  })
})
