import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startHttp } from '../../coordinator/http/index.ts'
import { CaseDetail, Cases, Round } from '../../coordinator/http/schemas.ts'
import { UsageError } from '../../protocol/index.ts'
import { ask, refused } from './ask.ts'
import { Fixture, makeCase, volunteer } from './fixture.ts'

const EXPLORER = new URL('../../coordinator/explorer/', import.meta.url)

test('every answer carries the strict headers, refusals, files and streams too', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  for (const path of ['/', '/app.js', '/style.css', '/api/v1/status', '/api/v1/events', '/api/v1/rounds/x', '/nothing', '/%zz']) {
    const leaving = new AbortController()
    const { headers } = await fetch(`${url}${path}`, { signal: leaving.signal })
    leaving.abort()
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      assert.ok(policy.split('; ').includes(rule), `${path}: ${rule}`)
    }
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.equal(headers.get('referrer-policy'), 'no-referrer', path)
    assert.equal(headers.get('access-control-allow-origin'), null, path)
  }
})

test('the explorer is served as it lies in its folder, with the right types', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const types: Record<string, RegExp> = {
    html: /^text\/html/,
    css: /^text\/css/,
    js: /^(text|application)\/javascript/,
    svg: /^image\/svg\+xml/,
  }
  for (const file of (await readdir(EXPLORER, { recursive: true })).filter((name) => /\.(html|css|js|svg)$/.test(name))) {
    const response = await fetch(`${url}/${file}`)
    assert.equal(response.status, 200, file)
    assert.match(response.headers.get('content-type') ?? '', types[file.split('.').at(-1) ?? ''] ?? /^$/, file)
  }
  const page = await (await fetch(`${url}/`)).text()
  assert.doesNotMatch(page, /<script(?![^>]* src=)|style=|\son\w+=|https?:\/\//, 'nothing inline, nothing from elsewhere')
})

test('no file beside the explorer is served', async () => {
  await using fixture = await Fixture.open()
  const url = new URL(await fixture.serve())
  for (const path of [
    '/../http/index.ts',
    '/..%2fhttp%2findex.ts',
    '/%2e%2e/http/index.ts',
    '/views',
    '/views/',
    '/.env',
    '//etc/passwd',
  ]) {
    const socket = connect(Number(url.port), url.hostname)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    assert.match(await text(socket), /^HTTP\/1.1 (40[034]) /, path)
  }
})

test('only reading is possible', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    for (const path of ['/', '/api/v1/status', '/nothing']) {
      assert.deepEqual(await refused(url, path, { method }), [405, 'method'], `${method} ${path}`)
    }
  }
  const head = await fetch(`${url}/api/v1/status`, { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
})

test('what is no HTTP, or too much of it, gets one answer and the end', async () => {
  await using fixture = await Fixture.open()
  const { hostname, port } = new URL(await fixture.serve())
  const rows = ['rubbish\r\n\r\n', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`]
  for (const row of rows) {
    const socket = connect(Number(port), hostname)
    socket.write(row)
    const answer = await text(socket)
    assert.match(answer, /^HTTP\/1.1 400 /)
    assert.match(answer, /x-content-type-options: nosniff/)
    assert.match(answer, /"code":"bad-request"/)
  }
})

test('the Host header changes nothing', async () => {
  await using fixture = await Fixture.open()
  const { hostname, port } = new URL(await fixture.serve())
  const socket = connect(Number(port), hostname)
  socket.write('GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n')
  const answer = await text(socket)
  assert.match(answer, /^HTTP\/1.1 200 /)
  assert.doesNotMatch(answer, /evil/)
})

test('hostile text comes back as JSON data, unchanged', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const ann = await volunteer(1)
  const ben = await volunteer(2)
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '\u202Eright to left\u202C \u0000\u0007\u001b[31m \u2028\u2029 \uFEFF',
    'Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034Dalgo 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 👩‍👩‍👧‍👦',
    '__proto__',
  ]
  for (const words of hostile) {
    const round = await fixture.openRound(words)
    await fixture.addCases(round, [makeCase({ id: words, problem: words, cpp: words, cuda: words, tests: 1 })])
    for (const side of ['cpp', 'cuda'] as const) await fixture.agree(round, 1, side, [ann, ben], [['success', words]])
    const response = await fetch(`${url}/api/v1/rounds/${round}/cases/1`)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    const item = CaseDetail.parse(await response.json())
    assert.deepEqual([item.id, item.problem, item.code?.cpp, item.roundName], [words, words, words, words])
    assert.equal(item.inputs[0]?.outcomes?.cpp?.text, words)
    assert.equal((await ask(url, `rounds/${round}`, Round)).name, words)
    assert.equal((await ask(url, `rounds/${round}/cases`, Cases)).cases[0]?.id, words)
  }
})

test('a port in use is one clear line', async () => {
  await using fixture = await Fixture.open()
  const { port } = new URL(await fixture.serve())
  const components = fixture.components()
  const rows: [host: string, port: number][] = [
    ['127.0.0.1', Number(port)],
    ['192.0.2.1', 0],
    ['127.0.0.1', 65_536],
  ]
  for (const [host, at] of rows) {
    const failure = await startHttp(components, { host, port: at }).catch((error: unknown) => error)
    assert.ok(failure instanceof UsageError, `${host}:${at}`)
    assert.equal(failure.code, 'address')
    assert.doesNotMatch(failure.message, /\n/)
  }
})

test('closing ends connections and listeners, twice is as good as once', async () => {
  await using fixture = await Fixture.open()
  const before = fixture.ledger.changes.listenerCount('change') + fixture.ledger.changes.listenerCount('presence')
  const components = fixture.components()
  const server = await startHttp(components, { host: '127.0.0.1', port: 0 })
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.write('GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  socket.resume()
  await Promise.all([server.close(), once(socket, 'close')])
  await server.close()
  assert.equal(fixture.ledger.changes.listenerCount('change') + fixture.ledger.changes.listenerCount('presence'), before)
})
