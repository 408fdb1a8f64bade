import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Underway } from '../../sandbox/executor/underway.ts'

const never = () => new AbortController().signal
const all = () => true

test('work of one name is done once for all who ask while it lasts', async () => {
  const underway = new Underway<number>()
  const { promise, resolve } = Promise.withResolvers<number>()
  let calls = 0
  const ask = () =>
    underway.once(
      'a',
      () => {
        calls += 1
        return promise
      },
      { signal: never(), forAll: all },
    )
  const asked = [ask(), ask(), ask()]
  resolve(7)
  assert.deepEqual(await Promise.all(asked), [7, 7, 7])
  assert.equal(calls, 1)
  assert.equal(await ask(), 7)
  assert.equal(calls, 2, 'later it is done anew')
})

test('who waits takes over from one that failed, and from a result that is not for others', async () => {
  const underway = new Underway<string>()
  const failing = underway.once('a', () => Promise.reject(new Error('mine')), { signal: never(), forAll: all })
  const after = underway.once('a', async () => 'own', { signal: never(), forAll: all })
  await assert.rejects(failing, /mine/)
  assert.equal(await after, 'own')
  const options = { signal: never(), forAll: (result: string) => result !== 'limit' }
  const limited = underway.once('b', async () => 'limit', options)
  assert.deepEqual(await Promise.all([limited, underway.once('b', async () => 'own', options)]), ['limit', 'own'])
})

test('who waits may stop waiting', async () => {
  const underway = new Underway<number>()
  const { promise, resolve } = Promise.withResolvers<number>()
  const first = underway.once('a', () => promise, { signal: never(), forAll: all })
  const stop = new AbortController()
  const second = underway.once('a', async () => 0, { signal: stop.signal, forAll: all })
  stop.abort(new Error('enough'))
  await assert.rejects(second, /enough/)
  resolve(1)
  assert.equal(await first, 1)
})
