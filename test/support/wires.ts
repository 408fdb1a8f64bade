import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey, Stream } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import { makeVerdict } from '../../node/runner.ts'
import {
  type Assign,
  Channel,
  createHost,
  decodeCanonical,
  encodeCanonical,
  type FromNode,
  loadIdentity,
  MAX_MESSAGE_BYTES,
  makeFolder,
  Program,
  parseAddress,
  peerIdOf,
  ToNode,
  WORK_PROTOCOL,
} from '../../protocol/index.ts'
import { CONDUCTS } from './conducts.ts'
import { type Behaviour, FakeSandbox } from './fake-sandbox.ts'
import { framed } from './framed.ts'

/** A node that does not speak as the real one does. */
export interface WireNode {
  peerId: string
  /** What it and the coordinator speak. */
  protocol: string
  stop(): Promise<void>
}

interface Init {
  data: string
  coordinator: string
}

interface Parcel {
  envelope: Uint8Array
  outputs: Uint8Array[]
}

/** Nodes that break the protocol, by hand. */
export const WIRES = {
  /** N8: answers once, then sends the same verdict for whatever it is given. */
  replay: async (init: Init) => {
    let first: Parcel | null = null
    return await worker(init, {
      change: (parcel) => {
        first ??= parcel
        return first
      },
    })
  },
  /** N9: signs with a key that is not the one it is connected with. */
  'wrong-key': async (init: Init) => await worker(init, { signWith: await generateKeyPair('Ed25519') }),
  /** N13: frames that are no messages, too long, without end, or too many; comes back when it is cut off. */
  garbage: async (init: Init) => await flooder(init),
} satisfies Record<string, (init: Init) => Promise<WireNode>>

export type WireName = keyof typeof WIRES

async function open(
  { data, coordinator }: Init,
  protocols: string[] = [WORK_PROTOCOL],
): Promise<{ key: PrivateKey; host: Libp2p; stream: () => Promise<Stream> }> {
  await makeFolder(data, { secret: true })
  const key = await loadIdentity(join(data, 'node.key'))
  const host = await createHost({ key, listen: [] })
  return { key, host, stream: async () => await host.dialProtocol(parseAddress(coordinator), protocols) }
}

function hello(sandbox: FakeSandbox): FromNode {
  const environments = sandbox.executors.map((executor) => sandbox.environment(executor))
  return { t: 'hello', agent: 'by hand', environments, memoryBytes: 2 ** 40, holding: [] }
}

/**
 * Takes one task after the other, runs it honestly, signs with its own key or another one, and sends what `change` makes of it. It leaves
 * out all that a peer may leave out, and says each output before its verdict, as long ones always are.
 * @param how.protocols versions that it speaks, the newest first
 */
export async function worker(
  init: Init,
  how: { signWith?: PrivateKey; change?: (parcel: Parcel) => Parcel; protocols?: string[]; behave?: Behaviour },
): Promise<WireNode> {
  const { key, host, stream } = await open(init, how.protocols)
  const sandbox = new FakeSandbox(how.behave ?? CONDUCTS.honest())
  const spoken = await stream()
  const channel = new Channel<ToNode, FromNode>(spoken, { schema: ToNode })
  await channel.send(hello(sandbox))
  const taken = new Map<string, Assign>()
  const answer = async (assign: Assign, bytes: Uint8Array) => {
    const program = Program.parse(decodeCanonical(bytes))
    const components = { sandbox, key: how.signWith ?? key, coordinator: init.coordinator }
    const made = await makeVerdict(components, assign, program, { signal: AbortSignal.timeout(60_000) })
    const { envelope, outputs } = how.change?.(made.parcel) ?? made.parcel
    for (const [test, output] of outputs.entries()) {
      if (output.byteLength > 0) await channel.send({ t: 'output', nonce: assign.nonce, test, bytes: output })
    }
    await channel.send({ t: 'verdict', nonce: assign.nonce, envelope })
  }
  const serve = async () => {
    for await (const message of channel) {
      if (message.t === 'assign') {
        taken.set(message.task.program, message)
        await channel.send({ t: 'need', program: message.task.program })
      } else if (message.t === 'program') {
        const assign = taken.get(message.program)
        if (assign !== undefined) await answer(assign, message.bytes)
      } else if (message.t !== 'notice') {
        await channel.send({ t: 'want', credits: 1 })
      }
    }
  }
  const served = serve().catch(() => undefined)
  return {
    peerId: peerIdOf(key),
    protocol: spoken.protocol,
    async stop() {
      channel.abort(new Error('it stops'))
      await served
      await host.stop()
    },
  }
}

/** What it says after hello, in turn; the last is said for as long as it is heard. */
const FLOODS: Uint8Array[] = [
  framed(new Uint8Array(1024), MAX_MESSAGE_BYTES + 1),
  Buffer.alloc(64, 0xff),
  framed(Buffer.from('GET / HTTP/1.1')),
  framed(Buffer.concat([Buffer.alloc(20_000, 0x81), Buffer.of(0)])),
  // A frame that is announced, begun, and never ends.
  framed(new Uint8Array(64 * 1024), MAX_MESSAGE_BYTES),
]
const ENDLESS = framed(encodeCanonical({ t: 'progress', running: [] } satisfies FromNode))
const PER_BURST = 500

async function flooder(init: Init): Promise<WireNode> {
  const { key, host, stream } = await open(init)
  const ending = new AbortController()
  const greeting = framed(encodeCanonical(hello(new FakeSandbox())))
  const serve = async () => {
    for (let turn = 0; !ending.signal.aborted; turn++) {
      const spoken = await stream()
      spoken.addEventListener('message', () => {})
      const closed = new Promise((resolve) => spoken.addEventListener('close', resolve))
      spoken.send(greeting)
      const flood = FLOODS[turn % (FLOODS.length + 1)]
      if (flood !== undefined) spoken.send(flood)
      else for (let n = 0; n < PER_BURST && spoken.status === 'open'; n++) spoken.send(ENDLESS)
      // What is never finished, or is no offence, is ended from here after a while, and begun again.
      await Promise.race([closed, sleep(200, undefined, { signal: ending.signal })]).catch(() => undefined)
      spoken.abort(new Error('again'))
    }
  }
  const served = serve().catch(() => undefined)
  return {
    peerId: peerIdOf(key),
    protocol: WORK_PROTOCOL,
    async stop() {
      ending.abort()
      await host.stop()
      await served
    },
  }
}
