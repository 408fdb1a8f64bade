import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CaseDetail, Cases, Incidents, Nodes, Round, Rounds, Status, Verdict } from '../../coordinator/http/schemas.ts'
import { cidOf, DOMAINS, open, UnsignedVerdict } from '../../protocol/index.ts'
import { ask, refused } from './ask.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'

const GOOD: Said[] = [
  ['success', 'a\n'],
  ['success', 'b\n'],
]
const nodes = await Promise.all([volunteer(1), volunteer(2), volunteer(3)])
const [ann, ben, cat] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]

/** A round of three: equivalent, different after a dispute, and one that nobody has taken. */
async function smallRound(fixture: Fixture, name = 'small'): Promise<string> {
  const round = await fixture.openRound(name)
  const cases = [1, 2, 3].map((n) => makeCase({ id: n, problem: `p${n}`, cpp: `int f${n}() {}`, cuda: `// ${n}` }))
  await fixture.addCases(round, cases)
  await fixture.sealRound(round)
  await fixture.agree(round, 1, 'cpp', [ann, ben], GOOD)
  await fixture.agree(round, 1, 'cuda', [ann, ben], [GOOD[0] as Said, ['success', '  b']])
  await fixture.agree(round, 2, 'cpp', [ann, ben], GOOD)
  await fixture.agree(round, 2, 'cuda', [ann, ben, cat], [GOOD[0] as Said, ['runtime_error', '']])
  return round
}

test('status counts what there is', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  fixture.join(ann, 'host', 'emulated')
  fixture.join(ben, 'host')
  const round = await smallRound(fixture)
  await fixture.assign(round, 3, 'cpp', ann)
  const status = await ask(url, 'status', Status)
  assert.deepEqual(status.nodes, { connected: 2, executors: { host: 2, emulated: 1, gpu: 0 } })
  assert.deepEqual(status.rounds, { total: 1, live: 1, embargoed: 0 })
  assert.deepEqual(status.tasks, { total: 6, ready: 2, running: 1, decided: 4, undecided: 0 })
  assert.equal(status.verdicts, 9)
  assert.equal(status.coordinator, 'coordinator-peer-id')
  assert.equal(status.singleOperator, true)
})

test('what was in the log before the server started is counted like the rest', async () => {
  await using fixture = await Fixture.open()
  const round = await smallRound(fixture)
  const nonce = await fixture.assign(round, 3, 'cpp', ann)
  const url = await fixture.serve()
  assert.deepEqual((await ask(url, 'status', Status)).tasks, { total: 6, ready: 2, running: 1, decided: 4, undecided: 0 })
  await fixture.expire(nonce)
  assert.equal((await ask(url, 'status', Status)).tasks.running, 0)
  assert.equal((await ask(url, `rounds/${round}`, Round)).tasks.waiting, 2)
})

test('rounds come newest first, a page at a time', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  for (const name of ['first', 'second', 'third']) await fixture.openRound(name)
  const page = await ask(url, 'rounds?limit=2', Rounds)
  assert.deepEqual([page.items.map(({ name }) => name), page.total, page.next], [['third', 'second'], 3, 2])
  const rest = await ask(url, `rounds?limit=2&from=${page.next}`, Rounds)
  assert.deepEqual([rest.items.map(({ name }) => name), rest.next], [['first'], null])
  assert.deepEqual((await ask(url, 'rounds?from=99', Rounds)).items, [])
})

test('a round has its counts, and they follow its events', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await smallRound(fixture)
  const before = await ask(url, `rounds/${round}`, Round)
  assert.deepEqual([before.cases, before.judged, before.state], [3, 2, 'verifying'])
  assert.deepEqual(before.judgements, { equivalent: 1, different: 1, invalid: 0, undecided: 0 })
  assert.match(before.unserved ?? '', /must be connected/)
  await fixture.agree(round, 3, 'cpp', [ann, ben], GOOD)
  await fixture.agree(round, 3, 'cuda', [ann, ben], GOOD)
  const after = await ask(url, `rounds/${round}`, Round)
  assert.deepEqual([after.judged, after.state, after.unserved], [3, 'aggregated', null])
})

