import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileOf, paths } from '../../coordinator/explorer/paths.js'
import { exportExplorer } from '../../coordinator/export/index.ts'
import { CaseDetail, Status } from '../../coordinator/http/schemas.ts'
import { UsageError } from '../../protocol/index.ts'
import { scratch } from '../support/scratch.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'

const SAID: Said[] = [
  ['success', 'one'],
  ['success', ''],
]

/** Three rounds: one that has ended, one of which counts are shown, one that nobody is to know of. */
async function swarm() {
  const fixture = await Fixture.open()
  const [ann, ben] = [await volunteer(1), await volunteer(2)]
  fixture.join(ann, 'host', 'emulated')
  const ended = await fixture.openRound('ended')
  await fixture.addCases(
    ended,
    Array.from({ length: 60 }, (_, n) =>
      makeCase({ id: n, cpp: `void f() { /* ${n} */ }`, cuda: `// ${n}`, problem: `p${n % 7}` }),
    ),
  )
  for (let line = 1; line <= 60; line++) {
    for (const side of ['cpp', 'cuda'] as const) {
      // Every third differs.
      const said: Said[] = side === 'cuda' && line % 3 === 0 ? [['success', 'other'], SAID[1] as Said] : SAID
      await fixture.agree(ended, line, side, [ann, ben], said)
    }
  }
  await fixture.sealRound(ended)
  const counts = await fixture.openRound('counts', { visibility: 'counts-only' })
  await fixture.addCases(counts, [makeCase({ cpp: 'ultramarine', cuda: 'x' })])
  const hidden = await fixture.openRound('hidden-name', { visibility: 'embargoed' })
  await fixture.addCases(hidden, [makeCase({ cpp: 'ultramarine too', cuda: 'y' })])
  return { fixture, ended, counts, hidden, node: ann.name }
}

test('an exported folder has what the live pages read, under the same names, and nothing that nobody is shown', async (t) => {
  const { fixture, ended, counts, hidden, node } = await swarm()
  await using _ = fixture
  const url = await fixture.serve()
  const folder = join(await scratch(t), 'page')
  const { rounds, files } = await exportExplorer({ url, folder, signal: t.signal })
  assert.equal(rounds, 2)
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  assert.equal(names.length, files)
  const text = async (path: string) => await readFile(join(folder, path), 'utf8')
  const live = async (path: string) => await (await fetch(`${url}/${path}`)).text()
  for (const page of ['index.html', 'app.js', 'paths.js', 'vendor/uplot.js'])
    assert.equal(await text(page), await live(page), page)
  const status = Status.parse(JSON.parse(await text('api/v1/status.json')))
  assert.ok(status.exportedAt !== null && status.rounds.total === 2)
  const asked = [
    paths.trust(),
    paths.rounds(0),
    paths.round(ended),
    paths.summary(ended),
    paths.matrix(ended, 0),
    paths.cases(ended, { show: 'all', from: 0 }),
    paths.cases(ended, { show: 'all', from: 50 }),
    paths.cases(ended, { show: 'different', from: 0 }),
    paths.case(ended, 60),
    paths.files(ended),
    paths.nodes(0),
    paths.node(node),
    paths.incidents(0),
    // What is refused is refused there, too.
    paths.summary(counts),
    paths.cases(counts, { show: 'all', from: 0 }),
    paths.files(counts),
  ]
  const bare = (json: string) => json.replace(/"(now|uptimeMs)":\d+/g, '')
  for (const path of asked) assert.equal(bare(await text(`api/v1/${fileOf(path)}`)), bare(await live(`api/v1/${path}`)), path)
  const { ballots } = CaseDetail.parse(JSON.parse(await text(`api/v1/${fileOf(paths.case(ended, 3))}`)))
  const verdicts = [...(ballots?.cpp ?? []), ...(ballots?.cuda ?? [])].flatMap((ballot) => ballot.verdicts)
  assert.equal(verdicts.length, 4)
  for (const { verdict } of verdicts) {
    for (const path of [paths.verdict(verdict), paths.output(verdict, 1), paths.output(verdict, 2), paths.program(verdict)]) {
      assert.equal(await text(`api/v1/${fileOf(path)}`), await live(`api/v1/${path}`), path)
    }
  }
  for (const file of ['outcomes.jsonl', 'translator_sft.json']) {
    const path = `api/v1/rounds/${ended}/files/${file}`
    assert.equal(await text(path), await live(path), file)
  }
  for (const entry of names) {
    const content = await readFile(join(entry.parentPath, entry.name), 'utf8')
    for (const secret of ['ultramarine', hidden, 'hidden-name', '203.0.']) {
      assert.ok(!content.includes(secret) && !entry.name.includes(secret), `${entry.name}: ${secret}`)
    }
  }
})

test('a folder with something in it is left alone, and one that is not finished is not there', async (t) => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const folder = await scratch(t)
  await writeFile(join(folder, 'mine'), '')
  const isUsage = (code: string) => (error: unknown) => error instanceof UsageError && error.code === code
  await assert.rejects(exportExplorer({ url, folder, signal: t.signal }), isUsage('file'))
  assert.deepEqual(await readdir(folder), ['mine'])
  const stop = new AbortController()
  const stopped = exportExplorer({ url, folder: join(folder, 'page'), signal: stop.signal, onProgress: () => stop.abort() })
  await assert.rejects(stopped)
  assert.deepEqual(await readdir(folder), ['mine'])
  await assert.rejects(
    exportExplorer({ url: 'http://127.0.0.1:1', folder: join(folder, 'page'), signal: t.signal }),
    isUsage('refused'),
  )
})

test('a coordinator that says what is not so is not believed: no file comes to lie elsewhere', async (t) => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const folder = await scratch(t)
  const rows: { id: string; path: string; change: (body: Record<string, unknown>) => unknown }[] = [
    {
      id: 'a node that is a way up',
      path: '/nodes',
      change: () => ({ total: 1, from: 0, next: null, items: [nodeRow('../../../x')] }),
    },
    {
      id: 'a round that is no name',
      path: '/rounds',
      change: () => ({ total: 1, from: 0, next: null, items: [{ round: '../x' }] }),
    },
    { id: 'no object', path: '/status', change: () => 7 },
  ]
  for (const { id, path, change } of rows) {
    await using liar = createServer(async (request, response) => {
      const real = await fetch(`${url}${request.url}`)
      const body = await real.text()
      const lies = request.url?.startsWith(`/api/v1${path}`) === true
      response.writeHead(real.status, { 'content-type': 'application/json' })
      response.end(lies ? JSON.stringify(change(JSON.parse(body))) : body)
    }).listen(0, '127.0.0.1')
    await once(liar, 'listening')
    const lying = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`
    const failed = exportExplorer({ url: lying, folder: join(folder, 'page'), signal: t.signal })
    await assert.rejects(failed, (error: unknown) => error instanceof UsageError && error.code === 'refused', id)
    assert.deepEqual(await readdir(folder), [], id)
  }
})

function nodeRow(node: string) {
  return {
    ...{ node, name: null, connected: false, executors: [], running: 0, verdicts: 0, decided: 0, creditMs: 0, agreed: 0 },
    ...{ disagreed: 0, declined: 0, expired: 0, since: null, lastAt: null, environments: [], standing: 'new' },
  }
}
