import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CELL_BYTES } from '../../coordinator/http/matrix.ts'
import { Paces } from '../../coordinator/http/paces.ts'
import { REASONS, type Reason } from '../../coordinator/http/reasons.ts'
import { Activity, Matrix, NamedBytes, Round, Rounds, Summary, Verdict } from '../../coordinator/http/schemas.ts'
import { cidOf, decodeCanonical, encodeCanonical, ROUND_DEFAULTS } from '../../protocol/index.ts'
import { ask, refused } from './ask.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'

const ok = (text: string): Said => ['success', text]

/** The byte of a cell that was judged. */
function judged(compat: string, strict: string, reason: Reason): number {
  const words = ['pass', 'fail', 'void', 'unknown']
  return CELL_BYTES.judged | (words.indexOf(compat) << 5) | (words.indexOf(strict) << 3) | REASONS.indexOf(reason)
}

/** Six cases, each with an end of its own; all but the last share no program. */
async function sixCases(fixture: Fixture, name: string) {
  const nodes = [await volunteer(1), await volunteer(2), await volunteer(3)]
  const round = await fixture.openRound(name)
  const code = (n: number) => ({ problem: `p${n % 2}`, cpp: `void f() { /* ${name} ${n} */ }`, cuda: `// ${name} ${n}` })
  const cases = [1, 2, 3, 4, 5, 6].map((n) => makeCase({ ...code(n), tests: n === 6 ? 3 : 2 }))
  await fixture.addCases(round, cases)
  const both = nodes.slice(0, 2)
  const say = (line: number, cpp: Said[], cuda: Said[]) => {
    return fixture.agree(round, line, 'cpp', both, cpp).then(() => fixture.agree(round, line, 'cuda', both, cuda))
  }
  await say(1, [ok('1'), ok('2')], [ok('1'), ok('2')])
  await say(2, [ok('1'), ok('2')], [ok('1'), ok('x')])
  await say(
    3,
    [ok('1'), ok('2')],
    [
      ['compile_error', ''],
      ['compile_error', ''],
    ],
  )
  await say(4, [ok('1'), ['runtime_error', '']], [ok('1'), ok('2')])
  // Three say three things of the fifth: it comes to no decision.
  await fixture.agree(round, 5, 'cpp', both, [ok('1'), ok('2')])
  for (const [at, node] of nodes.entries()) await fixture.vote(round, 5, 'cuda', node, [ok(`a${at}`), ok('2')])
  await fixture.vote(round, 6, 'cpp', nodes[0] as (typeof nodes)[0], [ok('1'), ok('2'), ok('3')])
  return { round, nodes }
}

test('a summary counts what may be shown, by both rules, reasons, replicas and disagreements', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const { round } = await sixCases(fixture, 'six')
  const summary = await ask(url, `rounds/${round}/summary`, Summary)
  assert.deepEqual([summary.cases, summary.shown, summary.columns], [6, 5, 3])
  assert.deepEqual(summary.rules, [
    { compat: 'equivalent', strict: 'undecided', cases: 1 },
    { compat: 'different', strict: 'undecided', cases: 3 },
    { compat: 'undecided', strict: 'undecided', cases: 1 },
  ])
  const some = (counts: Record<string, number>) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  assert.deepEqual(some(summary.reasons.compat), { output: 1, 'compile-error': 1, original: 1, undecided: 1 })
  assert.deepEqual(summary.statuses.cuda, { success: 7, compile_error: 2 })
  assert.deepEqual(summary.statuses.cpp, { success: 9, runtime_error: 1 })
  assert.deepEqual(summary.replicas, [
    { replicas: 2, tasks: 9 },
    { replicas: 3, tasks: 1 },
  ])
  assert.deepEqual(summary.splits, { tasks: 1, places: [{ line: 5, side: 'cuda', pass: 'plain', replicas: 3 }] })
  const { problems, samples, correct, open, values } = summary.passAtK.compat
  assert.deepEqual([problems, samples, correct, open], [2, 5, 1, 1])
  // Lines 1, 3, 5 are of one problem (one of three right, one open), 2 and 4 of the other (none of two).
  assert.deepEqual(
    values.map(({ k, problems, value }) => [k, problems, value]),
    [
      [1, 2, 0.166667],
      [2, 2, 0.333333],
    ],
  )
  assert.ok(values.every(({ low, high, value, atMost }) => (low ?? 1) <= value && value <= (high ?? 0) && atMost >= value))
  assert.deepEqual([summary.confidence.perCell, summary.confidence.reason], [null, 'single-operator'])
})

