import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { Ledger } from '../../coordinator/ledger.ts'
import { type ResultOptions, resultFiles } from '../../coordinator/results/index.ts'
import { recordOf } from '../../coordinator/rounds/intake.ts'
import type { RoundEntry, TaskEntry } from '../../coordinator/state/model.ts'
import { nameTasks } from '../../coordinator/state/needed.ts'
import { Store } from '../../coordinator/store/store.ts'
import {
  type Case,
  cidOf,
  classOf,
  DOMAINS,
  type Environment,
  encodeCanonical,
  encodeReport,
  formsOf,
  nameProgram,
  type Pass,
  peerIdOf,
  programOf,
  ROUND_DEFAULTS,
  type RoundSpec,
  roundId,
  seal,
  type TestStatus,
  type UnsignedVerdict,
} from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { compareAll } from '../support/compare.ts'
import { ENVIRONMENT } from '../support/environment.ts'
import { scratch } from '../support/scratch.ts'

/** What an honest node says of a test: a status and, after a blank, an output. `?` in it stands for the node's own name, `~` for its number. */
type Said = string

/** A case and what its two programs do. */
export interface Planned {
  item: Case
  cpp: readonly Said[]
  cuda: readonly Said[]
}

export function planned(fields: Partial<Case>, cpp: readonly Said[], cuda: readonly Said[]): Planned {
  const name = String(fields.id ?? 'x')
  const item: Case = {
    id: null,
    problem: `problem ${name}`,
    source: 'cpp',
    cpp: `void f_${name}(int *a) { a[0] = 1; }`,
    cuda: `__global__ void k_${name}(int *a) { *a = 1; }`,
    wrapper: `void f_${name}_cuda(int *a) { k_${name}<<<1, 1>>>(a); }`,
    cppTests: cpp.map((_, n) => `int a[] = {${n}};\nwrapper(f_${name}, a); // test ${n}\n`),
    cudaTests: cuda.map((_, n) => `int a[] = {${n}};\nwrapper(f_${name}_cuda, a); // test ${n}\n`),
    ...fields,
  }
  return { item, cpp, cuda }
}

const ORIGINAL = {
  cpp: 'void shared(int *a) { a[0] = 7; }',
  cppTests: ['int a[1]; wrapper(shared, a);', 'wrapper(shared, nullptr);'],
}

/** A case of every kind of end, with two originals that are one program. */
export const PLAN: readonly Planned[] = [
  planned({ id: 63, ...ORIGINAL, problem: 'seven' }, ['success 7\n', 'success 8\n'], ['success 7\n', 'success 8\n']),
  planned({ id: 'partly' }, ['success 1', 'success 2'], ['success 1', 'success 3']),
  planned({ id: 'no-compile' }, ['success 1'], ['compile_error']),
  planned({ id: 'back', source: 'cuda' }, ['success 1'], ['success 1']),
  planned({ id: 'limit' }, ['success 1'], ['memory_limit']),
  planned({ id: 'blanks', ...ORIGINAL, problem: 'seven' }, ['success 7\n', 'success 8\n'], ['success  7 \r\n', 'success 8']),
  planned({ id: 'none' }, [], []),
  planned({ id: 'split' }, ['success 1'], ['success ?']),
  planned({ id: 'unsupported' }, ['success 1'], ['unsupported']),
]

/** What the compat rule says of each case of the plan. */
export const JUDGED = [
  'equivalent',
  'different',
  'different',
  'equivalent',
  'undecided',
  'equivalent',
  'undecided',
  'undecided',
  'undecided',
]

export const SPEC: RoundSpec = {
  v: 1,
  name: 'a round',
  ...ROUND_DEFAULTS,
  rule: 'compat',
  passes: [],
  prompts: { translator: 'Translate.', tester: 'Test.' },
}

export interface Init {
  plan?: readonly Planned[]
  spec?: RoundSpec
  /** Nodes; the last one lies about everything when `liar` is set. @default 3 */
  nodes?: number
  liar?: boolean
  /** Order in which verdicts arrive. @default 1 */
  seed?: number
  /** Close and open the store after so many verdicts. */
  restartAfter?: number
  /** Programs nobody returns a verdict on. */
  silentOn?: (program: string) => boolean
}

