import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2p } from 'libp2p'
import {
  createHost,
  encodeCanonical,
  MAX_MESSAGE_BYTES,
  openStream,
  ROUNDS_PROTOCOL,
  WORK_PROTOCOL,
} from '../../../protocol/index.ts'
import { FakeSandbox } from '../../support/fake-sandbox.ts'
import { framed } from '../../support/framed.ts'

/** What an attacker does until it is told to stop: again and again, at its own pace. */
export type Attack = (target: Multiaddr, signal: AbortSignal) => Promise<void>

/** Between two tries of an attacker, milliseconds: two hundred of them try two thousand times a second. */
const AGAIN_MS = 100
/** A connection that is held is held for so long. */
const HELD_MS = 20_000

const sandbox = new FakeSandbox()
const environments = sandbox.executors.map((executor) => sandbox.environment(executor))
const HELLO = framed(encodeCanonical({ t: 'hello', agent: 'x', environments, memoryBytes: 2 ** 40, holding: [] }))
const NONCES = Array.from({ length: 256 }, () => randomBytes(16).toString('hex'))
const PROGRESS = framed(encodeCanonical({ t: 'progress', running: NONCES }))
const BIG = framed(encodeCanonical({ t: 'verdict', nonce: NONCES[0], envelope: Buffer.alloc(250 * 1024), outputs: [] }))
const GARBAGE = [
  framed(randomBytes(1000)),
  framed(new Uint8Array(10), MAX_MESSAGE_BYTES + 1),
  new Uint8Array(64).fill(0xff),
  framed(new Uint8Array(20_000).fill(0x81)),
]

let tries = 0

/** Connections, streams and messages that were tried so far. */
export function tried(): number {
  return tries
}

/** Goes on for as long as it may; what goes wrong is what was to be expected. */
async function again(signal: AbortSignal, once: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    tries++
    await once().catch(() => undefined)
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** A key of its own each time, as keys cost nothing. */
async function withHost(then: (host: Libp2p) => Promise<unknown>): Promise<void> {
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [], pingPeers: false })
  try {
    await then(host)
  } finally {
    await host.stop()
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}

async function socket(target: Multiaddr): Promise<net.Socket> {
  const [ip, tcp] = target.getComponents()
  const made = net.connect({ host: ip?.value ?? '', port: Number(tcp?.value) })
  made.on('error', () => {})
  await once(made, 'connect')
  return made
}

/** Says something on a stream until it is cut, as fast as the other side takes it. */
async function pour(stream: Stream, bytes: readonly Uint8Array[], signal: AbortSignal): Promise<void> {
  stream.addEventListener('message', () => {})
  for (let n = 0; stream.status === 'open' && !signal.aborted; n++) {
    tries++
    const more = stream.send(bytes[n % bytes.length] as Uint8Array)
    if (!more || stream.writeBufferLength > 2 ** 20) await Promise.race([stream.onDrain({ signal }), rest(1_000, signal)])
    if (n % 16 === 15) await rest(AGAIN_MS, signal)
  }
}

export const ATTACKS: Record<string, Attack> = {
  'connects and leaves': (target, signal) =>
    again(signal, async () => {
      const made = await socket(target)
      made.destroy()
    }),
  'begins no handshake': (target, signal) =>
    again(signal, async () => {
      const made = await socket(target)
      await Promise.race([once(made, 'close'), rest(HELD_MS, signal)])
      made.destroy()
    }),
  'shakes hands a byte at a time': (target, signal) =>
    again(signal, async () => {
      const made = await socket(target)
      for (const byte of Buffer.from('\u0013/multistream/1.0.0\n\u0007/noise\n')) {
        if (made.destroyed || signal.aborted) break
        made.write(Buffer.of(byte))
        await rest(500, signal)
      }
      made.destroy()
    }),
  'shakes hands and leaves': (target, signal) => again(signal, () => withHost((host) => host.dial(target, { signal }))),
  'opens streams without end': (target, signal) =>
    again(signal, () =>
      withHost(async (host) => {
        const connection = await host.dial(target, { signal })
        while (connection.status === 'open' && !signal.aborted) {
          tries += 8
          await Promise.all(
            Array.from({ length: 8 }, () => openStream(host, target, WORK_PROTOCOL, { signal }).catch(() => null)),
          )
          await rest(AGAIN_MS, signal)
        }
      }),
    ),
  'says garbage': (target, signal) =>
    again(signal, () =>
      withHost(async (host) => {
        for (let n = 0; !signal.aborted; n++) {
          tries++
          const stream = await openStream(host, target, n % 2 === 0 ? WORK_PROTOCOL : ROUNDS_PROTOCOL, { signal })
          const closed = once(stream, 'close')
          stream.addEventListener('message', () => {})
          stream.send(GARBAGE[n % GARBAGE.length] as Uint8Array)
          await Promise.race([closed, rest(1_000, signal)])
          await rest(AGAIN_MS, signal)
        }
      }),
    ),
  'says what is right without end': (target, signal) =>
    again(signal, () =>
      withHost(async (host) => {
        const stream = await openStream(host, target, WORK_PROTOCOL, { signal })
        stream.send(HELLO)
        await pour(stream, [PROGRESS], signal)
      }),
    ),
  'sends what is large': (target, signal) =>
    again(signal, () =>
      withHost(async (host) => {
        const stream = await openStream(host, target, WORK_PROTOCOL, { signal })
        stream.send(HELLO)
        await pour(stream, [BIG], signal)
      }),
    ),
  'takes work and does not read': (target, signal) =>
    again(signal, () =>
      withHost(async (host) => {
        const stream = await openStream(host, target, WORK_PROTOCOL, { signal })
        stream.pause()
        stream.send(HELLO)
        stream.send(framed(encodeCanonical({ t: 'want', credits: 64 })))
        await rest(HELD_MS, signal)
      }),
    ),
}
