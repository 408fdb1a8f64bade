import { EventEmitter } from 'node:events'
import type { Event } from './state/events.ts'
import type { RoundEntry, TaskEntry } from './state/model.ts'
import { nameTasks, type TaskNames } from './state/needed.ts'
import { State } from './state/state.ts'
import type { DiskCondition } from './store/condition.ts'
import type { Store } from './store/store.ts'
import { RecordsInMaking } from './views/in-making.ts'
import { tasksFrom, tasksRecord } from './views/records.ts'
import { operationsFor, StoredRecords } from './views/stored.ts'
import { captureChanges, eventsIn, Reading, type Records, readState, takeChanges, type ViewChange } from './views/views.ts'
import { CO_VERIFY, type Workload } from './workload.ts'

/**
 * Things that change before records of them are made: what has changed is copied then, and all of it goes to the disk at once, which a
 * node's acknowledgement may have to wait for. Made more often, most of a busy coordinator's records would be of things that change again at
 * once, the nodes that work first of all; made of 8,000, the turn that hands them to the database held all up for 35 to 180 ms.
 */
const CHANGES_KEPT = 2_000
/** The same of events: a start applies no more than these, and what came while the last records were made. */
const EVENTS_KEPT = 6_000

/** An assignment that is over. */
export interface Past {
  node: string
  /** `returned` with a verdict; else as it ended. */
  how: string
  /** Name of the verdict's signed payload; stores of before receipts have none. */
  verdict?: string
}

/** How the state was found at a start. */
export interface Found {
  /** Events that the records held, and those after them, which were applied. */
  kept: number
  applied: number
  /** Why there were records that were not used, or null. */
  dropped: string | null
}

/**
 * The log and what follows from it, kept together: an event is applied at once and durable when `record` resolves.
 * Whatever is told to others about an event waits for that; so a coordinator that is killed has never said anything
 * that it does not know when it comes back.
 *
 * Now and then, and whenever a round leaves memory, what has changed goes to the records (`views`), all of it in one batch: they are
 * always the state after some event, and a start applies the rest. Making them takes longer than a node should wait for its
 * acknowledgement, so that it is done bit by bit while events go on, of what was so at the event; at the end of a round, of
 * which nothing stays to be read but its records, at once with its event.
 */
export class Ledger {
  readonly state: State
  readonly store: Store
  /** What cases are made into, and judged by. */
  readonly workload: Workload
  /** What the state holds, and held before rounds were closed, as it is on disk. */
  readonly records: Records
  readonly found: Found
  /** `change` after every event that was applied, `presence` when a node joins or leaves. */
  readonly changes = new EventEmitter<{ change: [Event]; presence: [] }>()
  #durable: Promise<void> = Promise.resolve()
  /** Resolves when the last round that was closed can be read again, and other tasks that left the state. */
  #shelved: Promise<void> = Promise.resolve()
  /** Records of assignments that are over, until they are on disk. */
  readonly #past = new Map<string, string>()
  /** Records of these that go with the next event, or with the records of all that changed: they may have been lost with records that were dropped. */
  #carried: ViewChange[]
  /** Records that are being made, of the state after some event before. */
  #making: RecordsInMaking | null = null

  private constructor(store: Store, workload: Workload, records: Records, state: State, found: Found, carried: ViewChange[]) {
    this.workload = workload
    this.#carried = carried
    for (const [key, text] of carried) this.#past.set(key.slice('past/'.length), text ?? '')
    this.store = store
    this.records = records
    this.state = state
    this.found = found
    this.changes.setMaxListeners(0)
  }

  /** Reads what is kept, and the events after it; where nothing is kept that can be used, all of them. */
  static async open(store: Store, workload: Workload = CO_VERIFY): Promise<Ledger> {
    const records = new StoredRecords(store.disk)
    const { state, dropped } = await restored(store, records, workload)
    const kept = state.events
    let past: ViewChange[] = []
    for await (const event of store.events(kept)) {
      const names = await namesFor(state, event)
      const recalled = await readTasks(state, records, names)
      past.push(...pastOf(state, event))
      state.apply(event, names, recalled)
      if (!isDue(state, event)) continue
      await store.append([], undefined, operationsFor([...past, ...takeChanges(state)]))
      past = []
    }
    return new Ledger(store, workload, records, state, { kept, applied: state.events - kept, dropped }, past)
  }

