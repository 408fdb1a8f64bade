/**
 * Makes the vectors again: `node test/vectors/make.ts`. They are for other implementations, and they pin ours: a change
 * of any byte here is a change of the protocol. Ed25519 signatures are deterministic, so the files are, too.
 */
import { writeFile } from 'node:fs/promises'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import {
  CONFIDENCE_DEFAULTS,
  cidOf,
  DOMAINS,
  type Domain,
  encodeCanonical,
  NoticeCode,
  nameProgram,
  peerIdOf,
  ROUND_DEFAULTS,
  seal,
  taskId,
  type UnsignedVerdict,
} from '../../protocol/index.ts'
import { announced } from '../support/announced.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const key = await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 7))

const programs = await Promise.all(
  [
    {
      id: 'c++ side',
      program: {
        v: 1,
        side: 'cpp',
        code: 'void f(int *a) { a[0] = 1; }',
        wrapper: '',
        tests: ['int a[1];\nwrapper(f, a);'],
      } as const,
    },
    {
      id: 'cuda side',
      program: {
        v: 1,
        side: 'cuda',
        code: '__global__ void k(int *a) { *a = 1; }',
        wrapper: 'void g(int *a) {}',
        tests: [],
      } as const,
    },
    {
      id: 'text outside ASCII',
      program: { v: 1, side: 'cpp', code: '// \u00e9\u4e2d\u{1f600}', wrapper: '', tests: ['x'] } as const,
    },
  ].map(async ({ id, program }) => {
    const { cid, bytes } = await nameProgram({ ...program, tests: [...program.tests] })
    const task = {
      program: cid,
      executor: program.side === 'cpp' ? ('host' as const) : ('emulated' as const),
      pass: 'plain' as const,
      limits: ROUND_DEFAULTS.limits,
    }
    return { id, program, bytes: hex(bytes), cid, task, taskId: await taskId(task) }
  }),
)

const output = Buffer.from('Return value: void\n')
const verdict: UnsignedVerdict = {
  v: 1,
  task: programs[0]?.taskId ?? '',
  nonce: '000102030405060708090a0b0c0d0e0f',
  environment: {
    executor: 'host',
    passes: ['plain'],
    sandbox: 'ks1',
    compiler: 'g++ 12.2.0',
    nvcc: null,
    cpu: 'x86-64',
    limits: ['memory:cgroup-v2'],
    gpu: null,
  },
  tests: [{ status: 'success', output: await cidOf(output, 'raw'), outputBytes: output.length, findings: [] }],
  resources: { compileMs: 350, runMs: 4, kernelMs: null, peakMemoryBytes: 3_000_000, peakGpuMemoryBytes: null },
}
const onGpu: UnsignedVerdict = {
  ...verdict,
  environment: {
    ...verdict.environment,
    executor: 'gpu',
    nvcc: '13.0',
    gpu: { model: 'NVIDIA H200', arch: 'sm_90', driver: '580.95.05', toolkit: '13.0', memoryMib: 143_771 },
  },
  resources: { ...verdict.resources, kernelMs: 0.125, peakGpuMemoryBytes: 4096 },
}
const sealed = (value: unknown, domain: Domain = DOMAINS.verdict) => seal(value, domain, key)
const good = await sealed(verdict)
const flipped = Uint8Array.from(good)
flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1

const envelopes = [
  {
    id: 'a verdict',
    envelope: hex(good),
    expect: 'ok',
    signer: peerIdOf(key),
    payloadCid: await cidOf(encodeCanonical(verdict), 'dag-cbor'),
    value: verdict,
  },
  {
    id: 'a verdict made on a GPU',
    envelope: hex(await sealed(onGpu)),
    expect: 'ok',
    signer: peerIdOf(key),
    payloadCid: await cidOf(encodeCanonical(onGpu), 'dag-cbor'),
    value: onGpu,
  },
  {
    id: 'a verdict made on a GPU that it does not name',
    envelope: hex(await sealed({ ...onGpu, environment: { ...onGpu.environment, gpu: null } })),
    expect: 'schema',
  },
  { id: 'one bit of the signature flipped', envelope: hex(flipped), expect: 'signature' },
  { id: 'cut short', envelope: hex(good.subarray(0, -1)), expect: 'signature' },
  { id: 'signed for another domain', envelope: hex(await sealed(verdict, DOMAINS.archive)), expect: 'signature' },
  { id: 'an unknown field', envelope: hex(await sealed({ ...verdict, more: 1 })), expect: 'schema' },
  {
    id: 'an unknown status',
    envelope: hex(await sealed({ ...verdict, tests: [{ ...verdict.tests[0], status: 'fine' }] })),
    expect: 'schema',
  },
  { id: 'nothing', envelope: '', expect: 'signature' },
]

