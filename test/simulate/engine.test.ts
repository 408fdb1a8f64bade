import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { EventQueue } from './engine/queue.ts'
import { Random } from './engine/random.ts'

test('things happen in order of time, and of those at the same time in the order they were scheduled', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 20 })), async (delays) => {
      const queue = new EventQueue(0)
      const happened: [number, number][] = []
      for (const [order, delay] of delays.entries()) queue.after(delay, () => void happened.push([delay, order]))
      while (queue.size > 0) await queue.step()
      assert.deepEqual(
        happened,
        delays.map((delay, order): [number, number] => [delay, order]).sort(([a, x], [b, y]) => a - b || x - y),
      )
      assert.equal(queue.now(), Math.max(0, ...delays))
    }),
  )
})

test('a part of a random source is the same whatever was drawn of the whole', () => {
  const [one, other] = [new Random('seed'), new Random('seed')]
  one.uniform()
  const draws = (random: Random) => Array.from({ length: 5 }, () => random.split('part').uniform())
  assert.deepEqual(draws(one), draws(other))
  assert.notDeepEqual(draws(one), draws(new Random('another')))
  assert.notEqual(one.split('a').uniform(), one.split('b').uniform())
})
