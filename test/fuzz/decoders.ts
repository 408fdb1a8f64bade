import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { Command } from 'commander'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { readPlan } from '../../bin/evolve/plan-file.ts'
import { withPolicy } from '../../bin/flow/policy-file.ts'
import { framesOf, recordsOf } from '../../coordinator/backup/records.ts'
import { CasesPage, read } from '../../coordinator/http/query.ts'
import { notAnEvent } from '../../coordinator/state/event-schema.ts'
import {
  ANNOUNCEMENTS_TOPIC,
  type Announcement,
  Bulletins,
  CarFile,
  certify,
  checkCertificate,
  checkReceipt,
  cidOf,
  DEFAULT_CERTIFICATE_MS,
  DOMAINS,
  decodeCanonical,
  decodeCoverage,
  decodeReport,
  encodeCanonical,
  encodeCoverage,
  encodeReport,
  headerFor,
  KernelswarmError,
  open,
  peerIdOf,
  readCases,
  seal,
  signReceipt,
  UnsignedVerdict,
} from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { line } from '../support/cases.ts'
import { ENVIRONMENT } from '../support/environment.ts'
import { gathered } from '../support/gathered.ts'
import { nearBytes } from './broken.ts'
import { search } from './found.ts'
import { askControlSocket, askHttp } from './servers.ts'

/** Something that reads what others wrote. */
export interface Decoder {
  id: string
  /** What it takes. */
  right: readonly Uint8Array[]
  /** Reads bytes. @throws KernelswarmError where they are not what they should be; nothing else */
  decode(bytes: Uint8Array): Promise<unknown>
  /** Each costs more than the others' do: so many times fewer are tried. */
  slower?: number
}

const text = (value: string) => Uint8Array.from(Buffer.from(value))
const key = await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 5))
const node = peerIdOf(key)
const NOW = 1_800_000_000_000
const digest = await cidOf(Buffer.from('x'), 'raw')
const verdict: UnsignedVerdict = {
  v: 1,
  task: digest,
  nonce: '0'.repeat(32),
  environment: ENVIRONMENT,
  tests: [{ status: 'success', output: digest, outputBytes: 1, findings: [] }],
  resources: { compileMs: 1, runMs: 1, ...UNMEASURED },
}

const announcement: Announcement = {
  v: 1,
  at: NOW,
  addresses: [`/ip4/192.0.2.1/tcp/4600/p2p/${node}`],
  rounds: [
    {
      ...{ round: digest, name: 'r', state: 'verifying', paused: false, openedAt: 1, endedAt: null, cases: 1, judged: 0 },
      judgements: { equivalent: 0, different: 0, invalid: 0, undecided: 0 },
      tasks: { total: 2, decided: 0, undecided: 0 },
      verdicts: 1,
    },
  ],
}

/** As `CarFile` reads it: a header, and sections of a name and its bytes. */
async function archive(): Promise<Uint8Array> {
  const blocks = ['a', 'b', 'c'].map((word) => encodeCanonical({ word }))
  const names = await Promise.all(blocks.map((bytes) => cidOf(bytes, 'dag-cbor')))
  const section = (name: string, bytes: Uint8Array) => {
    const body = Buffer.concat([CID.parse(name).bytes, bytes])
    return Buffer.concat([Buffer.of(body.length), body])
  }
  const header = headerFor(names[0] as string)
  return Uint8Array.from(
    Buffer.concat([Buffer.of(header.length), header, ...blocks.map((bytes, n) => section(names[n] as string, bytes))]),
  )
}

async function backup(): Promise<Uint8Array> {
  const records = (async function* (): AsyncGenerator<[string, Uint8Array]> {
    yield ['event/1', text('{}')]
    yield ['blob/x', Uint8Array.of(1, 2)]
  })()
  return Uint8Array.from(Buffer.concat(await gathered(framesOf(records))))
}

/** Decoders of files get theirs by name. */
async function inFile<T>(name: string, bytes: Uint8Array, then: (file: string) => Promise<T>): Promise<T> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-fuzz-'))
  const file = join(folder.path, name)
  await writeFile(file, bytes)
  return await then(file)
}

const plan = `name: loop
generate: { run: ['true'], hours: 1 }
verify: { options: { rule: strict, passes: [isolated], wall: 10 }, hours: 1 }
train: { run: ['true'], hours: 1 }
stop: { rounds: 2, yield: 0.05 }
`
const policy =
  'name: r\nquorum: 2\nreplicas: 3\npasses: [isolated, races]\nfloat-tolerance: [1e-6, 1e-4]\nprompts: { tester: x }\n'

