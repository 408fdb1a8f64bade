import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { encodeReport } from '../../protocol/index.ts'
import { type TestRun, UNMEASURED } from '../../sandbox/types.ts'
import { scratch } from '../support/scratch.ts'
import { pack } from './make/archive.ts'
import { archFor } from './there/archs.ts'
import { againstEmulatedIsolated, againstEmulatedPlain, againstExpected } from './there/cells.ts'
import { main } from './there/main.ts'
import { toMarkdown } from './there/markdown.ts'
import { PARTS, type PartPlan } from './there/plan.ts'
import type { KitFacts, KitReport } from './there/report.ts'
import type { Places } from './there/stand.ts'
import { unpack } from './there/unpack.mts'

test('an archive gives back what was packed, where it is wanted, with who may run it', async (t) => {
  const folder = await scratch(t)
  const [one, two] = [Buffer.from('a program'), Buffer.alloc(200_000, 'x')]
  const files = [
    { path: 'a/one', bytes: one, executable: true },
    { path: 'b/two', bytes: two },
    { path: 'c/three', bytes: Buffer.alloc(0) },
  ]
  writeFileSync(join(folder, 'archive'), pack(files, { level: 3 }))
  assert.equal(
    unpack(join(folder, 'archive'), folder, (path: string) => !path.startsWith('c/')),
    2,
  )
  assert.deepEqual(readFileSync(join(folder, 'a/one')), one)
  assert.deepEqual(readFileSync(join(folder, 'b/two')), two)
  assert.deepEqual(
    ['a/one', 'b/two'].map((path) => statSync(join(folder, path)).mode & 0o111),
    [0o111, 0],
  )
  assert.throws(() => statSync(join(folder, 'c/three')))
})

suite('machine code for a GPU', () => {
  const there = ['sm_75', 'sm_80', 'sm_86', 'sm_90', 'sm_100', 'sm_120']
  for (const [gpu, wanted] of [
    ['sm_75', 'sm_75'],
    ['sm_80', 'sm_80'],
    ['sm_86', 'sm_86'],
    ['sm_87', 'sm_86'],
    ['sm_89', 'sm_86'],
    ['sm_90', 'sm_90'],
    ['sm_103', 'sm_100'],
    ['sm_121', 'sm_120'],
    ['sm_70', null],
    ['sm_110', null],
  ] as const) {
    test(`${gpu}: ${wanted}`, () => assert.equal(archFor(gpu, there), wanted))
  }
})

suite('a cell', () => {
  const run = (status: TestRun['status'], output: Uint8Array): TestRun => ({
    ...{ status, output, findings: [], detail: '', wallMs: 1, measured: UNMEASURED },
  })
  const printed = (text: string) => run('success', Buffer.from(text))
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const emulated = (plain: string) => ({
    plain: { status: 'success' as const, output: base64(plain) },
    isolated: { status: 'success' as const, output: '', flags: [] },
  })

  test('against what must be printed: equal, equal as numbers, other, and not ended', () => {
    const cells = [printed('[ 1, 2 ]\n'), printed('[ 1.00001, 2 ]'), printed('[ 3, 2 ]'), run('timeout', Buffer.alloc(0))]
    const words = cells.map((one) => againstExpected(one, '[ 1, 2 ]')).map(({ compat, numeric }) => `${compat} ${numeric}`)
    assert.deepEqual(words, ['true true', 'false true', 'false false', 'false false'])
  })

  test('against emulated quotes both outputs', () => {
    const { detail } = againstEmulatedPlain(printed('[ 3 ]'), emulated('[ 4 ]'))
    assert.match(detail, /\[ 3 \].*\[ 4 \]/)
  })

  test('of the isolated pass tells bits, tolerances and flags apart', () => {
    const report = (value: string) =>
      encodeReport({
        ...{ v: 1, printed: Buffer.from(''), launches: 1, error: null },
        values: Buffer.from(`call\nreturn void\narg float[1] ${value}\n`),
      })
    const known = {
      ...emulated(''),
      isolated: { status: 'success' as const, output: Buffer.from(report('1.5')).toString('base64'), flags: [] },
    }
    const cell = (value: string, flags: TestRun['findings'] = []) =>
      againstEmulatedIsolated({ ...run('success', report(value)), findings: flags }, known)
    const finding = { flag: 'cuda-error' as const, file: '', line: 0, what: '' }
    const words = [cell('1.5'), cell('1.5000001'), cell('2'), cell('1.5', [finding])].map(
      ({ compat, numeric, flags }) => `${compat} ${numeric} ${flags}`,
    )
    assert.deepEqual(words, ['true true true', 'false true true', 'false false true', 'true true false'])
  })
})

const FACTS: KitFacts = {
  ...{ madeAt: 'then', commit: 'c', sandbox: '1', archs: ['sm_90'], nvcc: '13.0', compiler: 'g++ 12', cases: 1, tests: 1 },
  ...{ standIn: false, only: '' },
}

