import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Activity,
  CaseDetail,
  Cases,
  Matrix,
  Node,
  Nodes,
  Round,
  Rounds,
  Status,
  Summary,
  Trust,
} from '../../coordinator/http/schemas.ts'
import { Costs, MAX_COST_CLASSES } from '../../coordinator/state/costs.ts'
import { Throughput } from '../../coordinator/state/throughput.ts'
import { ask, refused } from './ask.ts'
import { ENVIRONMENT, Fixture, makeCase, type Said, volunteer } from './fixture.ts'

const SAID: Said[] = [
  ['success', '1'],
  ['success', '2'],
]

test('nodes are led by what they decided at the median cost of their class, however slow they say they were', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const [ann, ben, eve] = [await volunteer(1), await volunteer(2), await volunteer(3)]
  const round = await fixture.openRound('one')
  await fixture.addCases(
    round,
    [1, 2, 3].map((n) => makeCase({ cpp: `void f() { /* ${n} */ }`, cuda: `// ${n}` })),
  )
  for (const line of [1, 2, 3]) await fixture.agree(round, line, 'cpp', [ann, ben], SAID)
  await fixture.vote(round, 1, 'cuda', ann, SAID)
  await fixture.vote(round, 1, 'cuda', eve, [SAID[0] as Said, ['success', 'wrong']])
  await fixture.vote(round, 1, 'cuda', ben, SAID)
  fixture.join(eve, 'host')
  const { items } = await ask(url, 'nodes?order=credit', Nodes)
  assert.deepEqual(new Set(items.slice(0, 2).map(({ node }) => node)), new Set([ann.name, ben.name]))
  assert.deepEqual(
    items.map(({ decided, verdicts }) => [decided, verdicts]),
    [
      [4, 4],
      [4, 4],
      [0, 1],
    ],
  )
  assert.equal((await ask(url, 'nodes', Nodes)).items[0]?.node, eve.name, 'those connected first')
  const detail = await ask(url, `nodes/${ann.name}`, Node)
  // Each says that it compiled for 350 ms and ran for 12; a step of costs is a fourth of a doubling.
  const [own] = detail.classes
  assert.ok(own !== undefined && own.medianMs > 300 && own.medianMs < 430, JSON.stringify(detail.classes))
  assert.equal(
    detail.creditMs,
    detail.classes.reduce((sum, { decided, medianMs }) => sum + decided * medianMs, 0),
  )
  assert.equal(
    detail.days.reduce((sum, { verdicts }) => sum + verdicts, 0),
    4,
  )
  assert.ok(detail.since !== null && detail.lastAt !== null && detail.since < detail.lastAt)
  const { reputation } = detail
  assert.deepEqual([reputation.standing, reputation.admission.answersWanted, reputation.bootstrap], ['new', 10, true])
  assert.doesNotMatch(JSON.stringify([items, detail]), /203\.0/, 'nobody is told where it is')
  assert.deepEqual(await refused(url, `/api/v1/nodes/${(await volunteer(9)).name}`), [404, 'not-found'])
  assert.deepEqual(await refused(url, '/api/v1/nodes/a%2Fb'), [400, 'bad-request'])
})

test('GPUs are counted by model, by node', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const gpu = { model: 'NVIDIA H200', arch: 'sm_90', driver: '570', toolkit: '13.0', memoryMib: 143_771 }
  for (const number of [1, 2, 3]) {
    fixture.join(await volunteer(number), 'gpu')
    const last = fixture.present.at(-1)
    if (last !== undefined && number > 1) last.environments = [{ ...ENVIRONMENT, executor: 'gpu', gpu }]
  }
  assert.deepEqual((await ask(url, 'status', Status)).gpus, [{ model: 'NVIDIA H200', nodes: 2 }])
})

test('the numbers behind the rules are those that the rules have', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  await fixture.openRound('one')
  await fixture.openRound('two')
  await fixture.openRound('sure', { policy: { kind: 'confidence', theta: 0.999, f: 0.1, replicas: 32 } })
  await fixture.openRound('hidden', { policy: { kind: 'majority', quorum: 4, replicas: 7 }, visibility: 'embargoed' })
  const { policies, bootstrap, operators, rules } = await ask(url, 'trust', Trust)
  // docs/trust.md: 2.8 of 100 for a quorum of two; four strangers, and 46 checks, at f = .1 for theta = .999.
  assert.deepEqual(
    policies.map(({ policy, rounds, strangers, errorAtTenth, checks }) => [policy.kind, rounds, strangers, errorAtTenth, checks]),
    [
      ['majority', 2, 2, 0.028, null],
      ['confidence', 1, 4, null, 46],
    ],
  )
  assert.deepEqual([bootstrap, operators.established, rules.admissionAnswers], [true, 0, 10])
})

test('medians of costs: in steps, kept as they are, of a bounded number of classes', () => {
  const costs = new Costs()
  assert.equal(costs.median('none'), 0)
  for (const ms of [1, 90, 100, 110, 1e12]) costs.note('some', ms)
  assert.ok(costs.median('some') > 80 && costs.median('some') < 125)
  for (let n = 0; n < 2 * MAX_COST_CLASSES; n++) costs.note(`class ${n}`, n)
  assert.equal(costs.kept.length, MAX_COST_CLASSES)
  const again = Costs.from(JSON.parse(JSON.stringify(costs.kept)))
  assert.deepEqual([again.kept, again.median('some')], [costs.kept, costs.median('some')])
})

