import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { fileOf, paths } from '../../coordinator/explorer/paths.js'
import { codingFor } from '../../coordinator/http/encoding.ts'
import { startHttp } from '../../coordinator/http/index.ts'
import { allowedOrigin } from '../../coordinator/http/origins.ts'
import { homeOf, isThisMachine, Visitors } from '../../coordinator/http/visitors.ts'
import { refused } from './ask.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'
import { got } from './raw.ts'

test('an answer has a tag, and who has it already is told so in a line', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('one')
  for (const path of [
    '/',
    '/app.js',
    `/api/v1/rounds/${round}/cases`,
    `/api/v1/rounds/${round}/summary`,
    '/api/v1/openapi.json',
  ]) {
    const first = await got(url, path)
    assert.equal(first.headers['cache-control'], 'no-cache', path)
    const tag = first.headers.etag ?? ''
    assert.match(tag, /^W\/"[\w-]{22}"$/, path)
    for (const known of [tag, tag.slice(2), `"x", ${tag}`, '*']) {
      const again = await got(url, path, { 'if-none-match': known })
      assert.deepEqual([again.status, again.body.byteLength, again.headers.etag], [304, 0, tag], `${path} ${known}`)
    }
    assert.equal((await got(url, path, { 'if-none-match': '"other"' })).status, 200, path)
  }
  const before = (await got(url, `/api/v1/rounds/${round}/cases`)).headers.etag
  await fixture.addCases(round, [makeCase({})])
  const after = await got(url, `/api/v1/rounds/${round}/cases`, { 'if-none-match': before as string })
  assert.equal(after.status, 200)
  assert.equal((await got(url, `/api/v1/rounds/${'x'.repeat(59)}`)).headers.etag, undefined, 'refusals have none')
})

test('what is long enough is compressed as the reader takes it, and is the same', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('one')
  await fixture.addCases(
    round,
    Array.from({ length: 30 }, (_, n) => makeCase({ id: n })),
  )
  for (const path of ['/app.js', `/api/v1/rounds/${round}/cases`]) {
    const plain = await got(url, path)
    const br = await got(url, path, { 'accept-encoding': 'gzip, deflate, br' })
    const zip = await got(url, path, { 'accept-encoding': 'gzip' })
    assert.deepEqual(
      [plain, br, zip].map(({ headers }) => headers['content-encoding']),
      [undefined, 'br', 'gzip'],
      path,
    )
    assert.ok(brotliDecompressSync(br.body).equals(plain.body) && gunzipSync(zip.body).equals(plain.body), path)
    assert.ok(br.body.byteLength < plain.body.byteLength / 2, path)
    assert.match(br.headers.vary ?? '', /accept-encoding/)
    const head = await fetch(`${url}${path}`, { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''], path)
  }
})

test('which coding a reader takes', () => {
  const rows: [accepted: string | undefined, coding: string | null][] = [
    [undefined, null],
    ['', null],
    ['br', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.0,gzip;q=0', null],
    ['x-br, bro', null],
    ['identity', null],
  ]
  for (const [accepted, coding] of rows) assert.equal(codingFor(accepted), coding, accepted)
})

test('every answer has a name of a file, which says the same', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const round = await fixture.openRound('one')
  await fixture.addCases(round, [makeCase({}), makeCase({ cuda: 'other' })])
  for (const path of ['trust', 'nodes', `rounds/${round}/summary`, `rounds/${round}/cases/1`, `rounds/${round}/cases`]) {
    const [asked, file] = [await got(url, `/api/v1/${path}`), await got(url, `/api/v1/${path}.json`)]
    assert.ok(asked.body.equals(file.body) && file.status === 200, path)
  }
  const page = await got(url, `/api/v1/rounds/${round}/cases,show=all,from=1,limit=1.json`)
  assert.deepEqual(
    JSON.parse(page.body.toString()).cases.map(({ line }: { line: number }) => line),
    [2],
  )
  assert.deepEqual(await refused(url, `/api/v1/rounds/${round}/cases,from=x.json`), [400, 'bad-request'])
  assert.deepEqual(await refused(url, '/api/v1/.json'), [404, 'not-found'])
})

test('notebooks may read what is for everybody; of a coordinator for one machine only pages of this machine', async () => {
  const rows: [host: string, origin: string | undefined, allowed: string | null][] = [
    ['0.0.0.0', 'https://notebook.example', '*'],
    ['::', undefined, '*'],
    ['swarm.example', 'null', '*'],
    ['127.0.0.1', 'http://localhost:8888', 'http://localhost:8888'],
    ['localhost', 'http://127.0.0.1:8888', 'http://127.0.0.1:8888'],
    ['::1', 'http://[::1]:8888', 'http://[::1]:8888'],
    ['127.0.0.1', 'https://evil.example', null],
    ['127.0.0.1', 'https://localhost.evil.example', null],
    ['127.0.0.1', 'https://127.evil.example', null],
    ['127.0.0.1', 'null', null],
    ['127.0.0.1', undefined, null],
  ]
  for (const [host, origin, allowed] of rows) assert.equal(allowedOrigin(host, origin), allowed, `${host} ${origin}`)
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const own = await got(url, '/api/v1/status', { origin: 'http://localhost:8888' })
  assert.equal(own.headers['access-control-allow-origin'], 'http://localhost:8888')
  assert.equal(own.headers['cross-origin-resource-policy'], 'cross-origin')
  assert.match(own.headers.vary ?? '', /origin/)
  const page = await got(url, '/', { origin: 'http://localhost:8888' })
  assert.equal(page.headers['access-control-allow-origin'], undefined, 'pages are for nobody else')
  const stranger = await got(url, '/api/v1/status', { origin: 'https://evil.example' })
  assert.equal(stranger.headers['access-control-allow-origin'], undefined)
  const strangers = await got(url, '/api/v1/nothing', { origin: 'https://evil.example' })
  assert.equal(strangers.headers['access-control-allow-origin'], undefined)
})

