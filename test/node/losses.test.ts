import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, LOST_IN_A_ROW, Losses } from '../../node/losses.ts'

describe('a node that loses one task after the other', () => {
  it('pauses itself, says why and until when, and for longer each time', () => {
    let now = 1_000
    const losses = new Losses(() => now)
    for (let n = 1; n < LOST_IN_A_ROW; n++) assert.equal(losses.lost('jail'), null)
    losses.kept()
    for (let n = 1; n < LOST_IN_A_ROW; n++) assert.equal(losses.lost('jail'), null)
    const pause = losses.lost('no jail could be made')
    assert.deepEqual([pause?.since, pause?.until], [1_000, 1_000 + FIRST_PAUSE_MS])
    assert.match(pause?.why ?? '', /5 tasks in a row were lost, the last one: no jail could be made/)
    assert.equal(losses.lost('what ran meanwhile'), null, 'one pause at a time')
    now += FIRST_PAUSE_MS
    assert.equal(losses.pause, null)
    const lengths: number[] = []
    for (let n = 0; n < 8; n++) {
      let next = null
      while (next === null) next = losses.lost('jail')
      lengths.push(next.until - next.since)
      now = next.until
    }
    assert.deepEqual(lengths.slice(0, 2), [2 * FIRST_PAUSE_MS, 4 * FIRST_PAUSE_MS])
    assert.equal(lengths.at(-1), LONGEST_PAUSE_MS)
  })

  it('goes on when its owner wants it to', () => {
    const losses = new Losses(() => 0)
    for (let n = 0; n < LOST_IN_A_ROW; n++) losses.lost('disk')
    assert.notEqual(losses.pause, null)
    losses.resume()
    assert.equal(losses.pause, null)
    assert.equal(losses.lost('disk'), null)
  })
})
