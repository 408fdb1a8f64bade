import { EventEmitter } from 'node:events'
import type { Event } from './state/events.ts'
import { nameTasks, State, type TaskNames } from './state/state.ts'
import type { DiskCondition } from './store/condition.ts'
import type { Store } from './store/store.ts'

/**
 * The log and what follows from it, kept together: an event is applied at once and durable when `record` resolves.
 * Whatever is told to others about an event waits for that; so a coordinator that is killed has never said anything
 * that it does not know when it comes back.
 */
export class Ledger {
  readonly state: State
  readonly store: Store
  /** `change` after every event that was applied, `presence` when a node joins or leaves. */
  readonly changes = new EventEmitter<{ change: [Event]; presence: [] }>()
  #durable: Promise<void> = Promise.resolve()

  private constructor(store: Store, state: State) {
    this.store = store
    this.state = state
    this.changes.setMaxListeners(0)
  }

  /** Reads the log from the beginning. */
  static async open(store: Store): Promise<Ledger> {
    const state = new State()
    for await (const event of store.events()) state.apply(event, await namesFor(state, event))
    return new Ledger(store, state)
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
   */
  record(event: Event, blobs?: ReadonlyMap<string, Uint8Array>, names?: TaskNames): Promise<void> {
    this.state.apply(event, names)
    const durable = this.store.append([event], blobs)
    this.#durable = durable
    this.changes.emit('change', event)
    return durable
  }
}

async function namesFor(state: State, event: Event): Promise<TaskNames | undefined> {
  if (event.t !== 'cases-added') return undefined
  const spec = state.rounds.get(event.round)?.spec
  return spec === undefined ? undefined : await nameTasks(spec, event.cases)
}