test('each address has an allowance that fills again, and a bounded number of them is known', () => {
  let now = 0
  const visitors = new Visitors({ perSecond: 2, burst: 3, now: () => now })
  const asked = (address: string, times: number) => Array.from({ length: times }, () => visitors.ask(address))
  assert.deepEqual(asked('192.0.2.1', 4), [0, 0, 0, 1])
  assert.deepEqual(asked('192.0.2.2', 1), [0], 'another one')
  now += 1000
  assert.deepEqual(asked('192.0.2.1', 3), [0, 0, 1])
  assert.deepEqual(asked('2001:db8::1', 3), [0, 0, 0])
  assert.deepEqual(asked('2001:db8::ffff', 1), [1], 'of the same network')
  assert.deepEqual(
    asked('127.0.0.1', 10),
    Array.from({ length: 10 }, () => 0),
  )
  for (let n = 0; n < 30_000; n++) visitors.ask(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`)
  assert.equal(visitors.size, 20_000)
})

test('where an address is at home', () => {
  const rows: [address: string, home: string][] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ]
  for (const [address, home] of rows) assert.equal(homeOf(address), home, address)
  assert.ok(isThisMachine('::ffff:127.0.0.1') && isThisMachine('::1') && !isThisMachine('128.0.0.1'))
})

test('who asks too often is told when to come back; probes are always answered', async () => {
  await using fixture = await Fixture.open()
  const visitors = { perSecond: 0.001, burst: 3, isFree: () => false }
  const server = await startHttp(fixture.components(), { host: '127.0.0.1', port: 0, visitors })
  try {
    for (let n = 0; n < 3; n++) assert.equal((await got(server.url, '/api/v1/status')).status, 200)
    const late = await got(server.url, '/')
    assert.equal(late.status, 429)
    assert.ok(Number(late.headers['retry-after']) > 0)
    assert.equal(late.headers['x-content-type-options'], 'nosniff')
    assert.deepEqual(await refused(server.url, '/api/v1/events'), [429, 'slow-down'])
    assert.equal((await got(server.url, '/health')).status, 200)
  } finally {
    await server.close()
  }
})

/** What a script, style or page makes a browser load at once. */
function loadedBy(path: string, text: string): string[] {
  const patterns = path.endsWith('.js')
    ? [/(?:^|\n)\s*(?:import|export)\b[^'"\n]*?(?:from\s*)?'(\.[^']+)'/g]
    : [/<(?:link|script|img)\b[^>]*?(?:href|src)="([^"#:]+)"/g]
  const found = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => name as string))
  return found.map((name) => new URL(name, `http://x${path}`).pathname)
}

test('the page of a round comes in less than 150 KB, everything that it loads first counted', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const [ann, ben] = [await volunteer(1), await volunteer(2)]
  const round = await fixture.openRound('one')
  const cases = Array.from({ length: 60 }, (_, n) =>
    makeCase({ id: `case ${n}`, cpp: `void f() { /* ${n} */ }`, cuda: `// ${n}`, tests: 5 }),
  )
  await fixture.addCases(round, cases)
  const said = Array.from({ length: 5 }, (_, n): Said => ['success', `${n}`])
  for (let line = 1; line <= 40; line++) {
    for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, line, side, [ann, ben], said)
  }
  const takes = { 'accept-encoding': 'br, gzip' }
  let bytes = 0
  const loaded = new Set(['/'])
  for (const path of loaded) {
    const { status, body } = await got(url, path, takes)
    assert.equal(status, 200, path)
    bytes += body.byteLength
    if (/(^\/|\.js)$/.test(path)) for (const next of loadedBy(path, await (await fetch(`${url}${path}`)).text())) loaded.add(next)
  }
  assert.ok(loaded.has('/views/round.js') && loaded.has('/style.css') && loaded.size > 15, [...loaded].join(' '))
  const shown = { show: 'all', from: 0 }
  const asked = [
    paths.status(),
    paths.round(round),
    paths.summary(round),
    paths.matrix(round, 0),
    paths.cases(round, shown),
    paths.files(round),
  ]
  for (const path of asked) bytes += (await got(url, `/api/v1/${fileOf(path)}`, takes)).body.byteLength
  const { body } = await got(url, `/api/v1/${fileOf(paths.rounds(0))}`)
  // The live feed's first message has what this list has, uncompressed, and the status.
  bytes += body.byteLength + 2_000
  assert.ok(bytes < 150_000, `${bytes} bytes in ${loaded.size} files and ${asked.length} answers`)
})