test('a matrix has a byte a cell: what is open or held says nothing, what is judged both words and the reason', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const { round, nodes } = await sixCases(fixture, 'six')
  const tile = await ask(url, `rounds/${round}/matrix?tile=0`, Matrix)
  assert.deepEqual([tile.total, tile.tile, tile.line, tile.rows, tile.columns], [6, 0, 1, 6, 3])
  const { open, none } = CELL_BYTES
  const pass = judged('pass', 'unknown', 'output')
  const rows = [
    [pass, pass, none],
    [pass, judged('fail', 'unknown', 'output'), none],
    [judged('fail', 'unknown', 'compile-error'), judged('fail', 'unknown', 'compile-error'), none],
    [pass, judged('fail', 'unknown', 'original'), none],
    [judged('unknown', 'unknown', 'undecided'), judged('unknown', 'unknown', 'undecided'), none],
    [open, open, open],
  ]
  // A decision of the fifth's second test is kept, though the ballot is not: what the cell says is what the rule says.
  const found = Array.from(Buffer.from(tile.cells, 'base64'))
  const fifth = rows[4] as number[]
  fifth[1] = found[13] as number
  assert.deepEqual(found, rows.flat())
  assert.deepEqual(await refused(url, `/api/v1/rounds/${round}/matrix?tile=1`), [404, 'not-found'])
  assert.deepEqual(await refused(url, `/api/v1/rounds/${round}/matrix?tile=-1`), [400, 'bad-request'])

  // Another round begins to ask for a program of the first case: nothing of it is shown until that is judged, too.
  const other = await fixture.openRound('other')
  const shared = { problem: 'p1', cpp: 'void f() { /* six 1 */ }', cuda: 'another translation' }
  await fixture.addCases(other, [makeCase({ ...shared, tests: 2 })])
  const held = await ask(url, `rounds/${round}/matrix`, Matrix)
  assert.deepEqual(Array.from(Buffer.from(held.cells, 'base64').subarray(0, 3)), [CELL_BYTES.held, CELL_BYTES.held, none])
  assert.equal((await ask(url, `rounds/${round}/summary`, Summary)).shown, 4)
  await fixture.agree(other, 1, 'cuda', nodes.slice(0, 2), [ok('1'), ok('2')])
  const again = await ask(url, `rounds/${round}/matrix`, Matrix)
  assert.deepEqual(Array.from(Buffer.from(again.cells, 'base64')), found)
})

test('summary and matrix of a round that has left memory are what they were', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const { round, nodes } = await sixCases(fixture, 'six')
  await fixture.vote(round, 6, 'cpp', nodes[1] as (typeof nodes)[0], [ok('1'), ok('2'), ok('3')])
  await fixture.agree(round, 6, 'cuda', nodes.slice(0, 2), [ok('1'), ok('2'), ok('3')])
  await fixture.sealRound(round)
  const before = [await ask(url, `rounds/${round}/summary`, Summary), await ask(url, `rounds/${round}/matrix`, Matrix)]
  await fixture.ledger.record({ t: 'round-closed', at: Date.now(), round })
  assert.equal(fixture.ledger.state.rounds.has(round), false)
  assert.deepEqual([await ask(url, `rounds/${round}/summary`, Summary), await ask(url, `rounds/${round}/matrix`, Matrix)], before)
  assert.equal((before[0] as { shown: number }).shown, 6)
})

test('a round names what it comes from and what came from it, as far as anybody may know', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const first = await fixture.openRound('first')
  const second = await fixture.openRound('second', { follows: first })
  const hidden = await fixture.openRound('hidden', { follows: second, visibility: 'embargoed' })
  const ring = await fixture.openRound('third', { follows: hidden })
  const lineage = async (round: string) => (await ask(url, `rounds/${round}`, Round)).lineage
  const names = (list: { name: string; how: string }[]) => list.map(({ name, how }) => `${how} ${name}`)
  assert.deepEqual(names((await lineage(first)).after), ['follows second'])
  assert.deepEqual(names((await lineage(second)).before), ['follows first'])
  assert.deepEqual((await lineage(second)).after, [], 'nobody is to know of the hidden one')
  assert.deepEqual(names((await lineage(ring)).before), ['follows second', 'follows first'])
  const { passes, coverage } = await ask(url, `rounds/${first}`, Round)
  assert.deepEqual([passes, coverage], [[], false])
  assert.equal(ROUND_DEFAULTS.passes.length > 0, true)
})