suite('the run', () => {
  const places = (folder: string, seconds = 60): Places => {
    mkdirSync(join(folder, 'project'))
    writeFileSync(join(folder, 'project', 'kit.json'), JSON.stringify(FACTS))
    return { kit: folder, work: folder, out: folder, seconds }
  }
  const script = (folder: string, text: string): string => {
    writeFileSync(join(folder, 'part.mjs'), text)
    return join(folder, 'part.mjs')
  }
  const plan = (id: string, more: Partial<PartPlan> = {}): PartPlan => ({
    id,
    title: id,
    mostSeconds: 5,
    leastSeconds: 0.1,
    ...more,
  })
  const reportIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as KitReport
  const BODY = `
const id = process.argv[2]
const end = (outcome) => { process.send({ kind: 'end', outcome, why: '' }); process.disconnect() }
if (id === 'gpu') process.send({ kind: 'figures', figures: { model: 'a card' } })
process.send({ kind: 'row', row: { name: id, outcome: id === 'wrong' ? 'fail' : 'pass', detail: '' } })
if (id === 'hangs') setInterval(() => {}, 1000)
else if (id === 'breaks') throw new Error('on purpose')
else end('pass')
`

  test('kills what hangs, tells what broke, and goes on; what it has said stands', async (t) => {
    const folder = await scratch(t)
    const plans = [
      plan('hangs', { mostSeconds: 0.5 }),
      plan('breaks'),
      plan('gpu'),
      plan('wrong'),
      plan('last', { needs: ['breaks'] }),
    ]
    const code = await main(places(folder), { plans, script: script(folder, BODY) })
    const { parts, finished, ok } = reportIn(folder)
    assert.deepEqual(
      parts.map(({ id, outcome, rows }) => `${id} ${outcome} ${rows.length}`),
      ['hangs cut 1', 'breaks fail 1', 'gpu pass 1', 'wrong fail 1', 'last left out 0'],
    )
    assert.match(parts[1]?.why ?? '', /on purpose/)
    assert.deepEqual([code, finished, ok], [1, true, false])
  })

  test('where there is a GPU and no kernel computes, that is a failure of this GPU', async (t) => {
    const folder = await scratch(t)
    const text = `process.send({ kind: 'figures', figures: { model: 'a card' } })
process.send({ kind: 'end', outcome: process.argv[2] === 'gpu' ? 'fail' : 'pass', why: 'no jail' }); process.disconnect()`
    const code = await main(places(folder), {
      plans: [plan('gpu'), plan('plain', { needs: ['gpu'] })],
      script: script(folder, text),
    })
    const { gpu, parts } = reportIn(folder)
    assert.deepEqual([code, gpu, parts.map(({ outcome }) => outcome)], [1, 'a card', ['fail', 'left out']])
  })

  test('says that there is no GPU, in a whole report', async (t) => {
    const folder = await scratch(t)
    const text = `process.send({ kind: 'end', outcome: process.argv[2] === 'gpu' ? 'left out' : 'pass', why: '' }); process.disconnect()`
    const plans = [plan('machine'), plan('gpu'), plan('plain', { needs: ['gpu'] })]
    const code = await main(places(folder), { plans, script: script(folder, text) })
    assert.equal(code, 2)
    assert.match(readFileSync(join(folder, 'report.md'), 'utf8'), /There is no GPU here that could be used/)
  })

  test('leaves out what there is no time for', async (t) => {
    const folder = await scratch(t)
    const plans = [plan('gpu'), plan('long', { leastSeconds: 2000, mostSeconds: 2000 })]
    await main(places(folder, 18), { plans, script: script(folder, BODY) })
    assert.deepEqual(
      reportIn(folder).parts.map(({ outcome, why }) => `${outcome} ${why}`),
      ['pass ', 'left out no time was left for it'],
    )
  })
})

test('the report for people shows what is wrong first, and no markup of programs', () => {
  const row = (name: string, outcome: 'pass' | 'fail', detail = '') => ({ name, outcome, detail })
  const markdown = toMarkdown({
    ...{ v: 1, kit: FACTS, gpu: 'NVIDIA H200', startedAt: 'now', seconds: 1, finished: true, ok: false },
    parts: [
      {
        ...{ id: 'plain', title: 'Programs', outcome: 'fail', why: '', seconds: 1, figures: { tests: 2 }, moreRows: 0 },
        rows: [row('good', 'pass'), row('bad', 'fail', 'a | b\n<script>')],
      },
    ],
  })
  assert.ok(markdown.indexOf('bad') < markdown.indexOf('good'))
  assert.ok(markdown.includes('a \\| b ⏎ \\<script\\>'))
})

test('a difference that nobody has explained has its place in the report for people', () => {
  const rows = [
    { name: 'one', outcome: 'pass' as const, detail: '', why: 'blocks race' },
    { name: 'other', outcome: 'fail' as const, detail: '', why: '' },
  ]
  const part = { id: 'plain', title: 'Programs', outcome: 'fail' as const, why: '', seconds: 1, figures: {}, moreRows: 0, rows }
  const report = { v: 1 as const, kit: FACTS, gpu: 'NVIDIA H200', startedAt: 'now', seconds: 1, finished: true, ok: false }
  const markdown = toMarkdown({ ...report, parts: [part] })
  assert.match(markdown, /\| other \| FAIL \| {2}\| \*\*to be explained\*\* \|\n\| one \| pass \| {2}\| blocks race \|/)
})

test('docs/gpu-kit.md has every part, in order', () => {
  const doc = readFileSync(new URL('../../docs/gpu-kit.md', import.meta.url), 'utf8')
  const table = doc.split('<!-- parts')[1]?.split('\n## ')[0] ?? ''
  const named = [...table.matchAll(/^\| (?!part|-)([^|]+) \|/gm)].map(([, title = '']) => title.trim())
  assert.deepEqual(
    named.slice(1).length > 0 ? named.filter((name) => name !== '---') : named,
    PARTS.map(({ title }) => title),
  )
})