/** A round written into a ledger by hand, verdict by verdict. */
export class Recording {
  readonly folder: string
  readonly keys: PrivateKey[] = []
  readonly key: PrivateKey
  ledger: Ledger
  roundName = ''
  #at = Date.UTC(2026, 0, 2)
  #nonce = 0

  private constructor(folder: string, ledger: Ledger, key: PrivateKey) {
    this.folder = folder
    this.ledger = ledger
    this.key = key
  }

  static async make(t: TestContext, init: Init = {}): Promise<Recording> {
    const folder = join(await scratch(t), 'log')
    const recording = new Recording(folder, await openLedger(folder), await generateKeyPair('Ed25519'))
    t.after(() => recording.ledger.store.close())
    for (let n = 0; n < (init.nodes ?? 3); n++) recording.keys.push(await generateKeyPair('Ed25519'))
    await recording.#openRound(init)
    await recording.#vote(init)
    return recording
  }

  get round(): RoundEntry {
    return this.ledger.state.roundNamed(this.roundName) as RoundEntry
  }

  get names(): string[] {
    return this.keys.map(peerIdOf)
  }

  async restart(): Promise<void> {
    await this.ledger.store.close()
    this.ledger = await openLedger(this.folder)
  }

  /** @param onPiece called after each piece, while the export is under way */
  async files(options: Partial<ResultOptions> = {}, onPiece: () => void = () => {}): Promise<Map<string, Buffer>> {
    const files = new Map<string, Buffer[]>()
    const components = { ledger: this.ledger, key: this.key, coordinator: peerIdOf(this.key) }
    for await (const { name, bytes } of resultFiles(components, this.round, {
      partial: false,
      singleOperator: false,
      ...options,
    })) {
      files.set(name, [...(files.get(name) ?? []), Buffer.from(bytes)])
      onPiece()
    }
    return new Map([...files].map(([name, parts]) => [name, Buffer.concat(parts)]))
  }

  async json(name: string, options: Partial<ResultOptions> = {}) {
    return JSON.parse(String((await this.files(options)).get(name)))
  }

  async lines(name: string, options: Partial<ResultOptions> = {}) {
    return linesOf((await this.files(options)).get(name))
  }

