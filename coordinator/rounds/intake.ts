import {
  type Case,
  cidOf,
  type FromResearcher,
  KernelswarmError,
  MAX_LINE_BYTES,
  MAX_TESTS_PER_CASE,
  nameProgram,
  programOf,
  type RoundProgress,
  type RoundRefusal,
  roundId,
} from '../../protocol/index.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import type { CaseRecord, Event } from '../state/events.ts'
import type { RoundEntry } from '../state/model.ts'
import { nameTasks, type TaskNames } from '../state/state.ts'
import { type Presence, progressOf } from '../view.ts'

type Of<T extends FromResearcher['t']> = Extract<FromResearcher, { t: T }>

/** A request that cannot be served; the researcher is told code and message. */
export class Refused extends KernelswarmError<RoundRefusal> {}

/** Rounds shown by one `list`. */
const LIST_LIMIT = 1000
/** Letters of a round's name that must be given. */
const SHORTEST_NAME = 8

/** Takes rounds and their cases into the ledger. What it has answered is on disk. */
export class Intake {
  readonly #ledger: Ledger
  readonly #clock: Clock

  constructor({ ledger, clock }: { ledger: Ledger; clock: Clock }) {
    this.#ledger = ledger
    this.#clock = clock
  }

  /**
   * Opens a round, or finds the one that the same question made before.
   * @param share what the owner gets, compared with others
   */
  async open(owner: string, { spec, casesDigest, salt }: Of<'open'>, share: number): Promise<RoundEntry> {
    const id = await roundId(owner, spec, casesDigest, salt)
    if (!this.#ledger.state.rounds.has(id)) {
      this.#record({ t: 'round-opened', at: this.#clock.now(), round: id, owner, spec, casesDigest, share })
    }
    await this.#ledger.durable
    return this.find(owner, id)
  }

  /** Adds cases in their order; what is here already is passed over. Returns how many the round has. */
  async add(owner: string, { round, from, cases }: Of<'cases'>): Promise<number> {
    const entry = this.#openRound(owner, round)
    for (const [offset, item] of cases.entries()) checkCase(item, from + offset)
    if (from > entry.cases.length) {
      throw new Refused('bad-request', `case ${from + 1} came, but case ${entry.cases.length + 1} is next`)
    }
    const records: CaseRecord[] = []
    const blobs = new Map<string, Uint8Array>()
    for (const item of cases) records.push(await recordOf(item, blobs))
    const names = await nameTasks(entry.spec, records)
    // Another stream of the same owner may have added cases meanwhile; nothing is awaited from here to `record`.
    this.#openRound(owner, round)
    const fresh = records.slice(entry.cases.length - from)
    if (fresh.length > 0) {
      const at = this.#clock.now()
      this.#record({ t: 'cases-added', at, round: entry.id, from: entry.cases.length, cases: fresh }, blobs, names)
    }
    await this.#ledger.durable
    return entry.cases.length
  }

  async seal(owner: string, { round, total }: Of<'seal'>): Promise<void> {
    const entry = this.find(owner, round)
    if (entry.cases.length !== total) {
      throw new Refused('bad-request', `the round has ${entry.cases.length} cases, not ${total}`)
    }
    if (entry.state === 'open') this.#record({ t: 'round-sealed', at: this.#clock.now(), round: entry.id })
    await this.#ledger.durable
  }

  /** Cancels what has not ended; a second time it does nothing. */
  async cancel(owner: string, round: string): Promise<void> {
    const { id, state } = this.find(owner, round)
    if (state === 'aggregated') throw new Refused('state', 'the round has ended; there is nothing to cancel')
    if (state !== 'cancelled') this.#record({ t: 'round-cancelled', at: this.#clock.now(), round: id })
    await this.#ledger.durable
  }

  list(owner: string, present: readonly Presence[]): RoundProgress[] {
    const own = [...this.#ledger.state.rounds.values()].filter((entry) => entry.owner === owner)
    return own.slice(-LIST_LIMIT).map((entry) => progressOf(this.#ledger, entry, present))
  }

  /** The owner's round by its name, or by the first letters of it. @throws Refused `unknown-round` */
  find(owner: string, name: string): RoundEntry {
    const exact = this.#ledger.state.rounds.get(name)
    const found = exact !== undefined ? [exact] : [...this.#ledger.state.rounds.values()].filter(({ id }) => id.startsWith(name))
    const own = found.filter((entry) => entry.owner === owner)
    if (own.length === 1 && name.length >= SHORTEST_NAME) return own[0] as RoundEntry
    const why = own.length > 1 ? `${own.length} rounds of this key begin with ${name}; give more letters` : null
    throw new Refused('unknown-round', why ?? `no round ${name} of this key here`)
  }

  /** Records without waiting; whoever answers waits for `durable`, which also covers what another stream recorded. */
  #record(event: Event, blobs?: ReadonlyMap<string, Uint8Array>, names?: TaskNames): void {
    this.#ledger.record(event, blobs, names).catch(() => undefined)
  }

  #openRound(owner: string, round: string): RoundEntry {
    const entry = this.find(owner, round)
    if (entry.state !== 'open') throw new Refused('state', `the round is ${entry.state}; no more cases can be added`)
    return entry
  }
}

/** What `parseCaseLine` promises must hold for cases that came over the wire, too. */
function checkCase(item: Case, index: number): void {
  const texts = [item.cpp, item.cuda, item.wrapper, ...item.cppTests, ...item.cudaTests, item.reference ?? 'none']
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  const wrong =
    item.cppTests.length !== item.cudaTests.length
      ? 'different numbers of inputs on the two sides'
      : item.cppTests.length > MAX_TESTS_PER_CASE
        ? `more than ${MAX_TESTS_PER_CASE} tests`
        : bytes > MAX_LINE_BYTES
          ? `more than ${MAX_LINE_BYTES} bytes`
          : texts.some((text) => text === '')
            ? 'an empty code or input'
            : null
  if (wrong !== null) throw new Refused('bad-request', `case ${index + 1}: ${wrong}`)
}

/** A case as the log keeps it; the texts it names are added to `blobs`. */
export async function recordOf(item: Case, blobs: Map<string, Uint8Array>): Promise<CaseRecord> {
  const cpp = await nameProgram(programOf(item, 'cpp'))
  const cuda = await nameProgram(programOf(item, 'cuda'))
  for (const { cid, bytes } of [cpp, cuda]) blobs.set(cid, bytes)
  const { id, problem, source, mutant } = item
  const programs = { cpp: cpp.cid, cuda: cuda.cid }
  const record: CaseRecord = { id, problem, source, programs, tests: item.cppTests.length }
  if (mutant !== undefined) record.mutant = mutant
  if (item.reference !== undefined) {
    const text = Buffer.from(item.reference)
    record.reference = await cidOf(text, 'raw')
    blobs.set(record.reference, new Uint8Array(text))
  }
  return record
}
