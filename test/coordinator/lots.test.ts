import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Census } from '../../coordinator/dispatch/census.ts'
import { inRandomOrder, sample } from '../../coordinator/dispatch/invitations.ts'
import { seeded } from '../support/seeded.ts'

describe('drawing by lot', () => {
  it('a census holds who has a node there, whatever comes and goes', () => {
    const step = fc.record({ operator: fc.constantFrom('a', 'b', 'c', 'd'), comes: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const census = new Census()
        const nodes = new Map<string, number>()
        for (const { operator, comes } of steps) {
          if (comes) census.add(operator)
          else census.delete(operator)
          nodes.set(operator, Math.max(0, (nodes.get(operator) ?? 0) + (comes ? 1 : -1)))
          const there = [...nodes].filter(([, count]) => count > 0).map(([name]) => name)
          assert.deepEqual([...census.operators].sort(), there.sort())
        }
      }),
    )
  })

  it('takes everybody once, and a sample is as many as were asked for', () => {
    const random = below(1)
    const items = Array.from({ length: 40 }, (_, at) => at)
    assert.deepEqual(
      [...inRandomOrder(items, random)].sort((a, b) => a - b),
      items,
    )
    assert.equal(new Set(sample(items, 7, random)).size, 7)
    assert.equal(sample(items, 50, random).length, 40)
    assert.deepEqual(sample(items, 0, random), [])
  })

  it('every pair is alike likely', () => {
    const random = below(2)
    const counts = new Map<string, number>()
    const draws = 20_000
    for (let draw = 0; draw < draws; draw++) {
      const pair = sample('abcde', 2, random).sort().join('')
      counts.set(pair, (counts.get(pair) ?? 0) + 1)
    }
    const expected = draws / 10
    const distance = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    assert.equal(counts.size, 10)
    // Chi square of nine degrees of freedom: exceeded by chance once in a million draws like this one, and the seed is fixed.
    assert.ok(distance < 44, `chi square ${distance}`)
  })
})

function below(seed: number): (limit: number) => number {
  const random = seeded(seed)
  return (limit) => Math.floor(random() * limit)
}
