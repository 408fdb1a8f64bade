import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Breath } from '../../coordinator/breath.ts'

const SLICE_MS = 4

/** A clock that goes on when somebody says that he worked. */
function clockOf(t: TestContext): { ms: number } {
  const clock = { ms: 1_000 }
  t.mock.method(performance, 'now', () => clock.ms)
  return clock
}

/** Others, who work for so long in every turn of the event loop until they are stopped. */
function others(t: TestContext, clock: { ms: number }, turnMs: number): { turns: number } {
  const done = { turns: 0 }
  let next = setImmediate(function work() {
    done.turns++
    clock.ms += turnMs
    next = setImmediate(work)
  })
  t.after(() => clearImmediate(next))
  return done
}

for (const [what, turnMs, turns] of [
  ['while others have something to do, they have three times as long between two slices', 2, 6],
  ['where they have next to nothing to do it goes on after one turn', 0.5, 1],
] as const) {
  test(what, async (t) => {
    const clock = clockOf(t)
    const breath = new Breath(SLICE_MS)
    const done = others(t, clock, turnMs)
    for (let slices = 1; slices <= 5; slices++) {
      clock.ms += SLICE_MS
      await breath.take()
      assert.equal(done.turns, turns * slices)
    }
  })
}

test('it does not wait for ever for others who take long', async (t) => {
  const clock = clockOf(t)
  const breath = new Breath(SLICE_MS)
  const done = others(t, clock, 60_000)
  clock.ms += SLICE_MS
  await breath.take()
  assert.equal(done.turns, 1)
})

test('nobody is let in before the slice is over', async (t) => {
  const clock = clockOf(t)
  const breath = new Breath(SLICE_MS)
  const done = others(t, clock, 2)
  for (let steps = 0; steps < SLICE_MS - 1; steps++) {
    clock.ms += 1
    await breath.take()
  }
  assert.equal(done.turns, 0)
  await turn()
  assert.equal(done.turns, 1)
})
