import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { FeedMessage, Rounds, Status } from '../../coordinator/http/schemas.ts'
import type { RoundSpec, Visibility } from '../../protocol/index.ts'
import { Fixture, makeCase, type Said, type Volunteer, volunteer } from './fixture.ts'

/** What must not be found anywhere where it is not to be seen. */
interface Secrets {
  /** The round's own hash, and its name. */
  round: string[]
  /** Texts, outputs, and the names of cases, programs and verdicts. */
  content: string[]
}

interface Books {
  fixture: Fixture
  url: string
  round: string
  verdict: string
  node: string
  secrets: Secrets
}

const MARK = 'ultramarine'

/** A round of one judged case and one that is open, every text of which can be told. */
async function books(visibility: Visibility): Promise<Books> {
  const fixture = await Fixture.open()
  const [ann, ben] = [await volunteer(1), await volunteer(2)]
  const terms: Partial<RoundSpec> = visibility === 'public' ? {} : { visibility }
  const round = await fixture.openRound('the-name-of-the-round', terms)
  const judged = makeCase({
    id: `${MARK}-id`,
    problem: `${MARK}-problem`,
    cpp: `void f() { /* ${MARK}-cpp */ }`,
    cuda: `/* ${MARK}-cuda */`,
  })
  const open = makeCase({ id: `${MARK}-open`, problem: '', cpp: `void f() { /* ${MARK}-open */ }`, cuda: `/* ${MARK}-late */` })
  await fixture.addCases(round, [judged, open])
  const said: Said[] = [
    ['success', `${MARK}-output`],
    ['success', `${MARK}-output`],
  ]
  const verdict = await fixture.vote(round, 1, 'cpp', ann, said)
  await fixture.agree(round, 1, 'cpp', [ben], said)
  await fixture.agree(round, 1, 'cuda', [ann, ben], said)
  const { state } = fixture.ledger
  const entry = state.rounds.get(round)
  const tasks = [...state.tasks.values()]
  const task = tasks.find(({ task }) => task.program === fixture.program(round, 1, 'cpp'))
  state.trust.incidents.push(incident(ann, task?.id ?? '', round))
  const secrets = {
    round: [round, 'the-name-of-the-round'],
    content: [
      MARK,
      ...(entry?.cases.flatMap(({ programs }) => [programs.cpp, programs.cuda]) ?? []),
      ...tasks.map(({ id }) => id),
      ...tasks.flatMap(({ votes }) =>
        votes.flatMap(({ verdict, cells }) => [verdict, ...cells.flatMap((cell) => [cell.output, cell.compat])]),
      ),
    ],
  }
  return { fixture, url: await fixture.serve(), round, verdict, node: ann.name, secrets }
}

function incident({ name, operator }: Volunteer, task: string, round: string) {
  const what = { operator, nodes: [name], reason: 'batch-check', task, tests: [0], reopened: 0, rounds: [round] } as const
  return {
    at: 1,
    kind: 'demoted',
    ...what,
    nodes: [...what.nodes],
    tests: [...what.tests],
    rounds: [...what.rounds],
  } as const as never
}

/** What every path of the API answers to a stranger who knows all names; a path that is not here fails the test. */
const PATHS: Record<string, (books: Books) => string> = {
  '/status': () => 'status',
  '/activity': () => 'activity',
  '/trust': () => 'trust',
  '/rounds': () => 'rounds?limit=200',
  '/rounds/:round': ({ round }) => `rounds/${round}`,
  '/rounds/:round/summary': ({ round }) => `rounds/${round}/summary`,
  '/rounds/:round/matrix': ({ round }) => `rounds/${round}/matrix`,
  '/rounds/:round/cases': ({ round }) => `rounds/${round}/cases`,
  '/rounds/:round/cases/:line': ({ round }) => `rounds/${round}/cases/1`,
  '/rounds/:round/files': ({ round }) => `rounds/${round}/files`,
  '/rounds/:round/files/:file': ({ round }) => `rounds/${round}/files/outcomes.jsonl`,
  '/openapi.json': () => 'openapi.json',
  '/verdicts/:cid': ({ verdict }) => `verdicts/${verdict}`,
  '/verdicts/:cid/outputs/:test': ({ verdict }) => `verdicts/${verdict}/outputs/1`,
  '/verdicts/:cid/program': ({ verdict }) => `verdicts/${verdict}/program`,
  '/nodes': () => 'nodes',
  '/nodes/:node': ({ node }) => `nodes/${node}`,
  '/incidents': () => 'incidents',
  '/events': () => 'events',
}