test('what was done is told by minute, quarter of an hour and six hours; what nobody may know of is not in it', async () => {
  await using fixture = await Fixture.open()
  const now = Date.now()
  fixture.setTime(now)
  const url = await fixture.serve()
  const { round } = await sixCases(fixture, 'six')
  const { throughput, recent } = await ask(url, 'activity', Activity)
  for (const { stretchMs, from, verdicts, tasks } of Object.values(throughput)) {
    assert.equal(
      verdicts.reduce((sum, count) => sum + count, 0),
      22,
    )
    assert.equal(
      tasks.reduce((sum, count) => sum + count, 0),
      9,
    )
    assert.ok(from <= now && from + stretchMs * verdicts.length > Date.now() - stretchMs)
  }
  assert.deepEqual(
    recent.map((one) => [one.kind, 'round' in one ? one.round : '']),
    [['round-opened', round]],
  )
  await using secret = await Fixture.open()
  secret.setTime(now)
  const nodes = [await volunteer(1), await volunteer(2)]
  const hidden = await secret.openRound('hidden', { visibility: 'embargoed' })
  await secret.addCases(hidden, [makeCase({})])
  await secret.agree(hidden, 1, 'cpp', nodes, [ok('1'), ok('2')])
  const none = await ask(await secret.serve(), 'activity', Activity)
  assert.deepEqual([none.recent, none.throughput.hour.verdicts.some((count) => count > 0)], [[], false])
})

test('time to go is told at the pace of what was seen', () => {
  const paces = new Paces()
  const at = (decided: number, state: 'verifying' | 'aggregated' = 'verifying') => {
    return { state, paused: null, tasks: { total: 100, decided, undecided: 0, balloting: 0, waiting: 0 } }
  }
  assert.equal(paces.toGo('r', at(0), 0), null)
  assert.equal(paces.toGo('r', at(1), 1_000), null, 'too early')
  assert.equal(paces.toGo('r', at(20), 10_000), 40_000)
  assert.equal(paces.toGo('r', { ...at(20), paused: { at: 1, reason: 'owner', detail: '' } }, 11_000), null)
  assert.equal(paces.toGo('r', at(20), 12_000), null, 'it begins anew')
  assert.equal(paces.toGo('r', at(20), 30_000), null, 'nothing moves')
  assert.equal(paces.toGo('r', at(100, 'aggregated'), 40_000), null)
})

test('whoever has a verdict can follow its names down to the bytes of outputs and program', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const [ann, ben] = [await volunteer(1), await volunteer(2)]
  const round = await fixture.openRound('one')
  await fixture.addCases(round, [makeCase({})])
  const said = [ok('out\u0000put'), ok('')]
  const name = await fixture.vote(round, 1, 'cpp', ann, said)
  for (const path of [`verdicts/${name}`, `verdicts/${name}/outputs/1`, `verdicts/${name}/program`]) {
    assert.deepEqual(await refused(url, `/api/v1/${path}`), [403, 'sealed'], path)
  }
  await fixture.vote(round, 1, 'cpp', ben, said)
  await fixture.agree(round, 1, 'cuda', [ann, ben], said)
  const { value, task, program } = await ask(url, `verdicts/${name}`, Verdict)
  const taskBytes = Buffer.from(task, 'base64')
  assert.equal(await cidOf(taskBytes, 'dag-cbor'), value.task)
  assert.equal((decodeCanonical(taskBytes) as { program: string }).program, program)
  for (const [at, [, text]] of said.entries()) {
    const output = await ask(url, `verdicts/${name}/outputs/${at + 1}`, NamedBytes)
    assert.equal(output.cid, value.tests[at]?.output)
    assert.equal(await cidOf(Buffer.from(output.bytes, 'base64'), 'raw'), output.cid)
    assert.equal(Buffer.from(output.bytes, 'base64').toString(), text)
  }
  const code = await ask(url, `verdicts/${name}/program`, NamedBytes)
  const bytes = Buffer.from(code.bytes, 'base64')
  assert.deepEqual([code.cid, await cidOf(bytes, 'dag-cbor'), bytes.byteLength], [program, program, code.length])
  assert.ok(Buffer.from(encodeCanonical(decodeCanonical(bytes))).equals(bytes))
  for (const test of ['0', '3', '64']) {
    assert.deepEqual(await refused(url, `/api/v1/verdicts/${name}/outputs/${test}`), [404, 'not-found'], test)
  }
})

test('lists of rounds say how long there is to go, or that nobody can say', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  await fixture.openRound('one')
  assert.deepEqual(
    (await ask(url, 'rounds', Rounds)).items.map(({ toGoMs }) => toGoMs),
    [null],
  )
})
