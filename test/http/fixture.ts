import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PrivateKey } from '@libp2p/interface'
import { type Components, type HttpServer, startHttp } from '../../coordinator/http/index.ts'
import { Ledger } from '../../coordinator/ledger.ts'
import { counted, type Journal, type JournalLine } from '../../coordinator/operations/journal.ts'
import { Metrics } from '../../coordinator/operations/metrics.ts'
import { Preference } from '../../coordinator/preference.ts'
import { resultFiles } from '../../coordinator/results/index.ts'
import { nameTasks } from '../../coordinator/state/needed.ts'
import { Store } from '../../coordinator/store/store.ts'
import type { Presence } from '../../coordinator/view.ts'
import {
  abilityFor,
  type Case,
  cidOf,
  classOf,
  compatForm,
  DOMAINS,
  type Environment,
  type ExecutorName,
  encodeCanonical,
  nameProgram,
  Pass,
  peerIdOf,
  programOf,
  ROUND_DEFAULTS,
  type RoundSpec,
  roundId,
  type Side,
  seal,
  type TestStatus,
  type UnsignedVerdict,
} from '../../protocol/index.ts'
import { UNMEASURED } from '../../sandbox/types.ts'
import { compareAll } from '../support/compare.ts'
import { ENVIRONMENT as PLAIN } from '../support/environment.ts'

/** What a node says of one test. */
export type Said = [status: TestStatus, output: string]

/** A key and a place; the place is what must never be seen again. */
export interface Volunteer {
  key: PrivateKey
  name: string
  operator: string
}

/** A coordinator's books, written by hand, and the server over them. */
export class Fixture implements AsyncDisposable {
  readonly ledger: Ledger
  readonly present: Presence[] = []
  readonly metrics = new Metrics()
  /** What was written into the log, one line after the other. */
  readonly lines: JournalLine[] = []
  readonly journal: Journal
  /** Why no work is given. */
  trouble: string | null = null
  /** The coordinator's. */
  readonly key: PrivateKey
  /** How result files are made. */
  results: Components['results'] = async function* (this: Fixture, round, only) {
    const { ledger, key } = this
    const options = { partial: false, singleOperator: true, only: [only] }
    for await (const { bytes } of resultFiles({ ledger, key, coordinator: 'coordinator-peer-id' }, round, options)) yield bytes
  }
  readonly #folder: string
  #server: HttpServer | null = null
  #at = Date.UTC(2026, 0, 2, 3, 4, 5)

  private constructor(folder: string, ledger: Ledger, key: PrivateKey) {
    this.#folder = folder
    this.ledger = ledger
    this.key = key
    const write = (line: JournalLine) => void this.lines.push(line)
    const plain = { debug: write, info: write, warn: write, error: write }
    this.journal = counted(plain, (event, code) => this.metrics.happened(event, code))
    this.metrics.follow({ ledger, presence: () => this.present, data: folder, trouble: () => this.trouble })
  }

  static async open(): Promise<Fixture> {
    const folder = await mkdtemp(join(tmpdir(), 'kernelswarm-http-'))
    return new Fixture(folder, await Ledger.open(await Store.open(join(folder, 'log'))), await generateKeyPair('Ed25519'))
  }

  async serve(port = 0): Promise<string> {
    this.#server = await startHttp(this.components(), { host: '127.0.0.1', port })
    return this.#server.url
  }

