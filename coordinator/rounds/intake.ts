import {
  type Case,
  cidOf,
  encodeCanonical,
  type FromResearcher,
  KernelswarmError,
  MAX_ADDITIONS,
  MAX_ALL_LIVE_ROUNDS,
  MAX_LINE_BYTES,
  MAX_LIVE_ROUNDS,
  MAX_TESTS_PER_CASE,
  nameProgram,
  type RerunKind,
  type RoundProgress,
  type RoundRefusal,
  roundId,
  type ToResearcher,
} from '../../protocol/index.ts'
import { ArchiveError } from '../archives/folder.ts'
import { Breath } from '../breath.ts'
import type { Clock } from '../clock.ts'
import type { Ledger } from '../ledger.ts'
import { ROUND_STEPS, type RoundStep } from '../rules/round.ts'
import { capReached, type RoundCaps } from '../rules/spending.ts'
import type { CaseRecord, Event } from '../state/events.ts'
import type { CaseEntry, RoundEntry, TaskEntry } from '../state/model.ts'
import { nameTasks, type TaskNames } from '../state/needed.ts'
import { addingTo, isLive, standingOf } from '../state/rounds.ts'
import { type Presence, progressOf } from '../view.ts'
import { recalled } from '../views/recalled.ts'
import { CO_VERIFY, type Workload } from '../workload.ts'
import { tasksThatFit } from './room.ts'

type Of<T extends FromResearcher['t']> = Extract<FromResearcher, { t: T }>

/** A request that cannot be served; the researcher is told code and message. */
export class Refused extends KernelswarmError<RoundRefusal> {}

/** Rounds shown by one `list`. */
const LIST_LIMIT = 1000
/** Cases of a re-run recorded in one event. */
const RERUN_CASES = 1000
/** Bytes of programs that are brought back to the store at a time. */
const BACK_BYTES = 4 * 1024 * 1024
/** Letters of a round's name that must be given. */
const SHORTEST_NAME = 8

/** What a re-run is made from. */
interface Rerun {
  of: RoundEntry
  /** Its name. */
  id: string
  casesDigest: string
  kinds: RerunKind[]
  cases: readonly CaseEntry[]
  records: readonly CaseRecord[]
  owner: string
  share: number
}

/** Takes rounds and their cases into the ledger. What it has answered is on disk. */
export class Intake {
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #caps: RoundCaps
  readonly #mostTasks: number

  /**
   * @param init.caps what the coordinator's operator allows every round
   * @param init.mostTasks tasks of rounds under way, all together; by default as many as memory holds
   */
  constructor({ ledger, clock }: { ledger: Ledger; clock: Clock }, init: { caps?: RoundCaps; mostTasks?: number } = {}) {
    this.#ledger = ledger
    this.#clock = clock
    this.#caps = init.caps ?? {}
    this.#mostTasks = init.mostTasks ?? tasksThatFit()
  }

  /**
   * Opens a round, or finds the one that the same question made before.
   * @param share what the owner gets, compared with others
   */
  async open(owner: string, { spec, casesDigest, salt }: Of<'open'>, share: number): Promise<RoundEntry> {
    const id = await roundId(owner, spec, casesDigest, salt)
    const known = await this.#ledger.roundNamed(id)
    // Another stream may have opened it meanwhile.
    if (known === undefined && this.#ledger.state.roundNamed(id) === undefined) {
      this.#assertFewRounds(owner)
      this.#record({ t: 'round-opened', at: this.#clock.now(), round: id, owner, spec, casesDigest, share })
    }
    await this.#ledger.durable
    return await this.recall(owner, id)
  }

