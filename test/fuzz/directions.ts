import fc from 'fast-check'
import {
  encodeCanonical,
  FromNode,
  FromResearcher,
  parseCaseLine,
  ROUND_DEFAULTS,
  Task,
  ToNode,
  ToResearcher,
  taskId,
} from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { ENVIRONMENT } from '../support/environment.ts'
import { framed } from '../support/framed.ts'
import { shapeOf, valuesOf } from './arbitrary.ts'
import { frames } from './broken.ts'
import { LIVE_CID, LIVE_NONCE } from './live.ts'
import { PROGRAM, PROVIDED } from './node-target.ts'

/** Who talks to whom. */
export type DirectionName = 'to-coordinator/work' | 'to-coordinator/rounds' | 'to-node' | 'to-researcher'

const environments = [ENVIRONMENT, { ...ENVIRONMENT, executor: 'emulated' }]
const hello = { t: 'hello', agent: 'fuzz', environments, memoryBytes: 2 ** 40, holding: [LIVE_NONCE] }
const task = Task.parse({ program: PROGRAM.cid, executor: 'host', pass: 'plain', limits: ROUND_DEFAULTS.limits })
const spec = { ...ROUND_DEFAULTS, v: 1, name: 'r' }
const item = parseCaseLine(line(1), { file: 'f', line: 1 }, () => 'p')

/** Messages that a schema alone would seldom give, since more than their form has to be right: they lead further in. */
const APT: Record<DirectionName, unknown[]> = {
  'to-coordinator/work': [
    hello,
    { t: 'want', credits: 4 },
    { t: 'need', program: LIVE_CID },
    { t: 'progress', running: [LIVE_NONCE] },
    { t: 'decline', nonce: LIVE_NONCE, reason: 'jail' },
    { t: 'output', nonce: LIVE_NONCE, test: 0, bytes: Uint8Array.of(1) },
    { t: 'verdict', nonce: LIVE_NONCE, envelope: new Uint8Array(200), outputs: [{ test: 0, bytes: Uint8Array.of(1) }] },
  ],
  'to-coordinator/rounds': [
    { t: 'open', spec, casesDigest: 'd', salt: 's' },
    { t: 'open', spec: { ...spec, visibility: 'embargoed', priority: 9 }, casesDigest: 'e', salt: '' },
    { t: 'cases', round: LIVE_CID, from: 0, cases: [item] },
    { t: 'cases', round: LIVE_CID, from: 0, cases: [item, { ...item, cppTests: [''], cudaTests: ['x'] }] },
    { t: 'seal', round: LIVE_CID, total: 1 },
    { t: 'extend', round: LIVE_CID, casesDigest: 'f' },
    { t: 'pause', round: LIVE_CID, finishRunning: false },
    { t: 'resume', round: LIVE_CID, caps: { cpuSeconds: 9 } },
    { t: 'cancel', round: LIVE_CID },
    { t: 'rerun', round: LIVE_CID, only: ['pending'], salt: '' },
    { t: 'fetch', round: LIVE_CID, partial: true },
    { t: 'figures', spec },
    { t: 'list' },
  ],
  'to-node': [
    { t: 'welcome', agent: 'fuzz', preferred: [] },
    { t: 'assign', nonce: LIVE_NONCE, taskId: await taskId(task), task, deadlineMs: 60_000 },
    { t: 'assign', nonce: 'f'.repeat(32), taskId: await taskId(task), task, deadlineMs: 2 ** 53 - 1 },
    PROVIDED,
    { t: 'accepted', nonce: LIVE_NONCE },
    { t: 'withdraw', nonce: LIVE_NONCE },
    { t: 'alive' },
  ],
  'to-researcher': [
    { t: 'opened', round: LIVE_CID, have: 0, state: 'open' },
    { t: 'acknowledged', have: 1 },
    { t: 'sealed' },
    { t: 'rounds', rounds: [] },
    { t: 'file', name: 'report.json', bytes: Uint8Array.of(1) },
    { t: 'end' },
  ],
}

const SCHEMAS = {
  'to-coordinator/work': FromNode,
  'to-coordinator/rounds': FromResearcher,
  'to-node': ToNode,
  'to-researcher': ToResearcher,
} as const

/** What a conversation begins with more often than not, so that what follows is heard. */
const OPENINGS: Record<DirectionName, unknown[]> = {
  'to-coordinator/work': [hello, { t: 'want', credits: 2 }],
  'to-coordinator/rounds': [],
  'to-node': [{ t: 'welcome', agent: 'fuzz' }],
  'to-researcher': [{ t: 'opened', round: LIVE_CID, have: 0, state: 'open' }],
}

const inFrame = (message: unknown) => framed(encodeCanonical(message))

/** Messages of a conversation after its opening. */
const LONGEST = 12

/** All that one side says in one conversation, as it goes onto the stream. */
export function conversations(direction: DirectionName): fc.Arbitrary<Uint8Array[]> {
  const apt = fc.constantFrom(...APT[direction])
  const any = fc.oneof({ weight: 3, arbitrary: valuesOf(shapeOf(SCHEMAS[direction])) }, { weight: 2, arbitrary: apt })
  const opening = fc.oneof(
    { weight: 9, arbitrary: fc.constant(OPENINGS[direction].map(inFrame)) },
    { weight: 1, arbitrary: fc.constant<Uint8Array[]>([]) },
  )
  const rest = fc.array(fc.oneof({ weight: 2, arbitrary: apt.map(inFrame) }, { weight: 1, arbitrary: frames(any) }), {
    minLength: 1,
    maxLength: LONGEST,
  })
  return fc.tuple(opening, rest).map(([first, then]) => [...first, ...then])
}
