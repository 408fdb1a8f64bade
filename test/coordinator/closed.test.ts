import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CLOSED_AFTER_MS, Closer } from '../../coordinator/rounds/closer.ts'
import { Intake } from '../../coordinator/rounds/intake.ts'
import type { RoundEntry } from '../../coordinator/state/model.ts'
import { MAX_CLOSED_ROUNDS } from '../../coordinator/state/state.ts'
import { nameProgram, programOf } from '../../protocol/index.ts'
import { Fixture, makeCase, type Said, volunteer } from '../http/fixture.ts'
import { Recording } from '../results/recording.ts'

const GOOD: Said[] = [['success', 'a\n']]
const nodes = await Promise.all([volunteer(1), volunteer(2)])

/** Lets rounds leave memory, long after. */
function closeAll({ ledger }: Pick<Recording, 'ledger'>): void {
  const ends = [...ledger.state.rounds.values()].map(({ endedAt }) => endedAt ?? 0)
  new Closer({ ledger, clock: { now: () => Math.max(...ends) + CLOSED_AFTER_MS } }).look()
}

describe('a round that was closed', () => {
  it('leaves memory, and gives the same files as before, also after a start', async (t) => {
    const recording = await Recording.make(t)
    const before = await recording.files()
    closeAll(recording)
    const { state } = recording.ledger
    assert.deepEqual([state.rounds.size, state.tasks.size, state.named.size, state.byProgram.size], [0, 0, 0, 0])
    assert.deepEqual(await recording.files(), before)
    await recording.restart()
    assert.equal(recording.ledger.found.applied, 0)
    assert.deepEqual(await recording.files(), before)
  })

  it('is shown as before: in lists, by case, and its verdicts', async () => {
    await using fixture = await Fixture.open()
    const round = await fixture.openRound('one')
    await fixture.addCases(
      round,
      [1, 2, 3].map((n) => makeCase({ id: n, cpp: `int f${n}() {}`, cuda: `// ${n}`, tests: 1 })),
    )
    await fixture.sealRound(round)
    const verdicts = []
    for (const line of [1, 2, 3]) {
      for (const side of ['cpp', 'cuda'] as const) {
        for (const node of nodes) verdicts.push(await fixture.vote(round, line, side, node, GOOD))
      }
    }
    const url = await fixture.serve()
    const paths = ['rounds', `rounds/${round}`, `rounds/${round}/cases`, `rounds/${round}/cases?show=equivalent&from=1&limit=1`]
    paths.push(...[1, 2, 3].map((line) => `rounds/${round}/cases/${line}`), ...verdicts.map((cid) => `verdicts/${cid}`))
    const read = async () => {
      const answers = await Promise.all(paths.map((path) => fetch(`${url}/api/v1/${path}`)))
      return await Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))
    }
    const before = await read()
    assert.deepEqual(
      before.map(([status]) => status),
      paths.map(() => 200),
    )
    closeAll(fixture)
    assert.equal(fixture.ledger.state.tasks.size, 0)
    assert.deepEqual(await read(), before)
  })

  it('is not closed before its time, nor while something of it is out', async () => {
    await using fixture = await Fixture.open()
    const round = await fixture.openRound('one')
    await fixture.addCases(round, [makeCase({ tests: 1 })])
    await fixture.sealRound(round)
    const late = await fixture.assign(round, 1, 'cpp', await volunteer(3))
    for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, nodes, GOOD)
    const { ledger } = fixture
    const entry = ledger.state.rounds.get(round)
    assert.equal(entry?.state, 'aggregated')
    const closer = (ms: number) => new Closer({ ledger, clock: { now: () => (entry.endedAt ?? 0) + ms } }).look()
    closer(CLOSED_AFTER_MS)
    assert.equal(ledger.state.rounds.size, 1)
    await fixture.expire(late)
    closer(CLOSED_AFTER_MS - 1)
    assert.equal(ledger.state.rounds.size, 1)
    closer(CLOSED_AFTER_MS)
    assert.equal(ledger.state.rounds.size, 0)
    assert.equal((await ledger.past(late))?.how, 'expired')
  })

  it('may leave memory while it is exported', async (t) => {
    const recording = await Recording.make(t)
    const before = await recording.files()
    const during = await recording.files({}, () => {
      if (recording.ledger.state.rounds.size > 0) closeAll(recording)
    })
    assert.equal(recording.ledger.state.tasks.size, 0)
    assert.deepEqual(during, before)
  })

  it('is found by its owner, and its decisions are used by later rounds', async () => {
    await using fixture = await Fixture.open()
    const item = makeCase({ tests: 1 })
    const round = await fixture.openRound('one')
    await fixture.addCases(round, [item])
    await fixture.sealRound(round)
    for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, nodes, GOOD)
    closeAll(fixture)
    const { ledger } = fixture
    const intake = new Intake({ ledger, clock: { now: () => Date.UTC(2026, 1, 1) } })
    assert.equal(intake.find('researcher', round.slice(0, 20)).state, 'aggregated')
    assert.deepEqual(
      (await intake.list('researcher', { t: 'list' }, [])).map(({ round: id, judged }) => [id, judged]),
      [[round, 1]],
    )
    await assert.rejects(intake.add('researcher', { t: 'cases', round, from: 1, cases: [item] }), /ended/)
    const second = await fixture.openRound('two')
    await intake.add('researcher', { t: 'cases', round: second, from: 0, cases: [item] })
    await intake.seal('researcher', { t: 'seal', round: second, total: 1 })
    const again = ledger.state.rounds.get(second)
    assert.deepEqual([again?.state, again?.counts.decided, ledger.state.verdicts], ['aggregated', 2, 4])
    const { cid } = await nameProgram(programOf(item, 'cpp'))
    assert.deepEqual(
      ledger.state.byProgram.get(cid)?.map(({ users }) => users),
      [[{ round: second, index: 0, side: 'cpp' }]],
    )
  })

  it('is found, listed and not opened twice when ten thousand were closed after it', async () => {
    await using fixture = await Fixture.open()
    const item = makeCase({ tests: 1 })
    const rounds = []
    for (const name of ['one', 'two']) {
      const round = await fixture.openRound(name)
      await fixture.addCases(round, [item])
      await fixture.sealRound(round)
      rounds.push(round)
    }
    for (const side of ['cpp', 'cuda'] as const) await fixture.agree(rounds[0] as string, 1, side, nodes, GOOD)
    closeAll(fixture)
    const { ledger } = fixture
    const [one, two] = rounds as [string, string]
    const first = ledger.state.roundNamed(one)
    const at = Date.UTC(2026, 1, 1)
    const intake = new Intake({ ledger, clock: { now: () => at } })
    const before = await intake.list('researcher', { t: 'list' }, [])
    for (let n = 0; n < MAX_CLOSED_ROUNDS; n++) {
      const [round, { spec }] = [`other ${n}`, first as RoundEntry]
      ledger.record({ t: 'round-opened', at, round, owner: 'other', spec, casesDigest: round }).catch(() => undefined)
      ledger.record({ t: 'round-cancelled', at, round }).catch(() => undefined)
      ledger.record({ t: 'round-closed', at, round }).catch(() => undefined)
    }
    await ledger.durable
    assert.equal(ledger.state.roundNamed(one), undefined)
    assert.deepEqual(await intake.list('researcher', { t: 'list' }, []), before)
    assert.deepEqual(
      (await intake.list('researcher', { t: 'list', before: two }, [])).map(({ round }) => round),
      [one],
    )
    assert.deepEqual(await intake.list('nobody', { t: 'list' }, []), [])
    await assert.rejects(intake.recall('nobody', one), { code: 'unknown-round' })
    // The same question is the same round still.
    const { spec, casesDigest } = first as RoundEntry
    assert.equal((await intake.open('researcher', { t: 'open', spec, casesDigest, salt: '' }, 1)).state, 'aggregated')
    assert.equal(ledger.state.rounds.size, 0)
    const url = await fixture.serve()
    const page = await fetch(`${url}/api/v1/rounds/${one}/cases`)
    const { cases } = (await page.json()) as { cases: unknown[] }
    assert.deepEqual([page.status, cases.length], [200, 1])
    // A page of them is what one list shows; the one before it begins where it ends.
    const last = await intake.list('other', { t: 'list' }, [])
    const earlier = await intake.list('other', { t: 'list', before: last[0]?.round as string }, [])
    assert.deepEqual([last.at(-1)?.name, last.length, earlier.length], [spec.name, 1_000, 1_000])
    assert.deepEqual(
      [earlier[0], earlier.at(-1), last[0]].map((shown) => shown?.round),
      ['other 8000', 'other 8999', 'other 9000'],
    )
  })
})