  /** What the pages are made from. */
  components(): Components {
    const { ledger, journal, metrics } = this
    return {
      ledger,
      presence: () => this.present,
      preference: new Preference(ledger.state, []),
      coordinator: 'coordinator-peer-id',
      port: 4600,
      singleOperator: true,
      agent: 'kernelswarm/test',
      results: (round, only) => this.results(round, only),
      journal,
      probes: { trouble: () => this.trouble, metrics },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close()
    await this.ledger.store.close()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Sets the clock of the events that follow. */
  setTime(at: number): void {
    this.#at = at
  }

  join(volunteer: Volunteer, ...executors: ExecutorName[]): void {
    const abilities = new Set(executors.flatMap((executor) => Pass.options.map((pass) => abilityFor({ executor, pass }))))
    const { name: node, operator } = volunteer
    this.present.push({
      node,
      operator,
      executors: new Set(executors),
      abilities,
      classes: new Map(),
      environments: [],
      memoryBytes: 2 ** 40,
      running: 0,
      slots: 2,
    })
    this.ledger.changes.emit('presence')
  }

  async openRound(name: string, spec: Partial<RoundSpec> = {}): Promise<string> {
    const full: RoundSpec = { v: 1, name, ...ROUND_DEFAULTS, rule: 'compat', passes: [], ...spec }
    const casesDigest = await cidOf(Buffer.from(name), 'raw')
    const round = await roundId('researcher', full, casesDigest, '')
    await this.ledger.record({ t: 'round-opened', at: this.#at++, round, owner: 'researcher', spec: full, casesDigest })
    return round
  }

  async addCases(round: string, cases: readonly Case[]): Promise<void> {
    const blobs = new Map<string, Uint8Array>()
    const records = []
    for (const item of cases) {
      const cpp = await nameProgram(programOf(item, 'cpp'))
      const cuda = await nameProgram(programOf(item, 'cuda'))
      for (const { cid, bytes } of [cpp, cuda]) blobs.set(cid, bytes)
      const { id, problem, source } = item
      records.push({ id, problem, source, programs: { cpp: cpp.cid, cuda: cuda.cid }, tests: item.cppTests.length })
    }
    const entry = this.#round(round)
    const names = await nameTasks(entry.spec, records)
    const event = { t: 'cases-added', at: this.#at++, round, from: entry.cases.length, cases: records } as const
    await this.ledger.record(event, blobs, names)
  }

  async sealRound(round: string): Promise<void> {
    await this.ledger.record({ t: 'round-sealed', at: this.#at++, round })
  }

  async cancelRound(round: string): Promise<void> {
    await this.ledger.record({ t: 'round-cancelled', at: this.#at++, round })
  }

  /** Gives a side of a case to a node; returns the nonce. */
  async assign(round: string, line: number, side: Side, volunteer: Volunteer): Promise<string> {
    const nonce = randomBytes(16).toString('hex')
    const { name: node, operator } = volunteer
    const task = this.#taskKey(round, line, side)
    const at = this.#at++
    await this.ledger.record({ t: 'assigned', at, nonce, task, node, operator, deadlineAt: at + 60_000 })
    return nonce
  }

  async expire(nonce: string): Promise<void> {
    await this.ledger.record({ t: 'ended', at: this.#at++, nonce, how: 'expired', reason: '' })
  }

  /** Lets a node vote on a side of a case; returns the name of its verdict. */
  async vote(
    round: string,
    line: number,
    side: Side,
    volunteer: Volunteer,
    said: readonly Said[],
    environment: Partial<Environment> = {},
  ): Promise<string> {
    const nonce = await this.assign(round, line, side, volunteer)
    const { id, task } = this.#task(round, line, side)
    const blobs = new Map<string, Uint8Array>()
    const cells = []
    const tests: UnsignedVerdict['tests'] = []
    for (const [status, text] of said) {
      const bytes = Buffer.from(text)
      const output = await cidOf(bytes, 'raw')
      blobs.set(output, bytes)
      cells.push({ status, output, compat: await cidOf(compatForm(bytes), 'raw'), masked: '', findings: [] })
      tests.push({ status, output, outputBytes: bytes.byteLength, findings: [] })
    }
    const where = { ...ENVIRONMENT, executor: task.executor, ...environment }
    const resources = { compileMs: 350, runMs: 12, ...UNMEASURED }
    const verdict: UnsignedVerdict = { v: 1, task: id, nonce, environment: where, tests, resources }
    const name = await cidOf(encodeCanonical(verdict), 'dag-cbor')
    blobs.set(name, await seal(verdict, DOMAINS.verdict, volunteer.key))
    const record = { nonce, verdict: name, class: classOf(where, task.pass), environment: where, cells, resources }
    await this.ledger.record({ t: 'verdict', at: this.#at++, ...record }, blobs)
    await compareAll(this.ledger, () => this.#at++)
    return name
  }

  /** Lets several nodes say the same of a side. */
  async agree(round: string, line: number, side: Side, volunteers: readonly Volunteer[], said: readonly Said[]): Promise<void> {
    for (const volunteer of volunteers) await this.vote(round, line, side, volunteer, said)
  }

  /** The name of the program of a side. */
  program(round: string, line: number, side: Side): string {
    return this.#task(round, line, side).task.program
  }

  #round(round: string) {
    const entry = this.ledger.state.rounds.get(round)
    if (entry === undefined) throw new Error(`no round ${round}`)
    return entry
  }

  #taskKey(round: string, line: number, side: Side): string {
    const tasks = this.#round(round).cases[line - 1]?.tasks
    if (!tasks) throw new Error(`case ${line} has no tasks`)
    return tasks[side]
  }

  #task(round: string, line: number, side: Side) {
    const entry = this.ledger.state.tasks.get(this.#taskKey(round, line, side))
    if (entry === undefined) throw new Error(`case ${line} has no tasks`)
    return entry
  }
}

export const ENVIRONMENT: Environment = { ...PLAIN, limits: ['memory:cgroup', 'processes:cgroup'] }

/** A node behind a network prefix of its own. */
export async function volunteer(number: number): Promise<Volunteer> {
  const key = await generateKeyPair('Ed25519')
  return { key, name: peerIdOf(key), operator: `203.0.${113 + number}.0/24` }
}

/** A case with `tests` tests; equal words make equal programs. */
export function makeCase(words: {
  id?: string | number | null
  problem?: string
  cpp?: string
  cuda?: string
  tests?: number
}): Case {
  const { id = null, problem = 'p', cpp = 'void f(int *a) { a[0] = 1; }', cuda = '__global__ void k(int *a) { *a = 1; }' } = words
  const numbers = Array.from({ length: words.tests ?? 2 }, (_, test) => test)
  return {
    id,
    problem,
    source: 'cpp',
    cpp,
    cuda,
    wrapper: 'void f_cuda(int *a) { k<<<1, 1>>>(a); }',
    cppTests: numbers.map((n) => `int a[] = {${n}}; wrapper(f, a);`),
    cudaTests: numbers.map((n) => `int a[] = {${n}}; wrapper(f_cuda, a);`),
  }
}
