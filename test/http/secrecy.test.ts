import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WALK_CASES } from '../../coordinator/http/limits.ts'
import { CaseDetail, Cases, Matrix, Nodes, Summary, Verdict } from '../../coordinator/http/schemas.ts'
import { type SharedCase, secrecy } from '../../coordinator/rules/secrecy.ts'
import { ask, refused } from './ask.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'

type Row = { id: string; cases: [programs: string, standing: SharedCase['standing']][]; shown: string }

/** Programs are letters; `shown` lists those that may be shown, of all that are named. */
const TABLE: Row[] = [
  { id: 'one case, open', cases: [['AB', 'open']], shown: '' },
  { id: 'one case, judged', cases: [['AB', 'judged']], shown: 'AB' },
  { id: 'no case uses it', cases: [], shown: '' },
  {
    id: 'strangers do not matter',
    cases: [
      ['AB', 'judged'],
      ['CD', 'open'],
    ],
    shown: 'AB',
  },
  {
    id: 'two samples of one original, one open',
    cases: [
      ['AB', 'judged'],
      ['AC', 'open'],
    ],
    shown: '',
  },
  {
    id: 'two samples of one original, both judged',
    cases: [
      ['AB', 'judged'],
      ['AC', 'judged'],
    ],
    shown: 'ABC',
  },
  {
    id: 'one translation of two originals, one open',
    cases: [
      ['AC', 'judged'],
      ['BC', 'open'],
    ],
    shown: '',
  },
  {
    id: 'a chain of sharing, open at its far end',
    cases: [
      ['AB', 'judged'],
      ['CB', 'judged'],
      ['CD', 'open'],
    ],
    shown: '',
  },
  {
    id: 'a chain of sharing, all judged',
    cases: [
      ['AB', 'judged'],
      ['CB', 'judged'],
      ['CD', 'judged'],
    ],
    shown: 'ABCD',
  },
  {
    id: 'the same case again in another round, open',
    cases: [
      ['AB', 'judged'],
      ['AB', 'open'],
    ],
    shown: '',
  },
  { id: 'abandoned shows nothing', cases: [['AB', 'abandoned']], shown: '' },
  {
    id: 'abandoned hides nothing',
    cases: [
      ['AB', 'judged'],
      ['AC', 'abandoned'],
    ],
    shown: 'AB',
  },
  {
    id: 'abandoned still connects',
    cases: [
      ['AB', 'judged'],
      ['AC', 'abandoned'],
      ['DC', 'open'],
    ],
    shown: '',
  },
  { id: 'a program on both sides', cases: [['AA', 'judged']], shown: 'A' },
]

test('the secrecy rule', () => {
  for (const { id, cases, shown } of TABLE) {
    const shared = cases.map(([programs, standing]) => ({ programs: [...programs], standing }))
    const names = [...new Set(['A', ...cases.flatMap(([programs]) => [...programs])])].sort()
    const casesOf = (program: string) => shared.filter(({ programs }) => programs.includes(program))
    // Whatever is asked first, the answers are the same.
    for (const order of [names, names.toReversed()]) {
      const mayShow = secrecy(casesOf)
      assert.equal(order.filter(mayShow).sort().join(''), shown, `${id}, asked in the order ${order.join('')}`)
    }
  }
})

const SAID: Said[] = [
  ['success', 'the-secret-output\n'],
  ['timeout', 'the-secret-output\n'],
]
const [ann, ben, cat] = (await Promise.all([volunteer(1), volunteer(2), volunteer(3)])) as [
  Awaited<ReturnType<typeof volunteer>>,
  Awaited<ReturnType<typeof volunteer>>,
  Awaited<ReturnType<typeof volunteer>>,
]

/** Everything anybody can read, as one text. */
async function everything(url: string, round: string, lines: number): Promise<string> {
  const paths = ['status', 'rounds', `rounds/${round}`, `rounds/${round}/cases`, 'nodes']
  for (let line = 1; line <= lines; line++) paths.push(`rounds/${round}/cases/${line}`)
  const texts = await Promise.all(paths.map(async (path) => await (await fetch(`${url}/api/v1/${path}`)).text()))
  return texts.join('\n')
}

test('nothing of a ballot is to be seen before every case that shares the program is judged', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('samples of one problem')
  await fixture.addCases(round, [makeCase({ cuda: '// sample 1' }), makeCase({ cuda: '// sample 2' })])
  await fixture.sealRound(round)
  const cid = await fixture.vote(round, 1, 'cpp', ann, SAID)
  const steps: [id: string, step: () => Promise<unknown>][] = [
    ['one vote on the original', async () => {}],
    ['the original decided', () => fixture.vote(round, 1, 'cpp', ben, SAID)],
    ['the first sample judged', () => fixture.agree(round, 1, 'cuda', [ann, ben], SAID)],
    ['one vote on the second sample', () => fixture.vote(round, 2, 'cuda', ann, SAID)],
  ]
  for (const [id, step] of steps) {
    await step()
    const seen = await everything(url, round, 2)
    assert.doesNotMatch(seen, /secret|timeout|bafkrei|"success"/, id)
    assert.ok(!seen.includes(cid), id)
    assert.deepEqual(await refused(url, `/api/v1/verdicts/${cid}`), [403, 'sealed'], id)
  }
  const rows = (await ask(url, `rounds/${round}/cases`, Cases)).cases
  assert.deepEqual(
    rows.map(({ standing }) => standing),
    ['held', 'open'],
  )

  await fixture.vote(round, 2, 'cuda', ben, SAID)
  for (const line of [1, 2]) {
    const item = await ask(url, `rounds/${round}/cases/${line}`, CaseDetail)
    assert.deepEqual([item.standing, item.inputs[0]?.outcomes?.cuda?.text], ['shown', 'the-secret-output\n'])
  }
  assert.equal((await ask(url, `verdicts/${cid}`, Verdict)).signer, ann.name)
})