/** Statements of a coordinator, with the domain that each is signed for. */
const coordinator = peerIdOf(key)
const receipt = {
  v: 1,
  node: peerIdOf(await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 8))),
  at: Date.UTC(2026, 0, 1),
  verdicts: [{ nonce: verdict.nonce, verdict: await cidOf(encodeCanonical(verdict), 'dag-cbor') }],
}
const announcement = {
  v: 1,
  at: Date.UTC(2026, 0, 1),
  addresses: [`/dns4/swarm.example/tcp/4600/p2p/${coordinator}`],
  rounds: [announced(String(programs[0]?.cid), 'a round', 5, Date.UTC(2026, 0, 1))],
}
const stated = async (
  statement: 'receipt' | 'announcement',
  { id, value, expect = 'ok', domain = DOMAINS[statement] }: { id: string; value: object; expect?: string; domain?: Domain },
) => {
  const row = { id, statement, envelope: hex(await seal(value, domain, key)), expect }
  return expect === 'ok' ? { ...row, signer: coordinator, value } : row
}
const statements = [
  await stated('receipt', { id: 'a receipt', value: receipt }),
  await stated('receipt', { id: 'a receipt for nothing', value: { ...receipt, verdicts: [] }, expect: 'schema' }),
  await stated('receipt', { id: 'a receipt signed as a verdict', value: receipt, domain: DOMAINS.verdict, expect: 'signature' }),
  await stated('announcement', { id: 'an announcement', value: announcement }),
  await stated('announcement', { id: 'an announcement of nothing', value: { ...announcement, rounds: [] } }),
  await stated('announcement', {
    id: 'an announcement of another version',
    value: { ...announcement, v: 2 },
    expect: 'schema',
  }),
  await stated('announcement', {
    id: 'an announcement with too many addresses',
    value: { ...announcement, addresses: Array(17).fill(announcement.addresses[0]) },
    expect: 'schema',
  }),
  await stated('announcement', {
    id: 'an announcement signed as a receipt',
    value: announcement,
    domain: DOMAINS.receipt,
    expect: 'signature',
  }),
]

const ownerKey = await generateKeyPairFromSeed('Ed25519', Buffer.alloc(32, 9))
const node = peerIdOf(key)
const NOW = Date.UTC(2026, 0, 1)
const YEAR_MS = 365 * 86_400_000
const certificate = { v: 1, node, expiresAt: NOW + YEAR_MS } as const
const certified = async (value: unknown, domain: Domain = DOMAINS.owner) => await seal(value, domain, ownerKey)
const whole = await certified(certificate)
const changed = Uint8Array.from(whole)
changed[whole.length - 70] = (whole.at(-70) ?? 0) ^ 1