test('cases are listed in the order of the file, with cells and filters', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await smallRound(fixture)
  const { cases, total } = await ask(url, `rounds/${round}/cases`, Cases)
  assert.equal(total, 3)
  assert.deepEqual(
    cases.map(({ line, standing, judgement }) => [line, standing, judgement?.compat ?? null]),
    [
      [1, 'shown', 'equivalent'],
      [2, 'shown', 'different'],
      [3, 'open', null],
    ],
  )
  assert.deepEqual(
    cases[1]?.cells?.map(({ compat }) => compat),
    ['pass', 'fail'],
  )
  assert.deepEqual(cases[1]?.statuses?.cuda, ['success', 'runtime_error'])
  const rows: [show: string, lines: number[]][] = [
    ['all', [1, 2, 3]],
    ['equivalent', [1]],
    ['different', [2]],
    ['undecided', []],
    ['open', [3]],
  ]
  for (const [show, lines] of rows) {
    const page = await ask(url, `rounds/${round}/cases?show=${show}`, Cases)
    assert.deepEqual(
      page.cases.map(({ line }) => line),
      lines,
      show,
    )
  }
})

test('a list of cases is paged both ways and capped', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('long')
  const cases = Array.from({ length: 230 }, (_, n) => makeCase({ id: n, cpp: `int f${n}() {}`, tests: n % 2 }))
  await fixture.addCases(round, cases)
  const lines = async (query: string) => {
    const page = await ask(url, `rounds/${round}/cases?${query}`, Cases)
    return [page.cases[0]?.line, page.cases.at(-1)?.line, page.cases.length, page.previous, page.next]
  }
  const rows: [query: string, expected: unknown[]][] = [
    ['', [1, 50, 50, null, 50]],
    ['from=50', [51, 100, 50, 0, 100]],
    ['limit=100000', [1, 200, 200, null, 200]],
    ['limit=0', [1, 1, 1, null, 1]],
    ['from=229', [230, 230, 1, 179, null]],
    ['from=230', [undefined, undefined, 0, 180, null]],
    ['from=999999999', [undefined, undefined, 0, 180, null]],
    // Cases without a test are judged at once: every second one, undecided.
    ['show=undecided&limit=10', [1, 19, 10, null, 19]],
    ['show=undecided&limit=10&from=19', [21, 39, 10, 0, 39]],
    ['show=open&limit=200', [2, 230, 115, null, null]],
  ]
  for (const [query, expected] of rows) assert.deepEqual(await lines(query), expected, query)
})

test('a case shows code, tests, both outputs and the ballots', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await smallRound(fixture)
  const item = await ask(url, `rounds/${round}/cases/2`, CaseDetail)
  assert.deepEqual([item.line, item.previous, item.next, item.roundName], [2, 1, 3, 'small'])
  assert.equal(item.code?.cuda, '// 2')
  assert.equal(item.inputs[0]?.outcomes?.cpp?.text, 'a\n')
  assert.equal(item.inputs[1]?.outcomes?.cuda?.status, 'runtime_error')
  assert.equal(item.ballots?.cuda[0]?.state, 'decided')
  assert.deepEqual(
    item.ballots?.cuda[0]?.verdicts.map(({ node }) => node),
    [ann.name, ben.name, cat.name],
  )
  const open = await ask(url, `rounds/${round}/cases/3`, CaseDetail)
  assert.deepEqual([open.ballots, open.inputs[0]?.outcomes, open.code?.cuda], [null, null, '// 3'])
})

test('a vote against the decision is named by its tests', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('dispute')
  await fixture.addCases(round, [makeCase({})])
  await fixture.agree(round, 1, 'cpp', [ann, ben], GOOD)
  await fixture.vote(round, 1, 'cuda', ann, [GOOD[0] as Said, ['success', 'lie']])
  await fixture.agree(round, 1, 'cuda', [ben, cat], GOOD)
  const { ballots } = await ask(url, `rounds/${round}/cases/1`, CaseDetail)
  assert.deepEqual(
    ballots?.cuda[0]?.verdicts.map(({ against }) => against),
    [[1], [], []],
  )
})

test('a long output is cut, and what is left out is said', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('long output')
  await fixture.addCases(round, [makeCase({ tests: 1 })])
  const long = 'x'.repeat(1024 * 1024)
  for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, [ann, ben], [['success', long]])
  const outcome = (await ask(url, `rounds/${round}/cases/1`, CaseDetail)).inputs[0]?.outcomes?.cpp
  assert.deepEqual([outcome?.bytes, outcome?.truncated, outcome?.text?.length], [long.length, true, 16 * 1024])
})