export const DECODERS: readonly Decoder[] = [
  {
    id: 'canonical CBOR',
    right: [verdict, { a: [1, { b: new Uint8Array(3) }], c: -1.5, d: null }].map(encodeCanonical),
    decode: async (bytes) => decodeCanonical(bytes),
  },
  {
    id: 'envelope',
    right: [await seal(verdict, DOMAINS.verdict, key)],
    decode: async (bytes) => await open(bytes, DOMAINS.verdict, UnsignedVerdict),
  },
  {
    id: 'certificate',
    right: [await certify(key, node, { expiresAt: NOW + DEFAULT_CERTIFICATE_MS, now: NOW })],
    decode: async (bytes) => await checkCertificate(bytes, { node, now: NOW }),
  },
  {
    id: 'announcement',
    right: [await seal(announcement, DOMAINS.announcement, key)],
    decode: async (bytes) => {
      const bulletins = new Bulletins({} as never, () => undefined, { now: () => NOW })
      const message = { type: 'signed', from: peerIdFromPrivateKey(key), topic: ANNOUNCEMENTS_TOPIC, data: bytes } as Message
      const said = await bulletins.validate(node, message)
      if (said !== TopicValidatorResult.Accept) throw new KernelswarmError('refused', said)
    },
  },
  {
    id: 'receipt',
    right: [await signReceipt(key, { v: 1, node, at: NOW, verdicts: [{ nonce: '0'.repeat(32), verdict: digest }] })],
    decode: async (bytes) => await checkReceipt(bytes, { coordinator: node, node }),
  },
  {
    id: 'isolated report',
    right: [encodeReport({ v: 1, printed: text('x'), values: text('f 1 1\n'), launches: 1, error: null })],
    decode: async (bytes) => decodeReport(bytes),
  },
  {
    id: 'coverage',
    right: [encodeCoverage([{ line: 1, reached: true, branches: '10' }]) ?? new Uint8Array()],
    decode: async (bytes) => decodeCoverage(bytes),
  },
  {
    id: 'case lines',
    right: [text(`${line(1)}\n`), text(`${line(1)}\n\n${line(2, { reference: 'x' })}`), gzipSync(line(3))],
    decode: async (bytes) => {
      const chunks = async function* () {
        yield bytes
      }
      await gathered(readCases({ name: 'cases', chunks }))
    },
  },
  {
    id: 'policy file',
    right: [text(policy)],
    decode: async (bytes) =>
      await inFile('policy.yaml', bytes, async (file) => await withPolicy({ policy: file } as never, new Command())),
    slower: 4,
  },
  {
    id: 'plan file',
    right: [text(plan)],
    decode: async (bytes) => await inFile('plan.yaml', bytes, readPlan),
    slower: 4,
  },
  {
    id: 'archive',
    right: [await archive()],
    decode: async (bytes) =>
      await inFile('round.car', bytes, async (file) => {
        await using car = await CarFile.open(file)
        await car.get(car.root)
      }),
    slower: 4,
  },
  {
    id: 'backup',
    right: [await backup()],
    decode: async (bytes) => {
      const stream = (async function* () {
        yield bytes
      })()
      await gathered(recordsOf(stream))
    },
  },
  {
    id: 'event of the log',
    right: [
      text('{"t":"round-sealed","at":1,"round":"r"}'),
      text('{"t":"ended","at":1,"nonce":"n","how":"expired","reason":"x"}'),
    ],
    decode: async (bytes) => {
      let value: unknown
      try {
        value = JSON.parse(Buffer.from(bytes).toString())
      } catch {
        return
      }
      notAnEvent(value)
    },
  },
  {
    id: 'HTTP query',
    right: [text('from=0&limit=50&show=all'), text('from=999999999'), text('show=undecided&limit=0')],
    decode: async (bytes) => {
      try {
        read(CasesPage, Object.fromEntries(new URLSearchParams(Buffer.from(bytes).toString())))
      } catch (error) {
        if ((error as { code?: string }).code !== 'bad-request') throw error
        throw new KernelswarmError('bad-request', 'refused')
      }
    },
  },
  {
    id: 'HTTP request',
    right: [
      text('GET /api/v1/rounds?from=0&limit=5 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
      text(`GET /api/v1/rounds/${digest}/cases?show=open HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`),
      text('POST /api/v1/rounds HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}'),
    ],
    decode: askHttp,
    slower: 20,
  },
  {
    id: 'control socket',
    right: [text('GET /backup HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')],
    decode: askControlSocket,
    slower: 20,
  },
]

/**
 * Inputs near what a decoder takes, that follow from a seed.
 * @throws Found where it failed otherwise than it may
 */
export async function decodeMany(
  decoder: Decoder,
  init: { inputs: number; seed: number },
): Promise<{ inputs: number; refused: number }> {
  const inputs = Math.ceil(init.inputs / (decoder.slower ?? 1))
  let refused = 0
  const near = nearBytes(fc.constantFrom(...decoder.right))
  const how = { seed: init.seed, runs: inputs, bytesOf: (bytes: Uint8Array) => [bytes] }
  await search(decoder.id, near, how, async (bytes) => {
    if (!(await takes(decoder, bytes))) refused++
  })
  return { inputs, refused }
}

/** Whether it takes the bytes. @throws what is no error of ours */
export async function takes(decoder: Decoder, bytes: Uint8Array): Promise<boolean> {
  try {
    await decoder.decode(bytes)
    return true
  } catch (error) {
    if (error instanceof KernelswarmError) return false
    throw error
  }
}
