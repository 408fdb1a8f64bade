import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Intake } from '../../coordinator/rounds/intake.ts'
import { TASK_BYTES, TASKS_SHARE, tasksThatFit } from '../../coordinator/rounds/room.ts'
import { Fixture, makeCase } from '../http/fixture.ts'

describe('memory for rounds under way', () => {
  it('is a share of what the engine may take', () => {
    assert.equal(tasksThatFit((TASK_BYTES * 1000) / TASKS_SHARE), 1000)
    assert.ok(tasksThatFit() > 10_000)
  })

  it('is kept: cases beyond it are refused, for good where one round is too large, until others have ended else', async () => {
    await using fixture = await Fixture.open()
    const { ledger } = fixture
    const clock = { now: () => Date.UTC(2026, 1, 1) }
    const intake = new Intake({ ledger, clock }, { mostTasks: 6 })
    const cases = (name: string, count: number) =>
      Array.from({ length: count }, (_, n) =>
        makeCase({ cpp: `void f() { /* ${name} ${n} */ }`, cuda: `void k() { /* ${name} ${n} */ }` }),
      )
    const one = await fixture.openRound('one')
    const two = await fixture.openRound('two')
    const add = (round: string, name: string, count: number) =>
      intake.add('researcher', { t: 'cases', round, from: 0, cases: cases(name, count) })
    assert.equal(await add(one, 'one', 2), 2)
    await assert.rejects(add(two, 'two', 2), {
      code: 'unavailable',
      message: /memory for 6 tasks .* when other rounds have ended/,
    })
    await assert.rejects(add(two, 'two', 4), { code: 'limit', message: /this round alone has 8 so far: make several rounds/ })
    assert.equal(ledger.state.rounds.get(two)?.size, 0)
    assert.equal(await add(two, 'two', 1), 1)
    await intake.cancel('researcher', one)
    assert.equal(ledger.state.tasks.size, 6)
  })
})