/** Certificates as the node `node` shows them at the time `now`. */
const owners = [
  { id: 'a year', envelope: hex(whole), expect: 'ok', owner: peerIdOf(ownerKey), expiresAt: certificate.expiresAt },
  { id: 'its last millisecond', envelope: hex(await certified({ ...certificate, expiresAt: NOW + 1 })), expect: 'ok' },
  { id: 'over', envelope: hex(await certified({ ...certificate, expiresAt: NOW })), expect: 'certificate-expired' },
  { id: 'two years, the most', envelope: hex(await certified({ ...certificate, expiresAt: NOW + 2 * YEAR_MS })), expect: 'ok' },
  {
    id: 'two years by a clock that is an hour ahead',
    envelope: hex(await certified({ ...certificate, expiresAt: NOW + 2 * YEAR_MS + 3_600_000 })),
    expect: 'ok',
  },
  {
    id: 'three years',
    envelope: hex(await certified({ ...certificate, expiresAt: NOW + 3 * YEAR_MS })),
    expect: 'certificate-term',
  },
  {
    id: 'for ever',
    envelope: hex(await certified({ ...certificate, expiresAt: Number.MAX_SAFE_INTEGER })),
    expect: 'certificate-term',
  },
  {
    id: "another node's",
    envelope: hex(await certified({ ...certificate, node: peerIdOf(ownerKey) })),
    expect: 'certificate-node',
  },
  { id: 'signed as a verdict', envelope: hex(await certified(certificate, DOMAINS.verdict)), expect: 'certificate-signature' },
  { id: 'changed after it was signed', envelope: hex(changed), expect: 'certificate-signature' },
  { id: 'cut short', envelope: hex(whole.subarray(0, -1)), expect: 'certificate-signature' },
  { id: 'no envelope', envelope: hex(Buffer.from('owner')), expect: 'certificate-signature' },
  { id: 'nothing', envelope: '', expect: 'certificate-signature' },
  { id: 'an unknown field', envelope: hex(await certified({ ...certificate, more: 1 })), expect: 'certificate-form' },
  { id: 'an unknown version', envelope: hex(await certified({ ...certificate, v: 2 })), expect: 'certificate-form' },
  { id: 'an end before 1970', envelope: hex(await certified({ ...certificate, expiresAt: -1 })), expect: 'certificate-form' },
  { id: 'longer than any may be', envelope: hex(Buffer.alloc(513)), expect: 'certificate-form' },
].map((row) => ({ ...row, node, now: NOW }))

const hello = {
  t: 'hello',
  agent: 'kernelswarm/0.1.0',
  environments: [verdict.environment],
  memoryBytes: 16 * 1024 ** 3,
  holding: [],
}

const item = {
  id: 7,
  problem: 'p',
  source: 'cpp',
  cpp: 'void f(int *a) { a[0] = 1; }',
  cuda: '__global__ void k(int *a) { *a = 1; }',
  wrapper: 'void g(int *a) {}',
  cppTests: ['int a[1];\nwrapper(f, a);'],
  cudaTests: ['int a[1];\nwrapper(g, a);'],
}

