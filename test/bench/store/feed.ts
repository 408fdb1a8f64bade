import { Ledger } from '../../../coordinator/ledger.ts'
import { CLOSED_AFTER_MS, Closer } from '../../../coordinator/rounds/closer.ts'
import type { CellVote } from '../../../coordinator/rules/ballot.ts'
import type { CaseRecord } from '../../../coordinator/state/events.ts'
import { nameTasks } from '../../../coordinator/state/needed.ts'
import { Store } from '../../../coordinator/store/store.ts'
import { cidOf, ROUND_DEFAULTS, type RoundSpec } from '../../../protocol/index.ts'
import { UNMEASURED } from '../../../sandbox/types.ts'
import { ENVIRONMENT } from '../../support/environment.ts'

/** Plain runs, each by two of three: what is fed is what these make, and no more. */
const SPEC: RoundSpec = { ...ROUND_DEFAULTS, rule: 'compat', passes: [], v: 1, name: 'fed' }
const NODES = 40
/** Cases of one message, as a submit sends them. */
const CASES_AT_ONCE = 250
/** Verdicts recorded before it is waited until they are on disk, as many nodes do that answer at once. */
const IN_FLIGHT = 500
const TESTS = 5
const MS_BETWEEN = 2

/** Records rounds into a ledger on disk, synced, as the work service does, without network, signatures and outputs. */
export class FedLedger implements AsyncDisposable {
  ledger: Ledger
  readonly #folder: string
  #now = Date.UTC(2026, 0, 1)
  #nonce = 0

  private constructor(folder: string, ledger: Ledger) {
    this.#folder = folder
    this.ledger = ledger
  }

  static async open(folder: string): Promise<FedLedger> {
    return new FedLedger(folder, await Ledger.open(await Store.open(folder)))
  }

  /** Opens, fills and seals a round, and has all of it answered: four verdicts a case. */
  async round(name: string, cases: number): Promise<void> {
    await this.begin(name, cases)
    await this.answer(name, 0, cases)
  }

  /** Opens, fills and seals a round. */
  async begin(name: string, cases: number): Promise<void> {
    const { ledger } = this
    await ledger.record({ t: 'round-opened', at: this.#now, round: name, owner: 'owner', spec: SPEC, casesDigest: name })
    for (let from = 0; from < cases; from += CASES_AT_ONCE) {
      const count = Math.min(CASES_AT_ONCE, cases - from)
      const records = await Promise.all(Array.from({ length: count }, (_, n) => recordOf(name, from + n)))
      const names = await nameTasks(SPEC, records)
      const tasks = await ledger.recall(names)
      await ledger.record({ t: 'cases-added', at: this.#now, round: name, from, cases: records }, undefined, names, tasks)
    }
    await ledger.record({ t: 'round-sealed', at: this.#now, round: name })
  }

  /** Answers the cases of a round from one index up to, and without, another. */
  async answer(name: string, from: number, to: number): Promise<void> {
    const { ledger } = this
    const closer = new Closer({ ledger, clock: { now: () => this.#now } })
    const entry = ledger.state.rounds.get(name)
    for (let index = from; index < to; index++) {
      const tasks = entry?.cases[index]?.tasks
      if (!tasks) throw new Error(`case ${index + 1} has no tasks`)
      for (const task of [tasks.cpp, tasks.cuda]) for (const voter of [0, 1]) this.#vote(task, index + voter)
      if (this.#nonce % IN_FLIGHT < 4) {
        await ledger.durable
        closer.look()
        ledger.state.touched.clear()
      }
    }
    await ledger.durable
  }

  #vote(task: string, by: number): void {
    const { ledger } = this
    const nonce = (this.#nonce++).toString(16).padStart(32, '0')
    const node = `node ${by % NODES}`
    const at = this.#now
    const { executor } = (ledger.state.tasks.get(task) as { task: { executor: string } }).task
    const own = `${executor} class`
    ledger.record({ t: 'assigned', at, nonce, task, node, operator: node, deadlineAt: at + 60_000 }).catch(() => undefined)
    this.#now += MS_BETWEEN
    const cells = Array.from({ length: TESTS }, (_, test) => cellOf(task, test))
    const resources = { compileMs: 300, runMs: 20, ...UNMEASURED }
    const said = {
      nonce,
      verdict: `${task.slice(0, 50)}${nonce.slice(-9)}`,
      class: own,
      environment: { ...ENVIRONMENT },
      cells,
      resources,
    }
    ledger.record({ t: 'verdict', at: this.#now, ...said }).catch(() => undefined)
  }

  /** Time passes until all that has ended may leave memory, and it does. */
  async rest(): Promise<void> {
    this.#now += CLOSED_AFTER_MS
    new Closer({ ledger: this.ledger, clock: { now: () => this.#now } }).look()
    await this.ledger.durable
  }

  /** Starts anew, as after a kill: what was not kept as records is applied again. */
  async restart(): Promise<number> {
    await this.ledger.store.close()
    const from = performance.now()
    this.ledger = await Ledger.open(await Store.open(this.#folder))
    return performance.now() - from
  }

  async close(): Promise<void> {
    await this.ledger.store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

async function recordOf(round: string, index: number): Promise<CaseRecord> {
  const name = async (side: string) => await cidOf(Buffer.from(`${round}/${index}/${side}`), 'dag-cbor')
  const programs = { cpp: await name('cpp'), cuda: await name('cuda') }
  return { id: index, problem: `problem ${index}`, source: 'cpp', programs, tests: TESTS }
}

/** Digests as long as real ones; as of most, nothing printed is an address, so both forms have one. */
function cellOf(task: string, test: number): CellVote {
  const digest = (form: string) => `${form}${test}${task.slice(10, 59)}`.padEnd(59, 'x')
  return { status: 'success', output: digest('o'), compat: digest('c'), masked: digest('c'), findings: [] }
}