test('throughput: what is told ends with now, a clock set back breaks nothing, and no more is kept than is told', () => {
  const done = new Throughput()
  const start = Date.UTC(2026, 0, 1)
  for (let minute = 0; minute < 3 * 24 * 60; minute++) done.count('tasks', start + minute * 60_000)
  const end = start + 3 * 86_400_000 - 60_000
  const sum = (scale: 'hour' | 'day' | 'month', now: number) => done.series(scale, now).reduce((all, { tasks }) => all + tasks, 0)
  assert.deepEqual([sum('hour', end), sum('day', end), sum('month', end)], [61, 97 * 15, 3 * 24 * 60])
  assert.equal(done.rate(end), 1 / 60 + 1 / 60)
  assert.deepEqual([sum('hour', end + 7_200_000), done.rate(end + 7_200_000)], [0, 0])
  done.count('tasks', start - 365 * 86_400_000)
  assert.equal(sum('hour', end), 61)
  const { hour, day, month } = done.kept
  assert.ok(hour.length <= 61 && day.length <= 97 && month.length <= 121)
  assert.deepEqual(Throughput.from(JSON.parse(JSON.stringify(done.kept))).series('day', end), done.series('day', end))
})

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '</script><!-- \u2028\u2029',
  '\u202Eright to left\u202C \u0007\u001b[31m \uFEFF',
  'Z\u0351\u036B\u0343\u036A\u0302\u034Falgo 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 👩‍👩‍👧‍👦',
  '__proto__',
  'event: change\ndata: {}\n\n',
  `${'𝔘'.repeat(90)} \ud800 alone`,
]

test('whatever text comes from researchers and nodes goes out as data, by every path and the live feed', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const [ann, ben] = [await volunteer(1), await volunteer(2)]
  for (const words of HOSTILE) {
    const round = await fixture.openRound(words)
    await fixture.addCases(round, [makeCase({ id: words, problem: words, cpp: words, cuda: words, tests: 1 })])
    for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, [ann, ben], [['success', words]])
    await fixture.ledger.record({ t: 'node-named', at: Date.now(), node: ann.name, name: words.slice(0, 40) })
    const last = fixture.present[0]
    if (last === undefined) fixture.join(ann, 'gpu')
    const gpu = { model: words.slice(0, 128), arch: 'sm_90', driver: words.slice(0, 64), toolkit: '13.0', memoryMib: 1 }
    if (fixture.present[0] !== undefined) fixture.present[0].environments = [{ ...ENVIRONMENT, executor: 'gpu', gpu }]
    // What no text can hold, half of a pair, comes back as JSON has it.
    const said = JSON.parse(JSON.stringify(words)) as string
    assert.equal((await ask(url, `rounds/${round}`, Round)).name, said)
    assert.equal((await ask(url, 'rounds', Rounds)).items[0]?.name, said)
    assert.equal((await ask(url, `rounds/${round}/cases`, Cases)).cases[0]?.problem, said)
    const item = await ask(url, `rounds/${round}/cases/1`, CaseDetail)
    assert.deepEqual([item.id, item.roundName], [said, said])
    const happened = (await ask(url, 'activity', Activity)).recent.map((one) => ('name' in one ? one.name : ''))
    assert.ok(happened.includes(said))
    assert.equal((await ask(url, `nodes/${ann.name}`, Node)).name, said.slice(0, 40))
    assert.ok((await ask(url, 'nodes', Nodes)).items.some(({ name }) => name === said.slice(0, 40)))
    assert.equal((await ask(url, 'status', Status)).gpus[0]?.model, said.slice(0, 128))
    assert.equal((await ask(url, `rounds/${round}/summary`, Summary)).passAtK.compat.problems, 1)
    await ask(url, `rounds/${round}/matrix`, Matrix)
    const file = await fetch(`${url}/api/v1/rounds/${round}/cases/1.json`)
    assert.match(file.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(file.headers.get('x-content-type-options'), 'nosniff')
  }
  // Line breaks would begin another message: there are none but those between messages.
  const leaving = new AbortController()
  const response = await fetch(`${url}/api/v1/events`, { signal: leaving.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (!text.endsWith('\n\n')) text += (await reader?.read())?.value ?? ''
  leaving.abort()
  assert.deepEqual(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(':')[0]),
    ['retry', 'id', 'event', 'data'],
  )
})

test('odd addresses are refused in words, and nothing of them is said again', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const paths = [
    'rounds/<script>',
    'nodes/<b>',
    'verdicts/%00',
    'rounds/x/matrix?tile=%3Cscript%3E',
    `nodes/${'a'.repeat(129)}`,
    'rounds/%F0%9F/cases',
  ]
  for (const path of [...paths, ...paths.map((one) => `${one}.json`)]) {
    const response = await fetch(`${url}/api/v1/${path}`)
    assert.ok(response.status === 400 || response.status === 404, `${path}: ${response.status}`)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.doesNotMatch(await response.text(), /script|<b>/)
  }
})
