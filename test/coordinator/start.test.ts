import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { Intake } from '../../coordinator/rounds/intake.ts'
import { JudgementWord } from '../../protocol/index.ts'
import { FedLedger } from '../bench/store/feed.ts'
import { dump } from '../support/dump.ts'
import { scratch } from '../support/scratch.ts'

/** A round that was closed, and one of which half is answered. */
async function fedLedger(t: TestContext): Promise<FedLedger> {
  const fed = await FedLedger.open(join(await scratch(t), 'log'))
  t.after(() => fed.close())
  await fed.round('first', 400)
  await fed.rest()
  await fed.begin('second', 200)
  await fed.answer('second', 0, 100)
  return fed
}

/** What a start must find again. */
function facts({ ledger: { state } }: FedLedger) {
  const { totals, rounds, closedRounds, tasks, nodes, wanting } = state
  const counted = [...closedRounds.values(), ...rounds.values()].map(({ id, state: at, size, judged, counts }) => [
    id,
    at,
    size,
    judged,
    counts,
  ])
  return { totals, counted, tasks: [...tasks.keys()], nodes: new Map([...nodes].sort()), wanting: wanting.size }
}

/** What became of the first assignment is known for ever, with the verdict's name. */
async function assertFirst({ ledger }: FedLedger): Promise<void> {
  const past = await ledger.past('0'.repeat(32))
  assert.partialDeepStrictEqual(past, { node: 'node 0', how: 'returned' })
  assert.match(past?.verdict ?? '', /^bafy\w+0{9}$/)
}

describe('a start', () => {
  it('applies what came after the records, and nothing of rounds that are closed', async (t) => {
    const fed = await fedLedger(t)
    const before = facts(fed)
    await fed.restart()
    const { kept, applied } = fed.ledger.found
    assert.equal(kept + applied, before.totals.events)
    assert.ok(applied < 2_000, `${applied} events applied`)
    assert.deepEqual(facts(fed), before)
    await assertFirst(fed)
    await fed.ledger.keep()
    await fed.restart()
    assert.equal(fed.ledger.found.applied, 0)
    assert.deepEqual(facts(fed), before)
  })

  it('finds what became of assignments where it was killed before there were records, and stopped before anything else happened', async (t) => {
    const fed = await FedLedger.open(join(await scratch(t), 'log'))
    t.after(() => fed.close())
    await fed.begin('first', 10)
    await fed.answer('first', 0, 10)
    await fed.restart()
    assert.equal(fed.ledger.found.kept, 0)
    await assertFirst(fed)
    await fed.ledger.keep()
    await fed.restart()
    assert.equal(fed.ledger.found.applied, 0)
    await assertFirst(fed)
  })

  it('finds records that were made while events went on, and a round that was closed meanwhile', async (t) => {
    const fed = await FedLedger.open(join(await scratch(t), 'log'))
    t.after(() => fed.close())
    await fed.begin('first', 100)
    await fed.answer('first', 0, 100)
    // Records of the second are begun now and then while it is answered; the first is closed in the middle of some.
    await fed.begin('second', 1_500)
    await fed.answer('second', 0, 700)
    await fed.rest()
    await fed.answer('second', 700, 1_400)
    const before = facts(fed)
    await fed.restart()
    const { kept, applied } = fed.ledger.found
    assert.equal(kept + applied, before.totals.events)
    assert.ok(applied < 6_000 && applied > 0 && kept > 0, `${kept} events kept, ${applied} applied`)
    assert.deepEqual(facts(fed), before)
    assert.deepEqual([...fed.ledger.state.closedRounds.keys()], ['first'])
  })

  const damages = {
    'are missing': ['del', 'view/meta'],
    'are of another version': ['put', 'view/meta', '{"version":0,"totals":{"events":5},"live":[]}'],
    'are ahead of the log': ['put', 'view/meta', '{"version":1,"totals":{"events":1000000},"live":[]}'],
    'are no text': ['put', 'view/meta', '{'],
    'lack a task': ['del', 'task'],
    'are broken in the middle': ['put', 'task', '{"cells":'],
  } as const
  for (const [how, [type, what, text = '']] of Object.entries(damages)) {
    it(`makes the records anew from the log where they ${how}`, async (t) => {
      const fed = await fedLedger(t)
      const before = facts(fed)
      const { disk } = fed.ledger.store
      const [name = ''] = [...fed.ledger.state.tasks.values()].slice(-1).map(({ id }) => id)
      await fed.ledger.keep()
      const key = what === 'task' ? `view/task/${name}` : what
      await disk.batch([type === 'del' ? { type, key } : { type, key, value: Buffer.from(text) }])
      await fed.restart()
      assert.equal(fed.ledger.found.kept, 0)
      assert.deepEqual(facts(fed), before)
      await assertFirst(fed)
      await fed.answer('second', 100, 200)
      assert.equal(fed.ledger.state.rounds.get('second')?.state, 'aggregated')
    })
  }
})

describe('tasks that left memory', () => {
  it('are recalled, those too that leave while others are read', async (t) => {
    const fed = await FedLedger.open(join(await scratch(t), 'log'))
    t.after(() => fed.close())
    await fed.round('first', 3)
    const [first = ''] = [...fed.ledger.state.named.keys()]
    await fed.rest()
    await fed.round('second', 3)
    const [second = ''] = [...fed.ledger.state.named.keys()]
    const { records } = fed.ledger
    const reading = t.mock.method(records, 'getMany', async (keys: readonly string[]) => {
      if (reading.mock.callCount() === 0) await fed.rest()
      return await Object.getPrototypeOf(records).getMany.call(records, keys)
    })
    const found = await fed.ledger.recall(new Map([first, second].map((name) => [name, name])))
    assert.deepEqual(found.map(({ id }) => id).sort(), [first, second].sort())
    assert.ok(found.every(({ votes }) => votes.length === 2))
  })

  it('come back with the part of a large round that needs them, as when the log is applied anew', async (t) => {
    const fed = await FedLedger.open(join(await scratch(t), 'log'))
    t.after(() => fed.close())
    await fed.round('first', 1_100)
    await fed.rest()
    const { ledger } = fed
    const intake = new Intake({ ledger, clock: { now: () => Date.UTC(2027, 0, 1) } })
    const again = await intake.rerun('owner', { t: 'rerun', round: 'first', only: JudgementWord.options, salt: '' }, 1)
    // Its own tasks, and those that they come from.
    assert.deepEqual([again.size, ledger.state.tasks.size], [1_100, 4_400])
    await ledger.keep()
    const before = dump(ledger.state)
    await ledger.store.disk.batch([{ type: 'del', key: 'view/meta' }])
    await fed.restart()
    assert.equal(fed.ledger.found.kept, 0)
    // To say where they differ takes minutes.
    assert.ok(isDeepStrictEqual(dump(fed.ledger.state), before), 'what was applied anew is another state')
  })
})

describe('memory', () => {
  it('holds the rounds that go on, however many there were', async (t) => {
    const fed = await FedLedger.open(join(await scratch(t), 'log'))
    t.after(() => fed.close())
    for (let n = 0; n < 6; n++) {
      await fed.round(`round ${n}`, 50)
      await fed.rest()
      const { state } = fed.ledger
      const held = [state.rounds, state.tasks, state.named, state.byProgram, state.assignments, state.wanting, state.holding]
      assert.deepEqual(
        held.map(({ size }) => size),
        held.map(() => 0),
      )
      assert.deepEqual([state.closedRounds.size, state.verdicts, state.finals.decided], [n + 1, (n + 1) * 200, (n + 1) * 100])
    }
  })
})