  async #openRound({ plan = PLAN, spec = SPEC }: Init): Promise<void> {
    const cases = []
    const blobs = new Map<string, Uint8Array>()
    for (const { item } of plan) {
      cases.push(await recordOf(item, blobs))
    }
    const round = await roundId('owner', spec, 'digest', String(this.keys.length))
    this.roundName = round
    await this.ledger.record({ t: 'round-opened', at: this.#at++, round, owner: 'owner', spec, casesDigest: 'digest' })
    const names = await nameTasks(spec, cases)
    await this.ledger.record({ t: 'cases-added', at: this.#at++, round, from: 0, cases }, blobs, names)
    await this.ledger.record({ t: 'round-sealed', at: this.#at++, round })
  }

  /** Gives every task to `replicas` nodes and lets the answers come in a shuffled order; then the passes that these opened. */
  async #vote(init: Init): Promise<void> {
    const truth = await truthOf(init.plan ?? PLAN)
    const done = new Set<string>()
    for (;;) {
      const fresh = [...this.round.tasks].filter((key) => !done.has(key))
      for (const key of fresh) done.add(key)
      if (fresh.length === 0) return
      await this.#voteOn(fresh, truth, init)
      await this.#compare()
    }
  }

  async #voteOn(
    keys: readonly string[],
    truth: ReadonlyMap<string, readonly Said[]>,
    { spec = SPEC, liar = false, seed = 1, restartAfter, silentOn = () => false }: Init,
  ): Promise<void> {
    const given: { key: string; nonce: string; node: number }[] = []
    for (const [index, key] of keys.entries()) {
      for (let replica = 0; replica < spec.policy.replicas; replica++) {
        const last = this.keys.length - 1
        const node = replica === 0 && liar ? last : (index + replica) % (liar ? last : this.keys.length)
        given.push({ key, node, nonce: await this.#assign(key, node) })
      }
    }
    for (const [index, { key, nonce, node }] of shuffle(given, seed).entries()) {
      const task = this.ledger.state.tasks.get(key)
      if (task === undefined || silentOn(task.task.program)) continue
      const said = truth.get(task.task.program) as readonly Said[]
      const lies = liar && node === this.keys.length - 1
      await this.#verdict({ task, nonce, node, said: lies ? said.map(() => 'success lie') : said })
      if (index + 1 === restartAfter) await this.restart()
    }
  }

  async #assign(task: string, node: number): Promise<string> {
    const [nonce, operator] = [`nonce-${this.#nonce++}`, `net 203.0.${node}.0/24`]
    const at = this.#at++
    await this.ledger.record({ t: 'assigned', at, nonce, task, node: this.names[node] as string, operator, deadlineAt: at })
    return nonce
  }

  /** Lets the comparer do what there is for it to do. */
  async #compare(): Promise<void> {
    await compareAll(this.ledger, () => this.#at++)
  }

  async #verdict({ task, nonce, node, said }: { task: TaskEntry; nonce: string; node: number; said: readonly Said[] }) {
    const environment: Environment = { ...ENVIRONMENT, executor: task.task.executor }
    const blobs = new Map<string, Uint8Array>()
    const cells = []
    const tests: UnsignedVerdict['tests'] = []
    for (const text of said) {
      const status = text.split(' ', 1)[0] as TestStatus
      const printed = Buffer.from(
        text
          .slice(status.length + 1)
          .replace('?', this.names[node] as string)
          .replace('~', String(node)),
      )
      const bytes = outputIn(task.task.pass, status, printed)
      const name = await cidOf(bytes, 'raw')
      blobs.set(name, bytes)
      const seen = task.task.pass === 'isolated' && bytes.byteLength > 0 ? printed : bytes
      cells.push({ status, output: name, ...(await formsOf(seen)), findings: [] })
      tests.push({ status, output: name, outputBytes: bytes.byteLength, findings: [] })
    }
    const resources = { compileMs: 100 * (node + 1), runMs: 10 * (node + 1), ...UNMEASURED }
    const value: UnsignedVerdict = { v: 1, task: task.id, nonce, environment, tests, resources }
    const verdict = await cidOf(encodeCanonical(value), 'dag-cbor')
    blobs.set(verdict, await seal(value, DOMAINS.verdict, this.keys[node] as PrivateKey))
    const record = { nonce, verdict, class: classOf(environment, task.task.pass), environment, cells, resources }
    await this.ledger.record({ t: 'verdict', at: this.#at++, ...record }, blobs)
  }
}

/** What a pass puts out: the isolated one a report of the number that was printed, or of what else was; the others nothing. */
function outputIn(pass: Pass, status: TestStatus, printed: Uint8Array): Uint8Array {
  if (pass === 'plain') return printed
  if (pass !== 'isolated' || status !== 'success') return new Uint8Array()
  const text = Buffer.from(printed).toString('latin1').trim()
  const other = text === '' || Number.isNaN(Number(text))
  const values = Buffer.from(`call\nreturn ${other ? `other ${Buffer.from(text).toString('hex')}` : `float ${text}`}\n`)
  return encodeReport({ v: 1, printed: new Uint8Array(printed), values: new Uint8Array(values), launches: 1, error: null })
}

export function linesOf(file: Buffer | undefined) {
  return String(file)
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

async function openLedger(folder: string): Promise<Ledger> {
  return await Ledger.open(await Store.open(folder))
}

async function truthOf(plan: readonly Planned[]): Promise<Map<string, readonly Said[]>> {
  const truth = new Map<string, readonly Said[]>()
  for (const { item, cpp, cuda } of plan) {
    truth.set((await nameProgram(programOf(item, 'cpp'))).cid, cpp)
    truth.set((await nameProgram(programOf(item, 'cuda'))).cid, cuda)
  }
  return truth
}

/** Fisher and Yates with a small generator of its own, so that a seed names an order. */
function shuffle<T>(items: readonly T[], seed: number): T[] {
  const mixed = [...items]
  let state = seed
  for (let at = mixed.length - 1; at > 0; at--) {
    state = (state * 48_271) % 2_147_483_647
    const other = state % (at + 1)
    ;[mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T]
  }
  return mixed
}
