import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Status } from '../../coordinator/http/schemas.ts'
import { ask } from './ask.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'

const GOOD: Said[] = [
  ['success', 'a\n'],
  ['success', 'b\n'],
]
const ann = await volunteer(1)
const ben = await volunteer(2)

async function text(url: string, path: string): Promise<[status: number, body: string]> {
  const response = await fetch(`${url}${path}`)
  return [response.status, await response.text()]
}

/** Samples of Prometheus' text form, by name with labels. */
async function samples(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const found = /^([a-z_:][a-z0-9_:]*(?:\{[^}]*\})?) (\S+)$/i.exec(line)
      assert.ok(found, line)
      return [found[1] as string, Number(found[2])]
    }),
  )
}

async function oneCase(fixture: Fixture): Promise<string> {
  const round = await fixture.openRound('one')
  await fixture.addCases(round, [makeCase({ id: 1, problem: 'p', cpp: 'int f() {}', cuda: '//' })])
  await fixture.sealRound(round)
  return round
}

test('health says that the process answers; ready says whether it works, and why not', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  assert.deepEqual(await text(url, '/health'), [200, '{"status":"ok"}'])
  assert.deepEqual(await text(url, '/ready'), [200, '{"status":"ready"}'])
  fixture.trouble = 'the disk is full'
  assert.deepEqual(await text(url, '/health'), [200, '{"status":"ok"}'])
  assert.deepEqual(await text(url, '/ready'), [503, '{"status":"not-ready","reason":"the disk is full"}'])
  assert.equal((await samples(url)).get('kernelswarm_ready'), 0)
  assert.equal((await ask(url, 'status', Status)).trouble, 'the disk is full')
})

test('figures follow what happens', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await oneCase(fixture)
  fixture.join(ann, 'host', 'emulated')
  fixture.join(ben, 'host')
  await fixture.agree(round, 1, 'cpp', [ann, ben], GOOD)
  await fixture.assign(round, 1, 'cuda', ann)
  await fixture.expire(await fixture.assign(round, 1, 'cuda', ben))
  const found = await samples(url)
  const rows: [name: string, value: number][] = [
    ['kernelswarm_ready', 1],
    ['kernelswarm_nodes_connected', 2],
    ['kernelswarm_nodes_able{executor="host"}', 2],
    ['kernelswarm_nodes_able{executor="emulated"}', 1],
    ['kernelswarm_rounds{state="verifying"}', 1],
    ['kernelswarm_tasks_ready', 1],
    ['kernelswarm_assignments_open', 1],
    ['kernelswarm_tasks_ended{outcome="decided"}', 1],
    ['kernelswarm_verdicts_total{executor="host"}', 2],
    ['kernelswarm_assignments_ended_total{how="expired"}', 1],
    ['kernelswarm_log_events_total{type="assigned"}', 4],
    ['kernelswarm_log_last_event', fixture.ledger.state.events],
  ]
  for (const [name, value] of rows) assert.equal(found.get(name), value, name)
  assert.ok((found.get('kernelswarm_commit_seconds_count') ?? 0) > 0)
  assert.ok((found.get('kernelswarm_data_free_bytes') ?? 0) > 0)
  assert.ok((found.get('process_resident_memory_bytes') ?? 0) > 0)
})

test('what is logged is counted by event and code, whatever it says beside; details at debug are not', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  fixture.journal.info({ event: 'verdict-rejected', node: ann.name, code: 'malformed' })
  fixture.journal.info({ event: 'verdict-rejected', node: ben.name, code: 'malformed' })
  fixture.journal.debug({ event: 'verdict-rejected', detail: 'at byte 7' })
  fixture.journal.warn({ event: 'operator-suspended', reason: 'strikes' })
  const found = await samples(url)
  assert.equal(found.get('kernelswarm_happenings_total{event="verdict-rejected",code="malformed"}'), 2)
  assert.equal(found.get('kernelswarm_happenings_total{event="operator-suspended",code=""}'), 1)
})

test('figures name no node, operator, round or address, and their number does not grow with the swarm', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await oneCase(fixture)
  fixture.join(ann, 'host')
  await fixture.agree(round, 1, 'cpp', [ann, ben], GOOD)
  const before = await samples(url)
  const [, body] = await text(url, '/metrics')
  for (const secret of [ann.name, ann.operator, ben.name, ben.operator, round, 'researcher']) {
    assert.ok(!body.includes(secret), secret)
  }
  for (const number of [3, 4, 5]) {
    const one = await volunteer(number)
    fixture.join(one, 'host')
    await fixture.agree(
      await fixture.openRound(`more ${number}`).then(async (id) => await filled(fixture, id, number)),
      1,
      'cpp',
      [one, ben],
      GOOD,
    )
  }
  const series = (found: Map<string, number>) =>
    [...found.keys()].filter((name) => name.startsWith('kernelswarm_') && !/state="/.test(name))
  assert.deepEqual(series(await samples(url)), series(before))
})

async function filled(fixture: Fixture, round: string, number: number): Promise<string> {
  await fixture.addCases(round, [makeCase({ id: number, problem: 'p', cpp: `int g${number}() {}`, cuda: `// ${number}` })])
  return round
}

test('a fault of ours is logged with its place, and said to nobody', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  Object.defineProperty(fixture.ledger.state.trust, 'incidents', {
    get: () => {
      throw new Error('secret words')
    },
  })
  const [status, body] = await text(url, '/api/v1/incidents')
  assert.equal(status, 500)
  assert.doesNotMatch(body, /secret words/)
  const [line] = fixture.lines
  assert.equal(line?.event, 'page-failed')
  assert.equal(line?.path, '/api/v1/incidents')
  assert.match(String(line?.detail), /secret words/)
})
