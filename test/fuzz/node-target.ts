import { join } from 'node:path'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import type { Stream } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { Libp2p } from 'libp2p'
import pino from 'pino'
import { Outbox } from '../../node/outbox.ts'
import { Programs } from '../../node/programs.ts'
import { Session } from '../../node/session.ts'
import { Work } from '../../node/work.ts'
import { encodeCanonical, FromNode, type NamedProgram, nameProgram } from '../../protocol/index.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import type { Target } from './conversation.ts'

const log = pino({ level: 'silent' })
const SLOTS = 4

/** A program that a node takes for what it is named. */
export const PROGRAM: NamedProgram = await nameProgram({
  v: 1,
  side: 'cpp',
  code: 'void f(int *a) { a[0] = 1; }',
  wrapper: '',
  tests: ['int a[1];\nwrapper(f, a);'],
})

/** A node with all its parts but the network and programs that run. */
export async function fuzzedNode(folder: string): Promise<Target> {
  const key = await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 2))
  const coordinator = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 3)))
  const outbox = await Outbox.open(join(folder, 'outbox'))
  const sandbox = new FakeSandbox()
  const work = new Work({ sandbox, key, outbox, log }, { slots: SLOTS })
  work.allotments.add(String(coordinator), 1)
  const environments = sandbox.executors.map((executor) => sandbox.environment(executor))
  const programs = new Programs()
  const { signal } = new AbortController()
  let session: Session | null = null
  return {
    answers: FromNode,
    serve: async (stream: Stream) => {
      const host = {} as unknown as Libp2p
      const components = {
        ...{ host, work, outbox, programs, log, current: () => session },
        mayTake: () => true,
        isUnwanted: () => false,
        toAskAbout: () => [],
        heard: { welcomed: () => {}, notice: () => {}, reputation: () => {} },
      }
      session = await Session.connect(components, { open: async () => stream }, coordinator, { signal })
      // Whatever ends it, a node says in its log and comes back.
      await session.run({ environments, memoryBytes: 2 ** 40, certificate: null, name: null }).catch(() => undefined)
    },
    live: () => ({ nonce: work.running.at(-1)?.assign.nonce, cid: PROGRAM.cid }),
    [Symbol.asyncDispose]: async () => {
      await work.stop()
      await outbox.close()
    },
  }
}

/** The answer to `need` that a node takes. */
export const PROVIDED = { t: 'program', program: PROGRAM.cid, bytes: encodeCanonical(PROGRAM.program) }
