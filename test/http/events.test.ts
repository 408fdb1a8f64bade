import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { Feed, type FeedSource } from '../../coordinator/http/feed.ts'
import { Refusal } from '../../coordinator/http/refusal.ts'
import { FeedMessage } from '../../coordinator/http/schemas.ts'
import { Fixture, makeCase, type Said, volunteer } from './fixture.ts'

/** Server-sent events as they come; ends with the connection. */
async function* events(url: string, signal: AbortSignal, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/api/v1/events`, { signal, headers })
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n')
      text = text.slice(end + 2)
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      yield { event: field('event'), message: FeedMessage.parse(JSON.parse(field('data') ?? '')) }
    }
  }
}

test('a viewer gets a snapshot, then what changes', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  const [ann, ben] = [await volunteer(1), await volunteer(2)]
  const said: Said[] = [
    ['success', 'secret'],
    ['success', 'secret'],
  ]
  const round = await fixture.openRound('watched')
  await fixture.addCases(round, [makeCase({})])
  const leaving = new AbortController()
  const stream = events(url, leaving.signal)
  const next = async () => (await stream.next()).value
  const first = await next()
  assert.deepEqual([first?.event, first?.message.rounds.map(({ name }) => name)], ['snapshot', ['watched']])

  await fixture.vote(round, 1, 'cpp', ann, said)
  const change = await next()
  assert.deepEqual([change?.event, change?.message.rounds[0]?.round], ['change', round])
  assert.doesNotMatch(JSON.stringify(change), /secret|success/)

  for (const step of [() => fixture.vote(round, 1, 'cpp', ben, said), () => fixture.agree(round, 1, 'cuda', [ann, ben], said)])
    await step()
  let judged = 0
  while (judged === 0) judged = (await next())?.message.rounds[0]?.judged ?? 0
  assert.equal(judged, 1)

  fixture.join(ann, 'host')
  let connected = 0
  while (connected === 0) connected = (await next())?.message.status.nodes.connected ?? 0
  leaving.abort()
})

test('who comes back with an id of another life gets a fresh snapshot', async () => {
  await using fixture = await Fixture.open()
  const url = await fixture.serve()
  await fixture.openRound('one')
  const leaving = new AbortController()
  const stream = events(url, leaving.signal, { 'last-event-id': '0123456789ab.7' })
  const first = (await stream.next()).value
  assert.deepEqual([first?.event, first?.message.rounds.length], ['snapshot', 1])
  leaving.abort()
})

/** A source that counts how often it is asked, and says something of a given length. */
function countingSource(length = 0) {
  const asked = { status: 0 }
  const status = { filler: 'x'.repeat(length) } as never
  const source: FeedSource = {
    status: () => {
      asked.status++
      return status
    },
    newest: () => [],
    progress: () => [],
  }
  return { source, asked }
}

/** A viewer that reads at once, and says so. */
class Reader extends Writable {
  readonly heard = new EventEmitter<{ event: [string] }>()
  /** Of all that came: what kind of message, and the ids of those that have one. */
  readonly kinds: string[] = []
  readonly ids: string[] = []
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    for (const [, kind] of chunk.toString().matchAll(/^event: (\w+)$/gm)) this.kinds.push(kind as string)
    for (const [, id] of chunk.toString().matchAll(/^id: (.+)$/gm)) this.ids.push(id as string)
    this.heard.emit('event', /^event: (\w+)$/m.exec(chunk.toString())?.[1] ?? '')
    done()
  }
}

test('who comes back soon gets what was missed, and nothing else; after too much of it all there is', async () => {
  const { source, asked } = countingSource()
  const feed = new Feed(source, { intervalMs: 0 })
  const stays = new Reader()
  feed.add(stays)
  const change = async () => {
    const heard = once(stays.heard, 'event')
    feed.touch(['round'])
    await heard
  }
  await change()
  const last = stays.ids.at(-1)
  await change()
  await change()
  const before = asked.status
  const back = new Reader()
  feed.add(back, { lastId: last })
  assert.deepEqual([back.kinds, back.ids], [['resumed', 'change', 'change'], stays.ids.slice(-2)])
  const whole = new Reader()
  feed.add(whole, { lastId: stays.ids.at(-1) })
  assert.deepEqual(whole.kinds, ['resumed'], 'nothing was missed')
  assert.equal(asked.status, before, 'nothing is made anew for them')
  for (let n = 0; n < 64; n++) await change()
  const late = new Reader()
  feed.add(late, { lastId: last })
  assert.deepEqual(late.kinds, ['snapshot'])
  for (const id of [undefined, '', '7', `${last}000`, last?.replace(/^./, 'x'), 'a'.repeat(9000)]) {
    const other = new Reader()
    feed.add(other, { lastId: id })
    assert.deepEqual(other.kinds, ['snapshot'], String(id).slice(0, 30))
  }
  feed.close()
})

test('what changed while nobody watched is told to who comes back', async () => {
  const feed = new Feed(countingSource().source, { intervalMs: 0 })
  const first = new Reader()
  feed.add(first)
  const last = first.ids.at(-1)
  first.destroy()
  await once(first, 'close')
  const same = new Reader()
  feed.add(same, { lastId: last })
  assert.deepEqual(same.kinds, ['resumed'])
  same.destroy()
  await once(same, 'close')
  feed.touch(['round'])
  const back = new Reader()
  feed.add(back, { lastId: last })
  assert.deepEqual(back.kinds, ['snapshot'])
  feed.close()
})

test('one address has a bounded number of places; this machine as many as there are', () => {
  const feed = new Feed(countingSource().source)
  for (let n = 0; n < 32; n++) feed.add(new Reader(), { address: '192.0.2.1' })
  assert.throws(() => feed.add(new Reader(), { address: '::ffff:192.0.2.1' }))
  feed.add(new Reader(), { address: '192.0.2.2' })
  for (let n = 0; n < 40; n++) feed.add(new Reader(), { address: '127.0.0.1' })
  feed.close()
})

test('a message is made once, whoever watches, and many changes make one', async () => {
  const { source, asked } = countingSource()
  const feed = new Feed(source, { intervalMs: 0 })
  const readers = [new Reader(), new Reader(), new Reader()]
  for (const reader of readers) feed.add(reader)
  const before = asked.status
  const heard = readers.map((reader) => once(reader.heard, 'event'))
  for (let n = 0; n < 100; n++) feed.touch([`round ${n % 3}`])
  assert.deepEqual(await Promise.all(heard), [['change'], ['change'], ['change']])
  assert.equal(asked.status - before, 1)
  feed.close()
})

test('nothing is made while nobody watches', () => {
  const { source, asked } = countingSource()
  const feed = new Feed(source)
  feed.touch(['round'])
  assert.equal(asked.status, 0)
  feed.close()
})

test('many rounds at once are told in several messages', async () => {
  const { source } = countingSource()
  const told: string[] = []
  const progress = (rounds: readonly string[]) => {
    told.push(...rounds)
    return []
  }
  const feed = new Feed({ ...source, progress }, { intervalMs: 0 })
  const reader = new Reader()
  feed.add(reader)
  feed.touch(Array.from({ length: 45 }, (_, n) => `round ${n}`))
  for (let message = 0; message < 3; message++) await once(reader.heard, 'event')
  assert.equal(new Set(told).size, 45)
  assert.equal(told.length, 45)
  feed.close()
})

test('there is a bound on viewers, and a place is free again when one leaves', async () => {
  const feed = new Feed(countingSource().source, { maxViewers: 1 })
  const first = new Reader()
  feed.add(first)
  assert.throws(
    () => feed.assertRoom(),
    (error: unknown) => error instanceof Refusal && error.code === 'busy',
  )
  first.destroy()
  await once(first, 'close')
  feed.assertRoom()
  feed.close()
  assert.throws(() => feed.assertRoom())
})

test('a viewer that does not read is cut, the others go on', async () => {
  const feed = new Feed(countingSource(1024 * 1024).source, { intervalMs: 0, bufferBytes: 4 * 1024 * 1024 })
  await using server = createServer((_request, response) => feed.add(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const slow = connect((server.address() as AddressInfo).port, '127.0.0.1')
  slow.on('error', () => {})
  slow.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(slow, 'readable')
  const quick = new Reader()
  feed.add(quick)
  assert.equal(feed.viewers, 2)
  // What the system holds for a reader is bounded too: long before this many messages the viewer is full.
  for (let message = 0; message < 200 && feed.viewers === 2; message++) {
    feed.touch(['round'])
    await once(quick.heard, 'event')
  }
  assert.equal(feed.viewers, 1)
  assert.equal(quick.destroyed, false)
  slow.destroy()
  feed.close()
})