/** The paths that the coordinator has, read off where they are made. */
async function paths(): Promise<string[]> {
  const source = await readFile(new URL('../../coordinator/http/api.ts', import.meta.url), 'utf8')
  return [...source.matchAll(/app\.get\('([^']+)'/g)].map(([, path]) => path as string)
}

/** All that is said, status and words, with what was asked for taken out: who asks knows it. */
async function answers(all: Books): Promise<Map<string, { status: number; text: string }>> {
  const said = new Map<string, { status: number; text: string }>()
  for (const path of await paths()) {
    const make = PATHS[path]
    assert.ok(make !== undefined, `${path} is not looked at here`)
    const asked = make(all)
    if (path === '/events') said.set(path, { status: 200, text: await watched(all) })
    else {
      const response = await fetch(`${all.url}/api/v1/${asked}`)
      said.set(path, { status: response.status, text: await response.text() })
    }
  }
  // Whatever is in the store has a name; none of it is given out by that name but verdicts.
  for (const name of [...all.secrets.content.slice(1), all.round]) {
    for (const path of [`verdicts/${name}`, `rounds/${name}`, `rounds/${name}/cases`, `blobs/${name}`, `programs/${name}`]) {
      const response = await fetch(`${all.url}/api/v1/${path}`)
      said.set(path, { status: response.status, text: await response.text() })
    }
  }
  return said
}

/** The first messages of the live feed, one of them since something happened in the round. */
async function watched({ fixture, url, round }: Books): Promise<string> {
  const leaving = new AbortController()
  const response = await fetch(`${url}/api/v1/events`, { signal: leaving.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const until = async (pattern: RegExp) => {
    while (!pattern.test(text)) text += (await reader?.read())?.value ?? ''
  }
  await until(/event: snapshot\ndata: .*\n\n/)
  const nonce = await fixture.assign(round, 2, 'cpp', await volunteer(3))
  await fixture.expire(nonce)
  await until(/event: change\ndata: .*\n\n/)
  leaving.abort()
  for (const [, data] of text.matchAll(/data: (.*)\n/g)) FeedMessage.parse(JSON.parse(data as string))
  return text
}

function found(said: Map<string, { text: string }>, secrets: readonly string[]): string[] {
  const all = [...said].flatMap(([path, { text }]) =>
    secrets.filter((secret) => text.includes(secret)).map((secret) => `${path}: ${secret}`),
  )
  return [...new Set(all)]
}

test('a public round shows what votes allow', async () => {
  const all = await books('public')
  await using _ = all.fixture
  const said = await answers(all)
  for (const path of await paths()) assert.equal(said.get(path)?.status, path.includes('/files') ? 403 : 200, path)
  assert.ok(found(said, all.secrets.content).length > 0)
  assert.ok(found(said, all.secrets.round).length > 0)
})

test('of a round that shows counts only, nothing but these is found by any path', async () => {
  const all = await books('counts-only')
  await using _ = all.fixture
  const said = await answers(all)
  assert.deepEqual(found(said, all.secrets.content), [])
  const statuses = Object.fromEntries((await paths()).map((path) => [path, said.get(path)?.status]))
  assert.deepEqual(statuses, {
    '/status': 200,
    '/activity': 200,
    '/trust': 200,
    '/rounds': 200,
    '/rounds/:round': 200,
    '/rounds/:round/summary': 403,
    '/rounds/:round/matrix': 403,
    '/rounds/:round/cases': 403,
    '/rounds/:round/cases/:line': 403,
    '/rounds/:round/files': 403,
    '/rounds/:round/files/:file': 403,
    '/openapi.json': 200,
    '/verdicts/:cid': 404,
    '/verdicts/:cid/outputs/:test': 404,
    '/verdicts/:cid/program': 404,
    '/nodes': 200,
    '/nodes/:node': 200,
    '/incidents': 200,
    '/events': 200,
  })
  const { items } = Rounds.parse(JSON.parse(said.get('/rounds')?.text ?? ''))
  assert.deepEqual([items[0]?.visibility, items[0]?.cases, items[0]?.judged], ['counts-only', 2, 1])
  // It stays like that when it has ended.
  await fixtureEnds(all)
  assert.deepEqual(found(await answersOfEnded(all), all.secrets.content), [])
  await leavesMemory(all)
  assert.deepEqual(found(await answersOfEnded(all), all.secrets.content), [])
})

test('of an embargoed round only that there is one, until it has ended, and then all', async () => {
  const all = await books('embargoed')
  await using _ = all.fixture
  const said = await answers(all)
  assert.deepEqual(found(said, [...all.secrets.content, ...all.secrets.round]), [])
  const status = Status.parse(JSON.parse(said.get('/status')?.text ?? ''))
  assert.deepEqual(status.rounds, { total: 0, live: 0, embargoed: 1 })
  assert.deepEqual(status.tasks, { total: 0, ready: 0, running: 0, decided: 0, undecided: 0 })
  assert.equal(status.verdicts, 0)
  const { total, items } = Rounds.parse(JSON.parse(said.get('/rounds')?.text ?? ''))
  assert.deepEqual([total, items], [0, []])
  for (const path of (await paths()).filter((path) => /:round|:cid/.test(path))) {
    assert.equal(said.get(path)?.status, 404, path)
  }
  await fixtureEnds(all)
  const after = await answersOfEnded(all)
  assert.ok(found(after, all.secrets.content).length > 0)
  assert.equal(after.get('/rounds/:round/cases/:line')?.status, 200)
  await leavesMemory(all)
  const later = await answersOfEnded(all)
  for (const [path, { status }] of later) assert.equal(status, 200, path)
  assert.ok((later.get('/incidents')?.text ?? '').includes(all.round))
})

test('an embargoed round that was cancelled stays what it was', async () => {
  const all = await books('embargoed')
  await using _ = all.fixture
  await all.fixture.cancelRound(all.round)
  const hidden = [...all.secrets.content, ...all.secrets.round]
  assert.deepEqual(found(await answersOfEnded(all), hidden), [])
  await leavesMemory(all)
  const said = await answersOfEnded(all)
  assert.deepEqual(found(said, hidden), [])
  const { rounds, tasks, verdicts } = Status.parse(JSON.parse(said.get('/status')?.text ?? ''))
  assert.deepEqual([rounds.total, rounds.embargoed, tasks.total, verdicts], [0, 1, 0, 0])
})

test('what a public round shares with an embargoed one is shown as of the public one', async () => {
  const all = await books('embargoed')
  await using _ = all.fixture
  const { fixture, url, round, verdict } = all
  const open = await fixture.openRound('a public one')
  const same = makeCase({ id: 'own', problem: '', cpp: `void f() { /* ${MARK}-cpp */ }`, cuda: `/* ${MARK}-cuda */` })
  await fixture.addCases(open, [same])
  await fixture.sealRound(open)
  const response = await fetch(`${url}/api/v1/verdicts/${verdict}`)
  assert.equal(response.status, 200)
  const text = await response.text()
  assert.ok(text.includes(open))
  assert.equal(text.includes(round), false)
})

/** Lets the case that is open come to its end. */
async function fixtureEnds({ fixture, round }: Books): Promise<void> {
  const said: Said[] = [
    ['success', `${MARK}-output`],
    ['success', `${MARK}-output`],
  ]
  const nodes = [await volunteer(4), await volunteer(5)]
  for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 2, side, nodes, said)
  await fixture.sealRound(round)
  assert.equal(fixture.ledger.state.rounds.get(round)?.state, 'aggregated')
}

/** What has ended leaves memory after a while, and is read from the disk. */
async function leavesMemory({ fixture, round }: Books): Promise<void> {
  await fixture.ledger.record({ t: 'round-closed', at: Date.now(), round })
  assert.equal(fixture.ledger.state.rounds.has(round), false)
}

async function answersOfEnded(all: Books): Promise<Map<string, { status: number; text: string }>> {
  const said = new Map<string, { status: number; text: string }>()
  for (const path of (await paths()).filter((path) => path !== '/events')) {
    const response = await fetch(`${all.url}/api/v1/${PATHS[path]?.(all)}`)
    said.set(path, { status: response.status, text: await response.text() })
  }
  return said
}
