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
    // Two rounds that are still being sent would wait for each other.
    await assert.rejects(add(two, 'two', 2), { code: 'limit', message: /memory for 6 tasks .* come to 8: make several rounds/ })
    await intake.seal('researcher', { t: 'seal', round: one, total: 2 })
    await assert.rejects(add(two, 'two', 2), {
      code: 'unavailable',
      message: /memory for 6 tasks .* when other rounds have ended/,
    })
    assert.equal(ledger.state.rounds.get(two)?.size, 0)
    assert.equal(await add(two, 'two', 1), 1)
    // What is there already takes nothing more.
    const same = await fixture.openRound('same')
    assert.equal(await add(same, 'one', 2), 2)
    await assert.rejects(add(same, 'one', 3), { code: 'unavailable' })
  })

  it('is counted with all passes a case may come to, though they are not tasks yet', async () => {
    await using fixture = await Fixture.open()
    const { state } = fixture.ledger
    const round = await fixture.openRound('strict', { rule: 'strict', passes: ['isolated', 'sanitized'] })
    const add = (mostTasks: number) =>
      new Intake({ ledger: fixture.ledger, clock: { now: () => 1 } }, { mostTasks }).add('researcher', {
        ...{ t: 'cases', round, from: 0, cases: [makeCase({})] },
      })
    await assert.rejects(add(5), { code: 'limit', message: /come to 6/ })
    assert.equal(await add(6), 1)
    assert.deepEqual([state.tasks.size, state.needed], [2, 6])
  })
})
