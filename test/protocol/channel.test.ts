import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import { z } from 'zod'
import { Channel, createHost, openStream, SEND_MS } from '../../protocol/index.ts'
import { gathered } from '../support/gathered.ts'
import { until } from '../support/until.ts'
import { waitsOf } from '../support/waits.ts'

const Message = z.strictObject({ n: z.int(), bytes: z.custom<Uint8Array>((value) => value instanceof Uint8Array) })
type Message = z.infer<typeof Message>

/** The two ends of a channel between two hosts on loopback, and the host that dialled. */
async function pair(t: TestContext): Promise<[Channel<Message, Message>, Channel<Message, Message>, Libp2p]> {
  const host = async (listen: string[]): Promise<Libp2p> => {
    const made = await createHost({ key: await generateKeyPair('Ed25519'), listen })
    t.after(async () => await made.stop())
    return made
  }
  const a = await host(['/ip4/127.0.0.1/tcp/0'])
  const b = await host([])
  const { promise, resolve } = Promise.withResolvers<Stream>()
  await a.handle('/test/1', (stream) => resolve(stream))
  const [address] = a.getMultiaddrs()
  assert.ok(address !== undefined)
  const dialled = new Channel<Message, Message>(await openStream(b, address, '/test/1'), { schema: Message })
  await dialled.send({ n: -1, bytes: new Uint8Array() })
  return [dialled, new Channel<Message, Message>(await promise, { schema: Message }), b]
}

describe('a channel', { timeout: 60_000 }, () => {
  it('slows a sender to the pace of the reader: what is on its way stays small', async (t) => {
    const [sender, reader] = await pair(t)
    const bytes = new Uint8Array(1024 * 1024)
    const count = 64
    let sent = 0
    const sending = (async () => {
      for (; sent < count; sent++) await sender.send({ n: sent, bytes })
      await sender.close()
    })()
    let most = 0
    for await (const { n } of reader) most = Math.max(most, sent - n)
    await sending
    assert.ok(most <= 16, `${most} messages of 1 MiB were under way`)
  })

  it('is told once for many messages how much more it may send, not after each', async (t) => {
    const [sender, reader, host] = await pair(t)
    const [stream] = host.getConnections().flatMap(({ streams }) => streams.filter(({ protocol }) => protocol === '/test/1'))
    const told = t.mock.method(stream as unknown as { handleWindowUpdate(frame: object): void }, 'handleWindowUpdate')
    const heard = reader[Symbol.asyncIterator]()
    const bytes = new Uint8Array(1000)
    for (let n = 0; n < 400; n++) {
      await sender.send({ n, bytes })
      while ((await heard.next()).value?.n !== n);
    }
    // 400 KB, and a window of 256 KiB that is opened again when half of it is used; it may have been doubled meanwhile.
    const { length } = told.mock.calls
    assert.ok(length >= 1 && length <= 4, `${length} times`)
  })

  it('cuts a peer that takes nothing for as long as it may, and none that takes a little', async (t) => {
    const waits = waitsOf(t, SEND_MS)
    const [sender, reader] = await pair(t)
    const bytes = new Uint8Array(1024 * 1024)
    const heard = reader[Symbol.asyncIterator]()
    let sent = 0
    const sending = (async () => {
      for (; ; sent++) await sender.send({ n: sent, bytes })
    })()
    const failed = assert.rejects(sending)
    // Nobody takes anything until it is waited for, three times over; each time the wait ends since something is taken.
    for (let n = 0; n < 3; n++) {
      await until(() => waits.count > 0, 'the peer is waited for')
      const before = sent
      while (sent < before + 4) assert.equal((await heard.next()).done, false)
    }
    await until(() => waits.count > 0, 'the peer is waited for')
    assert.equal(sender.closed.aborted, false)
    waits.pass()
    await failed
    assert.equal(sender.closed.aborted, true)
    await assert.rejects(async () => {
      while ((await heard.next()).done !== true);
    })
  })

  it('loses nothing of what was said right before its host ends', async (t) => {
    const [here, there, host] = await pair(t)
    const bytes = new Uint8Array(10)
    const hearing = gathered(there)
    const sent = Array.from({ length: 200 }, (_, n) => here.send({ n, bytes }))
    await Promise.all(sent)
    await here.close()
    await host.stop()
    const heard = (await hearing).map(({ n }) => n)
    assert.deepEqual(heard, [-1, ...sent.keys()])
  })

  it('says when its stream is gone, also to whoever does not read', async (t) => {
    const [here, there] = await pair(t)
    assert.equal(there.closed.aborted, false)
    const closed = new Promise((resolve) => there.closed.addEventListener('abort', resolve))
    here.abort(new Error('enough'))
    await closed
    await assert.rejects(there.send({ n: 1, bytes: new Uint8Array() }), { code: 'closed' })
  })

  it('hears messages without making an exception for each', async (t) => {
    const [sender, reader] = await pair(t)
    const heard = reader[Symbol.asyncIterator]()
    const { RangeError: before } = globalThis
    let made = 0
    const counted = new Proxy(before, {
      apply: (target, _, args: [string]) => {
        made++
        return target(...args)
      },
    })
    globalThis.RangeError = counted
    t.after(() => {
      globalThis.RangeError = before
    })
    for (let n = 0; n < 20; n++) {
      await sender.send({ n, bytes: new Uint8Array(10) })
      await heard.next()
    }
    assert.equal(made, 0)
  })
})
