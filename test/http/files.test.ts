import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { z } from 'zod'
import { MAX_RESULT_READERS } from '../../coordinator/http/limits.ts'
import { Files, SharedFile } from '../../coordinator/http/schemas.ts'
import { resultFiles } from '../../coordinator/results/index.ts'
import { ask, refused } from './ask.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'

const GOOD: Said[] = [['success', 'a\n']]
const [ann, ben] = (await Promise.all([volunteer(1), volunteer(2)])) as [
  Awaited<ReturnType<typeof volunteer>>,
  Awaited<ReturnType<typeof volunteer>>,
]

async function smallRound(fixture: Fixture, change: Parameters<Fixture['openRound']>[1] = {}, decided = true): Promise<string> {
  const round = await fixture.openRound('small', change)
  await fixture.addCases(round, [makeCase({ id: 1, tests: 1 })])
  await fixture.sealRound(round)
  await fixture.agree(round, 1, 'cpp', [ann, ben], GOOD)
  if (decided) await fixture.agree(round, 1, 'cuda', [ann, ben], GOOD)
  return round
}

test('the files are those of an export, to the byte', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await smallRound(fixture)
  const { files } = await ask(url, `rounds/${round}/files`, Files)
  assert.deepEqual(files, SharedFile.options)
  const { ledger, key } = fixture
  const entry = ledger.state.rounds.get(round)
  assert.ok(entry)
  const exported = new Map<string, Buffer[]>()
  const components = { ledger, key, coordinator: 'coordinator-peer-id' }
  for await (const { name, bytes } of resultFiles(components, entry, { partial: false, singleOperator: true })) {
    exported.set(name, [...(exported.get(name) ?? []), Buffer.from(bytes)])
  }
  for (const file of files) {
    const response = await fetch(`${url}/api/v1/rounds/${round}/files/${file}`)
    assert.equal(response.status, 200, file)
    assert.equal(await response.text(), Buffer.concat(exported.get(file) ?? []).toString(), file)
  }
})

const kept = [
  { id: 'a round that goes on', change: {}, decided: false, status: 403, code: 'sealed' },
  { id: 'a round that shows counts only', change: { visibility: 'counts-only' }, decided: true, status: 403, code: 'private' },
  { id: 'an embargoed round that goes on', change: { visibility: 'embargoed' }, decided: false, status: 404, code: 'not-found' },
] as const
for (const { id, change, decided, status, code } of kept) {
  test(`no files of ${id}`, async () => {
    await using fixture = await Fixture.open()
    const url = await fixture.serve()
    const round = await smallRound(fixture, change, decided)
    for (const path of ['files', 'files/outcomes.jsonl'])
      assert.deepEqual(await refused(url, `/api/v1/rounds/${round}/${path}`), [status, code])
  })
}

test('no file beside those that are shared', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await smallRound(fixture)
  for (const file of ['round.car', 'report.json', '..%2foutcomes.jsonl']) {
    assert.deepEqual(await refused(url, `/api/v1/rounds/${round}/files/${file}`), [400, 'bad-request'])
  }
})

test('few at a time; who goes away makes room', async () => {
  await using fixture = await Fixture.open()
  const round = await smallRound(fixture)
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  fixture.results = async function* () {
    yield Buffer.from('first')
    await held
    yield Buffer.from('second')
  }
  const url = await fixture.serve()
  const path = `${url}/api/v1/rounds/${round}/files/outcomes.jsonl`
  const readers = await Promise.all(Array.from({ length: MAX_RESULT_READERS }, () => fetch(path)))
  assert.deepEqual(await refused(url, `/api/v1/rounds/${round}/files/outcomes.jsonl`), [503, 'busy'])
  release()
  for (const reader of readers) assert.equal(await reader.text(), 'firstsecond')
  assert.equal(await (await fetch(path)).text(), 'firstsecond')
})

test('openapi.json describes every path of the API but the events and itself, and its schemas are schemas', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const Description = z.looseObject({
    openapi: z.literal('3.1.0'),
    paths: z.record(
      z.string(),
      z.looseObject({ get: z.looseObject({ parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })) }) }),
    ),
  })
  const { paths } = await ask(url, 'openapi.json', Description)
  const source = await readFile(new URL('../../coordinator/http/api.ts', import.meta.url), 'utf8')
  const served = [...source.matchAll(/app\.get\('([^']+)'/g)].map(([, path = '']) => path.replace(/:(\w+)/g, '{$1}'))
  assert.deepEqual(Object.keys(paths).sort(), served.filter((path) => !['/events', '/openapi.json'].includes(path)).sort())
  for (const [path, { get }] of Object.entries(paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    assert.deepEqual(
      get.parameters.filter(({ in: where }) => where === 'path').map(({ name }) => name),
      named,
      path,
    )
  }
})