test('a judged case stays hidden while somebody still runs one of its programs', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('a straggler')
  await fixture.addCases(round, [makeCase({})])
  const nonce = await fixture.assign(round, 1, 'cpp', cat)
  for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, [ann, ben], SAID)
  const standing = async () => (await ask(url, `rounds/${round}/cases/1`, CaseDetail)).standing
  assert.equal(await standing(), 'held')
  await fixture.expire(nonce)
  assert.equal(await standing(), 'shown')
})

test('a later round hides what it shares with an earlier one until it is done', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const first = await fixture.openRound('first')
  await fixture.addCases(first, [makeCase({ cuda: '// one' })])
  for (const side of ['cpp', 'cuda'] as const) await fixture.agree(first, 1, side, [ann, ben], SAID)
  const standing = async () => (await ask(url, `rounds/${first}/cases/1`, CaseDetail)).standing
  assert.equal(await standing(), 'shown')
  const second = await fixture.openRound('second')
  await fixture.addCases(second, [makeCase({ cuda: '// two' })])
  assert.equal(await standing(), 'held')
  await fixture.cancelRound(second)
  assert.equal(await standing(), 'shown')
  assert.equal((await ask(url, `rounds/${second}/cases/1`, CaseDetail)).standing, 'abandoned')
})

test('no address and no network of a node is anywhere', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  fixture.join(ann, 'host', 'emulated')
  const round = await fixture.openRound('addresses')
  await fixture.addCases(round, [makeCase({})])
  const cid = await fixture.vote(round, 1, 'cpp', ann, SAID)
  await fixture.vote(round, 1, 'cpp', ben, SAID)
  await fixture.agree(round, 1, 'cuda', [ann, ben], SAID)
  assert.equal((await ask(url, 'nodes', Nodes)).total, 2)
  const seen = (await everything(url, round, 1)) + (await (await fetch(`${url}/api/v1/verdicts/${cid}`)).text())
  assert.doesNotMatch(seen, /203\.0\.|operator"/)
})

/** Counts how often one of those who use the tasks of a round is looked at. */
function countLooks(fixture: Fixture): { looks: number } {
  const counted = { looks: 0 }
  for (const entry of fixture.ledger.state.tasks.values()) {
    entry.users = new Proxy(entry.users, {
      get(users, key, receiver) {
        if (typeof key === 'string' && /^\d+$/.test(key)) counted.looks++
        return Reflect.get(users, key, receiver)
      },
    })
  }
  return counted
}

/** A round of cases that all have the same two programs. */
async function sharing(fixture: Fixture, name: string, cases: number): Promise<string> {
  const round = await fixture.openRound(name)
  await fixture.addCases(
    round,
    Array.from({ length: cases }, (_, n) => makeCase({ id: n })),
  )
  return round
}

test('what is asked of a case costs no look at all those that share its program', async () => {
  const CASES = 500
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await sharing(fixture, 'one program', CASES)
  for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, [ann, ben], SAID)
  const verdict = (await ask(url, `rounds/${round}/cases/1`, CaseDetail)).ballots?.cpp[0]?.verdicts[0]?.verdict
  const counted = countLooks(fixture)
  for (let line = 1; line <= 20; line++) {
    assert.equal((await ask(url, `rounds/${round}/cases/${line}`, CaseDetail)).standing, 'shown')
    assert.equal((await ask(url, `rounds/${round}/cases?from=${line}&limit=1`, Cases)).cases[0]?.standing, 'shown')
    await ask(url, `verdicts/${verdict}`, Verdict)
  }
  const summary = await ask(url, `rounds/${round}/summary`, Summary)
  assert.deepEqual([summary.shown, summary.replicas], [CASES, [{ replicas: 2, tasks: 2 }]])
  await ask(url, `rounds/${round}/matrix`, Matrix)
  assert.ok(counted.looks <= 2 * CASES, `${counted.looks} looks at users, of ${CASES} cases`)
})

test('a walk over a round that has left memory reads what its cases share once', async () => {
  const CASES = 3 * WALK_CASES
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await sharing(fixture, 'closed', CASES)
  await fixture.sealRound(round)
  for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, [ann, ben], SAID)
  await fixture.ledger.record({ t: 'round-closed', at: Date.now(), round })
  const { records } = fixture.ledger
  const read: string[] = []
  const getMany = records.getMany.bind(records)
  records.getMany = (keys) => {
    read.push(...keys.filter((key) => key.startsWith('task/')))
    return getMany(keys)
  }
  const summary = await ask(url, `rounds/${round}/summary`, Summary)
  assert.deepEqual([summary.shown, summary.replicas], [CASES, [{ replicas: 2, tasks: 2 }]])
  assert.deepEqual([read.length, new Set(read).size], [2, 2])
})