test('a verdict is given as the node signed it', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('signed')
  await fixture.addCases(round, [makeCase({})])
  const cid = await fixture.vote(round, 1, 'cpp', ann, GOOD)
  await fixture.vote(round, 1, 'cpp', ben, GOOD)
  await fixture.agree(round, 1, 'cuda', [ann, ben], GOOD)
  const verdict = await ask(url, `verdicts/${cid}`, Verdict)
  const opened = await open(Buffer.from(verdict.envelope, 'base64'), DOMAINS.verdict, UnsignedVerdict)
  assert.deepEqual([opened.signer, opened.payloadCid, opened.value], [ann.name, cid, verdict.value])
  assert.deepEqual(verdict.uses, [{ round, line: 1, side: 'cpp' }])
})

test('nodes: those connected first, those who went away too', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  await smallRound(fixture)
  fixture.join(cat, 'host', 'gpu')
  const { items, total } = await ask(url, 'nodes', Nodes)
  assert.equal(total, 3)
  assert.deepEqual(items[0] && [items[0].node, items[0].connected, items[0].executors], [cat.name, true, ['gpu', 'host']])
  assert.deepEqual(
    items.slice(1).map(({ connected, verdicts }) => [connected, verdicts]),
    [
      [false, 4],
      [false, 4],
    ],
  )
  assert.equal((await ask(url, 'nodes?limit=1&from=1', Nodes)).next, 2)
})

test('incidents: the last first, by key and never by place', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  await fixture.addCases(await fixture.openRound('r'), [makeCase({})])
  const { trust, tasks } = fixture.ledger.state
  const { incidents } = trust
  const what = {
    reason: 'batch-check',
    operator: ann.operator,
    nodes: [ann.name],
    task: [...tasks.values()][0]?.id ?? '',
    tests: [1],
    reopened: 7,
    rounds: [],
  } as const
  incidents.push({ ...what, at: 1, kind: 'demoted', nodes: [...what.nodes], tests: [1], rounds: [] })
  incidents.push({ ...what, at: 2, kind: 'suspended', nodes: [...what.nodes], tests: [0, 1], rounds: [] })
  const { items, total } = await ask(url, 'incidents', Incidents)
  assert.equal(total, 2)
  assert.deepEqual(
    items.map(({ kind, nodes, tests, reopened }) => [kind, nodes, tests, reopened]),
    [
      ['suspended', [ann.name], [1, 2], 7],
      ['demoted', [ann.name], [2], 7],
    ],
  )
  assert.equal((await ask(url, 'incidents?limit=1', Incidents)).next, 1)
})

test('bad and unknown names are refused with a code', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await smallRound(fixture)
  const unknown = await cidOf(Buffer.from('nothing'), 'dag-cbor')
  const program = fixture.program(round, 1, 'cpp')
  const rows: [path: string, status: number, code: string][] = [
    ['/api/v1/rounds/x', 400, 'bad-request'],
    [`/api/v1/rounds/${round.toUpperCase()}`, 400, 'bad-request'],
    [`/api/v1/rounds/${unknown}`, 404, 'not-found'],
    [`/api/v1/rounds/${unknown}/cases`, 404, 'not-found'],
    [`/api/v1/rounds/${round}/cases/0`, 404, 'not-found'],
    [`/api/v1/rounds/${round}/cases/4`, 404, 'not-found'],
    [`/api/v1/rounds/${round}/cases/-1`, 400, 'bad-request'],
    [`/api/v1/rounds/${round}/cases/1e1`, 400, 'bad-request'],
    [`/api/v1/rounds/${round}/cases/9999999999`, 400, 'bad-request'],
    [`/api/v1/rounds/${round}/cases?from=-1`, 400, 'bad-request'],
    [`/api/v1/rounds/${round}/cases?from=1&from=2`, 400, 'bad-request'],
    [`/api/v1/rounds/${round}/cases?show=secret`, 400, 'bad-request'],
    ['/api/v1/rounds?limit=many', 400, 'bad-request'],
    [`/api/v1/verdicts/${unknown}`, 404, 'not-found'],
    // Other content of the same store is no verdict.
    [`/api/v1/verdicts/${program}`, 404, 'not-found'],
    ['/api/v1/verdicts/..%2f..%2fstatus', 400, 'bad-request'],
    [`/api/v1/rounds/${'b'.repeat(300)}`, 404, 'not-found'],
    ['/api/v1', 404, 'not-found'],
    ['/api/v2/status', 404, 'not-found'],
    ['/%zz', 400, 'bad-request'],
  ]
  for (const [path, status, code] of rows) assert.deepEqual(await refused(url, path), [status, code], path)
})