const messages = [
  {
    id: 'hello',
    protocol: 'work',
    message: hello,
  },
  {
    id: "hello with an owner's certificate",
    protocol: 'work',
    message: { ...hello, certificate: Uint8Array.from(whole) },
  },
  { id: 'hello with a name', protocol: 'work', message: { ...hello, name: 'the quiet one 🐢' } },
  { id: 'want', protocol: 'work', message: { t: 'want', credits: 2 } },
  { id: 'decline', protocol: 'work', message: { t: 'decline', nonce: verdict.nonce, reason: 'disk' } },
  {
    id: 'a verdict whose output comes with it',
    protocol: 'work',
    message: { t: 'verdict', nonce: verdict.nonce, envelope: good, outputs: [{ test: 0, bytes: Uint8Array.from(output) }] },
  },
  { id: 'a verdict after its outputs', protocol: 'work', message: { t: 'verdict', nonce: verdict.nonce, envelope: good } },
  { id: 'progress', protocol: 'work', message: { t: 'progress', running: [verdict.nonce] } },
  { id: 'goodbye', protocol: 'work', message: { t: 'goodbye' } },
  { id: 'decline, not wanted', protocol: 'work', message: { t: 'decline', nonce: verdict.nonce, reason: 'unwanted' } },
  { id: 'ask', protocol: 'work', message: { t: 'ask', verdicts: [{ nonce: verdict.nonce, task: verdict.task }] } },
  { id: 'seal', protocol: 'rounds', message: { t: 'seal', round: 'r', total: 3 } },
  { id: 'list', protocol: 'rounds', message: { t: 'list' } },
  { id: 'pause', protocol: 'rounds', message: { t: 'pause', round: 'r', finishRunning: true } },
  { id: 'resume', protocol: 'rounds', message: { t: 'resume', round: 'r' } },
  { id: 'resume under another limit', protocol: 'rounds', message: { t: 'resume', round: 'r', caps: { cpuSeconds: 3600 } } },
  { id: 'extend', protocol: 'rounds', message: { t: 'extend', round: 'r', casesDigest: 'd' } },
  { id: 'rerun', protocol: 'rounds', message: { t: 'rerun', round: 'r', only: ['undecided', 'pending'], salt: '' } },
  {
    id: 'fetch, the rest',
    protocol: 'rounds',
    message: { t: 'fetch', round: 'r', partial: false, except: ['outcomes.jsonl', 'matrix.csv'] },
  },
  { id: 'fetch, merged', protocol: 'rounds', message: { t: 'fetch', round: 'r', partial: false, merged: true } },
  { id: 'need', protocol: 'work', message: { t: 'need', program: programs[0]?.cid } },
  { id: 'output', protocol: 'work', message: { t: 'output', nonce: verdict.nonce, test: 0, bytes: Uint8Array.from(output) } },
  { id: 'cases', protocol: 'rounds', message: { t: 'cases', round: 'r', from: 0, cases: [item] } },
  { id: 'watch', protocol: 'rounds', message: { t: 'watch', round: 'r' } },
  { id: 'cancel', protocol: 'rounds', message: { t: 'cancel', round: 'r' } },
].map(({ message, ...row }) => ({ ...row, bytes: hex(encodeCanonical(message)), expect: 'ok', message }))
const refused = [
  { id: 'no credits', protocol: 'work', bytes: hex(encodeCanonical({ t: 'want', credits: 0 })), expect: 'schema' },
  {
    id: 'credits that are no integer',
    protocol: 'work',
    bytes: hex(encodeCanonical({ t: 'want', credits: 1.5 })),
    expect: 'schema',
  },
  {
    id: 'a verdict with the output of a test that none has',
    protocol: 'work',
    bytes: hex(
      encodeCanonical({ t: 'verdict', nonce: verdict.nonce, envelope: good, outputs: [{ test: 64, bytes: Uint8Array.of(1) }] }),
    ),
    expect: 'schema',
  },
  { id: 'an unknown message', protocol: 'work', bytes: hex(encodeCanonical({ t: 'please' })), expect: 'schema' },
  { id: 'keys in another order', protocol: 'work', bytes: 'a267637265646974730261746477616e74', expect: 'not-canonical' },
  { id: 'a number in a longer form', protocol: 'work', bytes: 'a261746477616e7467637265646974731802', expect: 'malformed' },
  {
    id: 'a limit of nothing',
    protocol: 'rounds',
    bytes: hex(encodeCanonical({ t: 'resume', round: 'r', caps: { cpuSeconds: 0 } })),
    expect: 'schema',
  },
  {
    id: 'a re-run of no kind of case',
    protocol: 'rounds',
    bytes: hex(encodeCanonical({ t: 'rerun', round: 'r', only: [], salt: '' })),
    expect: 'schema',
  },
  {
    id: 'a message of the other protocol',
    protocol: 'rounds',
    bytes: hex(encodeCanonical({ t: 'want', credits: 2 })),
    expect: 'schema',
  },
]

/** Rounds as they are asked for, under either policy. */
const spec = { ...ROUND_DEFAULTS, v: 1, name: 'a round' }
const opening = (policy: object) => ({ t: 'open', spec: { ...spec, policy }, casesDigest: 'd', salt: '' })
const openings = [
  { id: 'open, by majority', message: opening(ROUND_DEFAULTS.policy), expect: 'ok' },
  { id: 'open, with a confidence', message: opening(CONFIDENCE_DEFAULTS), expect: 'ok' },
  { id: 'open, with certainty', message: opening({ ...CONFIDENCE_DEFAULTS, theta: 1 }), expect: 'schema' },
  { id: 'open, where half of all are saboteurs', message: opening({ ...CONFIDENCE_DEFAULTS, f: 0.5 }), expect: 'schema' },
  { id: 'open, with a confidence and a quorum', message: opening({ ...CONFIDENCE_DEFAULTS, quorum: 2 }), expect: 'schema' },
  { id: 'open, by a policy nobody knows', message: opening({ kind: 'trust-me' }), expect: 'schema' },
  { id: 'figures of such rounds', message: { t: 'figures', spec }, expect: 'ok' },
  { id: 'figures of no rounds', message: { t: 'figures' }, expect: 'schema' },
].map((row) => ({ protocol: 'rounds', ...row }))