  /** Adds cases in their order; what is here already is passed over. Returns how many the round has. */
  async add(owner: string, { round, from, cases }: Of<'cases'>): Promise<number> {
    const entry = this.#openRound(owner, round)
    for (const [offset, item] of cases.entries()) checkCase(item, from + offset)
    if (from > entry.size) {
      throw new Refused('bad-request', `case ${from + 1} came, but case ${entry.size + 1} is next`)
    }
    const records: CaseRecord[] = []
    const blobs = new Map<string, Uint8Array>()
    const names: TaskNames = new Map()
    const breath = new Breath()
    for (const item of cases) {
      const record = await recordOf(item, blobs, this.#ledger.workload)
      records.push(record)
      for (const [key, name] of await nameTasks(entry.spec, [record])) names.set(key, name)
      // Verdicts are waited for at the other end; who submits has time.
      await breath.take()
    }
    const tasks = await this.#ledger.recall(names)
    // Another stream of the same owner may have added cases meanwhile; nothing is awaited from here to `record`.
    this.#openRound(owner, round)
    const fresh = records.slice(entry.size - from)
    if (fresh.length > 0) {
      this.#assertRoom(entry, names)
      const at = this.#clock.now()
      this.#record({ t: 'cases-added', at, round: entry.id, from: entry.size, cases: fresh }, blobs, names, tasks)
    }
    await this.#ledger.durable
    return entry.size
  }

  async seal(owner: string, { round, total }: Of<'seal'>): Promise<void> {
    const entry = this.find(owner, round)
    if (entry.size !== total) {
      throw new Refused('bad-request', `the round has ${entry.size} cases, not ${total}`)
    }
    if (entry.state === 'open' || addingTo(entry) !== undefined) {
      this.#record({ t: 'round-sealed', at: this.#clock.now(), round: entry.id })
    }
    await this.#ledger.durable
  }

  /**
   * Begins to add a file to a round, or goes on where that was cut. A file is in a round once: which it was opened with, or
   * was added before, is `complete`.
   */
  async extend(
    owner: string,
    { round, casesDigest }: Of<'extend'>,
  ): Promise<Omit<Extract<ToResearcher, { t: 'extended' }>, 't'>> {
    const entry = this.find(owner, round)
    const { id, additions } = entry
    const first = { casesDigest: entry.casesDigest, from: 0, cases: entry.state === 'open' ? null : 0 }
    const known = [first, ...additions].find((addition) => addition.casesDigest === casesDigest)
    if (known !== undefined && known.cases !== null) return { round: id, from: known.from, have: entry.size, complete: true }
    if (known === undefined || known === first) {
      if (additions.length >= MAX_ADDITIONS)
        throw new Refused('state', `${MAX_ADDITIONS} files were added to this round; open another one`)
      this.#assertMay('extend', entry)
      this.#record({ t: 'round-extended', at: this.#clock.now(), round: id, casesDigest })
    }
    await this.#ledger.durable
    return { round: id, from: known?.from ?? entry.size, have: entry.size, complete: false }
  }

  /** Cancels what has not ended; a second time it does nothing. */
  async cancel(owner: string, round: string): Promise<void> {
    const entry = this.find(owner, round)
    this.#assertMay('cancel', entry)
    if (entry.state !== 'cancelled') this.#record({ t: 'round-cancelled', at: this.#clock.now(), round: entry.id })
    await this.#ledger.durable
  }

  /** Nothing is given out of the round from now on. Said again it counts anew, so that what runs can still be withdrawn. */
  async pause(owner: string, { round, finishRunning }: Of<'pause'>): Promise<void> {
    const entry = this.find(owner, round)
    this.#assertMay('pause', entry)
    // Who has reached a limit has to raise it, whatever he does in between.
    if (entry.paused?.reason !== 'limit') {
      const finish = finishRunning ? { finish: true } : {}
      this.#record({ t: 'round-paused', at: this.#clock.now(), round: entry.id, reason: 'owner', ...finish })
    }
    await this.#ledger.durable
  }

  /** @throws Refused `limit` while it has used what it may, under the caps it comes with if any */
  async resume(owner: string, { round, caps }: Of<'resume'>): Promise<void> {
    const entry = this.find(owner, round)
    this.#assertMay('resume', entry)
    const next = caps === undefined ? entry.caps : { ...entry.caps, ...caps }
    const reached = capReached(entry.spent, next, this.#caps)
    if (reached !== null) throw new Refused('limit', `${reached}; it can go on under a higher limit`)
    if (entry.paused !== null || caps !== undefined) {
      this.#record({ t: 'round-resumed', at: this.#clock.now(), round: entry.id, ...(caps === undefined ? {} : { caps: next }) })
    }
    await this.#ledger.durable
  }

  /**
   * Opens a round with some cases of an ended one, on the same terms, and seals it. The same asked twice is the same round,
   * unless the salt says otherwise.
   * @throws Refused `bad-request` when no case is of the kinds asked for, `unavailable` when a program is in an archive that
   *   cannot be read
   */
  async rerun(owner: string, { round, only, salt }: Of<'rerun'>, share: number): Promise<RoundEntry> {
    const of = await this.recall(owner, round)
    this.#assertMay('rerun', of)
    const kinds = [...new Set(only)].sort()
    const whole = await recalled(this.#ledger, of)
    const cases = whole.round.cases.filter((item) => kinds.includes(kindOf(of, item)))
    if (cases.length === 0) throw new Refused('bad-request', `no case of this round is ${kinds.join(' or ')}`)
    const casesDigest = await cidOf(encodeCanonical({ rerun: of.id, cases: cases.map(({ index }) => index) }), 'dag-cbor')
    const id = await roundId(owner, of.spec, casesDigest, salt)
    const records = cases.map((item): CaseRecord => {
      const { id: own, problem, source, programs, tests } = item
      return { id: own, problem, source, programs, tests }
    })
    const release = this.#ledger.store.hold(records.flatMap(({ programs }) => Object.values(programs)))
    try {
      await this.#bringBack(records)
      await this.#openRerun({ of, id, casesDigest, kinds, cases, records, owner, share })
    } finally {
      release()
    }
    await this.#ledger.durable
    return await this.recall(owner, id)
  }

  async #openRerun({ of, id, casesDigest, kinds, cases, records, owner, share }: Rerun): Promise<void> {
    const parts: { from: number; cases: CaseRecord[]; names: TaskNames }[] = []
    for (let from = 0; from < records.length; from += RERUN_CASES) {
      const some = records.slice(from, from + RERUN_CASES)
      parts.push({ from, cases: some, names: await nameTasks(of.spec, some) })
    }
    const names: TaskNames = new Map(parts.flatMap((part) => [...part.names]))
    const tasks = await this.#ledger.recall(names)
    const known = await this.#ledger.roundNamed(id)
    if (known === undefined && this.#ledger.state.roundNamed(id) === undefined) {
      this.#assertRoom(null, names)
      const at = this.#clock.now()
      const parent = { round: of.id, only: kinds, cases: cases.map(({ index }) => index) }
      this.#record({ t: 'round-opened', at, round: id, owner, spec: of.spec, casesDigest, share, parent })
      for (const part of parts) {
        // With each part come back what it needs, as when the log is applied again.
        const own = new Set(part.names.values())
        const back = tasks.filter((task) => own.has(task.id))
        this.#record({ t: 'cases-added', at, round: id, from: part.from, cases: part.cases }, undefined, part.names, back)
      }
      this.#record({ t: 'round-sealed', at, round: id })
    }
  }

  /** Programs that nodes are to be given are in the store: those that have left it come back from their archives. */
  async #bringBack(records: readonly CaseRecord[]): Promise<void> {
    const { store } = this.#ledger
    let back = new Map<string, Uint8Array>()
    let bytes = 0
    for (const cid of new Set(records.flatMap(({ programs }) => Object.values(programs)))) {
      if ((await store.blob(cid)) !== undefined) continue
      const program = await store.content(cid).catch((error: Error) => {
        throw error instanceof ArchiveError ? new Refused('unavailable', error.message) : error
      })
      if (program !== undefined) back.set(cid, program)
      bytes += program?.byteLength ?? 0
      if (bytes < BACK_BYTES) continue
      await store.append([], back)
      back = new Map()
      bytes = 0
    }
    if (back.size > 0) await store.append([], back)
  }

  /** The owner's last rounds, or the last ones that were opened before one of them, in order. @throws Refused `unknown-round` */
  async list(owner: string, { before }: Of<'list'>, present: readonly Presence[]): Promise<RoundProgress[]> {
    const end = before === undefined ? Number.POSITIVE_INFINITY : (await this.recall(owner, before)).seq
    const own = await this.#ledger.roundsOf(owner, end, LIST_LIMIT)
    return own.map((entry) => progressOf(this.#ledger, entry, present))
  }

  /** As `find`, also of rounds that were closed so long ago that they are not at hand; of those the whole name is needed. */
  async recall(owner: string, name: string): Promise<RoundEntry> {
    const found = await this.#ledger.roundNamed(name)
    return found?.owner === owner ? found : this.find(owner, name)
  }

  /** The owner's round by its name, or by the first letters of it. @throws Refused `unknown-round` */
  find(owner: string, name: string): RoundEntry {
    const exact = this.#ledger.state.roundNamed(name)
    const found = exact !== undefined ? [exact] : this.#ledger.state.allRounds().filter(({ id }) => id.startsWith(name))
    const own = found.filter((entry) => entry.owner === owner)
    if (own.length === 1 && name.length >= SHORTEST_NAME) return own[0] as RoundEntry
    const why = own.length > 1 ? `${own.length} rounds of this key begin with ${name}; give more letters` : null
    throw new Refused('unknown-round', why ?? `no round ${name} of this key here`)
  }

  /** Records without waiting; whoever answers waits for `durable`, which also covers what another stream recorded. */
  #record(event: Event, blobs?: ReadonlyMap<string, Uint8Array>, names?: TaskNames, recalled?: readonly TaskEntry[]): void {
    this.#ledger.record(event, blobs, names, recalled).catch(() => undefined)
  }

  /**
   * A case has memory for all tasks it may come to, those of its later passes with them, before it is taken.
   * @throws Refused when there is not: `unavailable` while other rounds are on their way out of it, else `limit`. Rounds that are still being
   *   sent are not, so that two of them do not wait for each other.
   */
  #assertRoom(round: RoundEntry | null, names: TaskNames): void {
    const { state } = this.#ledger
    const fresh = new Set([...names.values()].filter((name) => !state.needs(name))).size
    if (state.needed + fresh <= this.#mostTasks) return
    const has = `this coordinator has memory for ${this.#mostTasks} tasks of rounds under way, those of all passes counted`
    if ([...state.rounds.values()].some((other) => other !== round && other.state !== 'open')) {
      throw new Refused('unavailable', `${has}: send the same again, it goes on here, when other rounds have ended`)
    }
    throw new Refused(
      'limit',
      `${has}, and with these cases it would come to ${state.needed + fresh}: make several rounds of the file`,
    )
  }

  /** @throws Refused `limit` where the owner, or all, have as many rounds that have not ended as may be */
  #assertFewRounds(owner: string): void {
    const live = [...this.#ledger.state.rounds.values()].filter(isLive)
    const own = live.filter((round) => round.owner === owner).length
    if (own >= MAX_LIVE_ROUNDS)
      throw new Refused('limit', `${own} of your rounds have not ended; at most ${MAX_LIVE_ROUNDS} may be under way: cancel some`)
    if (live.length >= MAX_ALL_LIVE_ROUNDS)
      throw new Refused('unavailable', `${live.length} rounds are under way here, and no more may be: come back later`)
  }

  #openRound(owner: string, round: string): RoundEntry {
    const entry = this.find(owner, round)
    this.#assertMay('add', entry)
    return entry
  }

  #assertMay(step: RoundStep, entry: RoundEntry): void {
    if (ROUND_STEPS[step](standingOf(entry)) === null) throw new Refused('state', whyNot(step, entry))
  }
}

/** Why something cannot be done with a round as it stands, and what can. */
function whyNot(step: RoundStep, round: RoundEntry): string {
  if (step === 'rerun') return `the round is ${round.state}; cases are run again when it has ended`
  if (!isLive(round)) {
    const ended = round.state === 'aggregated' ? 'the round has ended' : 'the round was cancelled'
    const instead = step === 'add' || step === 'extend' ? '; more cases are another round' : ''
    return `${ended}; there is nothing to ${step === 'add' ? 'add to' : step}${instead}`
  }
  return step === 'extend'
    ? 'another file is being sent to this round and is not all here: finish that first'
    : `the round is ${round.state}; no more cases can be added`
}

/** As what a case is run again. */
function kindOf({ spec }: RoundEntry, { judgement }: CaseEntry): RerunKind {
  return judgement?.[spec.rule] ?? 'pending'
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
export async function recordOf(
  item: Case,
  blobs: Map<string, Uint8Array>,
  { prepare }: Pick<Workload, 'prepare'> = CO_VERIFY,
): Promise<CaseRecord> {
  const cpp = await nameProgram(prepare(item, 'cpp'))
  const cuda = await nameProgram(prepare(item, 'cuda'))
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