  /** Resolves when everything recorded so far is on disk, however long that takes; fails when the store is closed before. */
  get durable(): Promise<void> {
    return this.#durable
  }

  /** How the disk does: while it fails nobody is to record anything, and whoever does waits. */
  get condition(): DiskCondition {
    return this.store.disk.condition
  }

  /** Resolves when everything recorded so far is on disk, or cannot be written for now. */
  async settled(): Promise<void> {
    const written = new AbortController()
    const durable = this.#durable.catch(() => undefined).finally(() => written.abort())
    await Promise.race([durable, this.store.disk.failing(written.signal)])
  }

  /**
   * Applies an event now; resolves when it and its content are on disk.
   * @param names as `nameTasks` gives them, for `cases-added`
   * @param recalled as `recall` gives them for these names
   */
  record(
    event: Event,
    blobs?: ReadonlyMap<string, Uint8Array>,
    names?: TaskNames,
    recalled?: readonly TaskEntry[],
  ): Promise<void> {
    const past = pastOf(this.state, event)
    this.state.apply(event, names, recalled)
    const made = [...this.#carried, ...past]
    this.#carried = []
    if (event.t === 'round-closed') made.push(...this.#allChanges())
    else if (isDue(this.state, event)) this.#makeRecords()
    const durable = this.store.append([event], blobs, operationsFor(made))
    this.#durable = durable
    if (event.t === 'round-closed') this.#shelved = durable
    if ('nonce' in event && past.length > 0) this.#remember(event.nonce, past, durable)
    this.changes.emit('change', event)
    return durable
  }

  /** How an assignment that is not out any more ended, or null where there never was one. */
  async past(nonce: string): Promise<Past | null> {
    const text = this.#past.get(nonce) ?? (await this.records.get(pastKey(nonce)))
    return text === undefined ? null : (JSON.parse(text) as Past)
  }

  /** The tasks of these names that left the state, for cases that are to be added or for whoever asks. Good until something is awaited. */
  async recall(names: TaskNames): Promise<TaskEntry[]> {
    for (;;) {
      const shelved = this.#shelved
      await shelved
      if (shelved !== this.#shelved) continue
      const away = new Set(awayOf(this.state, names))
      const tasks = await readTasks(this.state, this.records, names)
      // Others may have left while these were read.
      if (awayOf(this.state, names).every((name) => away.has(name))) return tasks
    }
  }

  /** Resolves when all rounds that were closed can be read from the records, or the disk fails. */
  async shelved(): Promise<void> {
    const written = new AbortController()
    const shelved = this.#shelved.catch(() => undefined).finally(() => written.abort())
    await Promise.race([shelved, this.store.disk.failing(written.signal)])
  }

  /** A round by its name, however long ago it was closed: those that are not at hand any more are read. */
  async roundNamed(id: string): Promise<RoundEntry | undefined> {
    const known = this.state.roundNamed(id)
    if (known !== undefined || !this.#hasOlder) return known
    await this.shelved()
    return (await new Reading(this.records).older([id]))[0] ?? this.state.roundNamed(id)
  }

  /**
   * The last rounds of a researcher that were opened before some point, in order, however long ago they were closed.
   * @param before `seq` of the first that is left out; Infinity: none is
   */
  async roundsOf(owner: string, before: number, limit: number): Promise<RoundEntry[]> {
    await (this.#hasOlder ? this.shelved() : undefined)
    const older = this.#hasOlder ? await new Reading(this.records).roundsOf(owner, before, limit) : []
    const known = new Map(older.map((round) => [round.id, round]))
    for (const round of this.state.allRounds()) if (round.owner === owner && round.seq < before) known.set(round.id, round)
    return [...known.values()].sort((a, b) => a.seq - b.seq).slice(-limit)
  }

  /** Whether rounds were closed that are not at hand any more. */
  get #hasOlder(): boolean {
    return this.state.closed > this.state.closedRounds.size
  }

  /** Makes records of all that changed, so that the next start has nothing to apply; none where the disk fails. */
  async keep(): Promise<void> {
    const changes = [...this.#carried, ...this.#allChanges()]
    this.#carried = []
    if (changes.length > 0) this.#durable = this.store.append([], undefined, operationsFor(changes))
    await this.settled()
  }

  /** What has not gone to the records, all of it and now. */
  #allChanges(): ViewChange[] {
    const before = this.#making?.finish() ?? []
    this.#making = null
    return this.state.changes.events === 0 ? before : [...before, ...takeChanges(this.state)]
  }

  /** Begins with records of the state as it is now; those that were begun with are on their way before. */
  #makeRecords(): void {
    if (this.#making !== null) this.#toBeRead(this.#write(this.#making.finish()))
    const left = this.state.changes.gone.size
    const making = new RecordsInMaking(captureChanges(this.state))
    this.#making = making
    const written = making.made.then(async (made) => {
      if (this.#making !== making) return
      this.#making = null
      await this.#write(made)
    })
    // Of what has left the state there is nothing else to be read.
    if (left > 0) this.#toBeRead(written)
    // Nothing of a disk makes that fail: a fault of ours ends the process, and the next start makes them from the log.
    written.catch((error: Error) => {
      setImmediate(() => {
        throw error
      })
    })
  }

  /** Whoever reads of what left the state waits for that, too. */
  #toBeRead(written: Promise<void>): void {
    this.#shelved = Promise.all([this.#shelved, written]).then(() => undefined)
    this.#shelved.catch(() => undefined)
  }

  /** Where they do not get to the disk, a start applies more events. */
  async #write(changes: readonly ViewChange[]): Promise<void> {
    await this.store.append([], undefined, operationsFor(changes)).catch(() => undefined)
  }

  #remember(nonce: string, [change]: readonly ViewChange[], durable: Promise<void>): void {
    this.#past.set(nonce, change?.[1] ?? '')
    durable.then(
      () => this.#past.delete(nonce),
      () => undefined,
    )
  }
}

/** Whether records are to be made of what changed, an event having been applied. */
export function isDue({ changes }: State, { t }: Event): boolean {
  return t === 'round-closed' || changes.size >= CHANGES_KEPT || changes.events >= EVENTS_KEPT
}

function pastKey(nonce: string): string {
  return `past/${nonce}`
}

/** What is to be kept of an assignment that an event ends. To be asked before the event is applied. */
export function pastOf({ assignments }: State, event: Event): ViewChange[] {
  if (event.t !== 'verdict' && event.t !== 'ended') return []
  const node = assignments.get(event.nonce)?.node
  if (node === undefined) return []
  const how = event.t === 'verdict' ? 'returned' : event.how
  const said = event.t === 'verdict' ? { verdict: event.verdict } : {}
  return [[pastKey(event.nonce), JSON.stringify({ node, how, ...said } satisfies Past)]]
}

async function restored(
  store: Store,
  records: StoredRecords,
  workload: Workload,
): Promise<{ state: State; dropped: string | null }> {
  let dropped: string | null = null
  try {
    const kept = await eventsIn(records)
    if (kept !== null && kept <= store.last) return { state: await readState(records, workload), dropped: null }
    if (kept !== null) dropped = `they hold ${kept} events, and the log has ${store.last}`
  } catch (error) {
    dropped = (error as Error).message
  }
  await records.clear()
  return { state: new State(workload), dropped }
}

/**
 * Tasks of these names that left the state, from the records; those that changed since there were records of them, as they left it. In the order
 * of their numbers, wherever each comes from: a state to which they come back numbers them anew.
 */
export async function readTasks(state: State, records: Records, names: TaskNames = new Map()): Promise<TaskEntry[]> {
  const away = awayOf(state, names)
  if (away.length === 0) return []
  const { gone } = state.changes
  const left = away.flatMap((name) => tasksFrom(tasksRecord(gone.get(name) ?? []), (environment) => environment))
  const read = await new Reading(records).tasks(away.filter((name) => !gone.has(name)))
  return [...left, ...read].sort((a, b) => a.seq - b.seq)
}

/** Names of tasks that are not in the state and may have been. */
function awayOf({ named, closed }: State, names: TaskNames): string[] {
  return closed === 0 ? [] : [...names.values()].filter((name) => !named.has(name))
}

/** The names that an event needs to be applied. */
export async function namesFor(state: State, event: Event): Promise<TaskNames | undefined> {
  if (event.t !== 'cases-added') return undefined
  const spec = state.rounds.get(event.round)?.spec
  return spec === undefined ? undefined : await nameTasks(spec, event.cases)
}
