import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kept } from '../../coordinator/http/kept.ts'

/** Answers that count how often they are made, with a clock that is set by hand. */
function counting() {
  const made = { count: 0 }
  const clock = { now: 0 }
  const kept = new Kept<number>(() => clock.now)
  const ask = (key: string, version: number, size: number) => kept.get(key, version, size, async () => ++made.count)
  return { made, clock, ask, kept }
}

test('what was made of the same log is given again; small figures are made anew when it has grown', async () => {
  const { ask } = counting()
  assert.deepEqual([await ask('a', 1, 10), await ask('a', 1, 10), await ask('b', 1, 10)], [1, 1, 2])
  assert.equal(await ask('a', 2, 10), 3)
})

test('large figures are given again for a while, whatever happens meanwhile', async () => {
  const { ask, clock } = counting()
  assert.equal(await ask('a', 1, 100_000), 1)
  clock.now = 14_000
  assert.equal(await ask('a', 2, 100_000), 1)
  clock.now = 16_000
  assert.equal(await ask('a', 2, 100_000), 2)
})

test('who asks while it is made waits for the same, and a failure is nobody else’s', async () => {
  const { kept } = counting()
  const { promise, reject } = Promise.withResolvers<number>()
  const first = kept.get('a', 1, 10, () => promise)
  const second = kept.get('a', 2, 10, async () => assert.fail('made twice'))
  reject(new Error('gone'))
  await assert.rejects(first, /gone/)
  await assert.rejects(second, /gone/)
  assert.equal(await kept.get('a', 2, 10, async () => 7), 7)
})

test('a bounded number is kept: what was made longest ago goes first', async () => {
  const { ask } = counting()
  for (let n = 0; n < 65; n++) await ask(`key ${n}`, 1, 10)
  assert.equal(await ask('key 64', 1, 10), 65)
  assert.equal(await ask('key 0', 1, 10), 66)
})