const kind = { executor: 'host', pass: 'plain', tasks: 40, verdicts: 81, cpuMs: 28_350, gpuMs: 0 }
const figures = { rounds: 2, cases: 60, kinds: [kind], samePolicy: { tasks: 40, verdicts: 81 }, nodes: 3, slots: 12 }
const answers = [
  { id: 'figures, where there are some', message: { t: 'figures', figures }, expect: 'ok' },
  {
    id: 'figures, where nothing was judged yet',
    message: { t: 'figures', figures: { ...figures, rounds: 0, cases: 0, kinds: [], samePolicy: { tasks: 0, verdicts: 0 } } },
    expect: 'ok',
  },
  {
    id: 'a piece of a file that is being made',
    message: { t: 'file', name: 'round.car', bytes: new Uint8Array() },
    expect: 'ok',
  },
  {
    id: 'figures of a time that is none',
    message: { t: 'figures', figures: { ...figures, kinds: [{ ...kind, cpuMs: -1 }] } },
    expect: 'schema',
  },
  {
    id: 'figures of more kinds of task than there are',
    message: { t: 'figures', figures: { ...figures, kinds: Array(100).fill(kind) } },
    expect: 'schema',
  },
].map((row) => ({ protocol: 'rounds', by: 'coordinator', ...row }))

const notice = (code: string) => ({ t: 'notice', code, message: 'In words for its owner.' })
const preferred = ['emulated / ks1 / g++ 12 / nvcc 13.0 / x86-64', 'host / ks1 / g++ 12 / x86-64']
const welcome = { t: 'welcome', agent: 'kernelswarm/0.1.0' }
const outcome = { nonce: verdict.nonce, outcome: 'disagreed', tests: [0] }
const told = {
  t: 'told',
  reputation: { standing: 'new', verdicts: 1, agreed: 4, disagreed: 1, declined: 0, expired: 0 },
  outcomes: [outcome],
}
const fromCoordinator = [
  { id: 'welcome', message: welcome, expect: 'ok' },
  { id: 'welcome, with the toolchains it prefers', message: { ...welcome, preferred }, expect: 'ok' },
  { id: 'welcome, preferring nothing', message: { ...welcome, preferred: [] }, expect: 'ok' },
  { id: 'welcome, preferring what is no class', message: { ...welcome, preferred: ['the newest'] }, expect: 'schema' },
  { id: 'welcome, with the oldest release it lets in', message: { ...welcome, least: '0.1.0' }, expect: 'ok' },
  { id: 'welcome, with a release that is none', message: { ...welcome, least: 'newest' }, expect: 'schema' },
  { id: 'told', message: told, expect: 'ok' },
  {
    id: 'told, of more tests than any case has',
    message: { ...told, outcomes: [{ ...outcome, tests: [64] }] },
    expect: 'schema',
  },
  ...NoticeCode.options.map((code) => ({ id: `notice: ${code}`, message: notice(code), expect: 'ok' })),
  { id: 'notice: a code nobody knows', message: notice('promoted'), expect: 'schema' },
  ...[
    { t: 'refused', code: 'busy', message: 'Later.' },
    { t: 'assign', nonce: verdict.nonce, taskId: programs[0]?.taskId, task: programs[0]?.task, deadlineMs: 150_000 },
    { t: 'program', program: programs[0]?.cid, bytes: Uint8Array.from(Buffer.from(programs[0]?.bytes ?? '', 'hex')) },
    { t: 'accepted', nonce: verdict.nonce },
    { t: 'rejected', nonce: verdict.nonce, code: 'output' },
    { t: 'alive' },
    { t: 'withdraw', nonce: verdict.nonce },
    { t: 'cut', code: 'malformed' },
  ].map((message) => ({ id: message.t, message, expect: 'ok' })),
  {
    id: 'assign, for longer than a timer can wait',
    message: { t: 'assign', nonce: verdict.nonce, taskId: programs[0]?.taskId, task: programs[0]?.task, deadlineMs: 2 ** 31 },
    expect: 'schema',
  },
].map((row) => ({ protocol: 'work', by: 'coordinator', ...row }))

const progress = {
  round: programs[0]?.cid,
  name: 'a round',
  state: 'verifying',
  paused: null,
  visibility: 'public',
  parent: null,
  rule: 'strict',
  executor: 'emulated',
  policy: ROUND_DEFAULTS.policy,
  priority: 5,
  openedAt: NOW,
  endedAt: null,
  cases: 3,
  judged: 1,
  judgements: { equivalent: 1, different: 0, invalid: 0, undecided: 0 },
  tasks: { total: 6, decided: 2, undecided: 0, balloting: 1, waiting: 3 },
  verdicts: 5,
  disagreements: 0,
  spent: { cpuSeconds: 4, gpuSeconds: 0 },
  caps: { cpuSeconds: null, gpuSeconds: null, programSeconds: 600 },
  nodes: 2,
  working: 1,
  unserved: null,
  givenBack: null,
  stopped: null,
}
const toResearcher = [
  { t: 'opened', round: programs[0]?.cid, have: 0, state: 'open' },
  { t: 'acknowledged', have: 64 },
  { t: 'sealed' },
  { t: 'extended', round: programs[0]?.cid, from: 3, have: 3, complete: false },
  { t: 'progress', progress },
  { t: 'file', name: 'report.json', bytes: Uint8Array.from(Buffer.from('{}')) },
  { t: 'end' },
  { t: 'rounds', rounds: [progress] },
  { t: 'refused', code: 'limit', message: 'There is no more room.' },
].map((message) => ({ id: message.t, protocol: 'rounds', by: 'coordinator', message, expect: 'ok' }))

/** Of those that are refused the bytes say all. */
const written = [...openings, ...answers, ...fromCoordinator, ...toResearcher].map(({ message, ...row }) => {
  const bytes = hex(encodeCanonical(message))
  return row.expect === 'ok' ? { ...row, bytes, message } : { ...row, bytes }
})

/** Bytes as dag-json writes them. */
const asDagJson = (_key: string, value: unknown) =>
  value instanceof Uint8Array ? { '/': { bytes: Buffer.from(value).toString('base64').replace(/=+$/, '') } } : value
const write = (name: string, value: unknown) =>
  writeFile(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(value, asDagJson, 2)}\n`)

/** One item each: whether it has the one form. */
const cbor = [
  { id: 'an empty map', bytes: 'a0', expect: 'ok' },
  { id: 'keys by length, then by bytes', bytes: 'a3616101616202626161f6', expect: 'ok' },
  { id: 'a negative integer', bytes: '3903e7', expect: 'ok' },
  { id: 'a float', bytes: 'fb3ff8000000000000', expect: 'ok' },
  { id: 'bytes', bytes: '43010203', expect: 'ok' },
  { id: 'text outside ASCII', bytes: '62c3a9', expect: 'ok' },
  { id: 'sixteen lists deep', bytes: `${'81'.repeat(16)}01`, expect: 'ok' },
  { id: 'seventeen lists deep', bytes: `${'81'.repeat(17)}01`, expect: 'malformed' },
  { id: 'unsorted keys', bytes: 'a2616201616101', expect: 'not-canonical' },
  { id: 'a key twice', bytes: 'a2616101616102', expect: 'malformed' },
  { id: 'a key that is no text', bytes: 'a10102', expect: 'malformed' },
  { id: 'a long form of a small integer', bytes: '1801', expect: 'malformed' },
  { id: 'a long form of a short length', bytes: '780161', expect: 'malformed' },
  { id: 'a list of indefinite length', bytes: '9f01ff', expect: 'malformed' },
  { id: 'a map of indefinite length', bytes: 'bf616101ff', expect: 'malformed' },
  { id: 'text in pieces', bytes: '7f6161ff', expect: 'malformed' },
  { id: 'a short float', bytes: 'f93e00', expect: 'not-canonical' },
  { id: 'NaN', bytes: 'fb7ff8000000000000', expect: 'malformed' },
  { id: 'infinite', bytes: 'fb7ff0000000000000', expect: 'malformed' },
  { id: 'undefined', bytes: 'f7', expect: 'not-canonical' },
  { id: 'a tag that is no link', bytes: 'c101', expect: 'malformed' },
  { id: 'cut short', bytes: '8301', expect: 'malformed' },
  { id: 'a length beyond all there is', bytes: '9bffffffffffffffff', expect: 'malformed' },
  { id: 'two items', bytes: '0101', expect: 'malformed' },
  { id: 'nothing', bytes: '', expect: 'malformed' },
]

await write('cbor', cbor)
await write('programs', programs)
await write('envelopes', envelopes)
await write('statements', statements)
await write('owners', owners)
await write('messages', [...messages, ...refused, ...written])
