import { EventEmitter } from 'node:events'
import type { Event } from './state/events.ts'
import { nameTasks, State, type TaskNames } from './state/state.ts'
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
  readonly #onFailure: (error: Error) => void
  #durable: Promise<void> = Promise.resolve()

  private constructor(store: Store, state: State, onFailure: (error: Error) => void) {
    this.store = store
    this.state = state
    this.#onFailure = onFailure
    this.changes.setMaxListeners(0)
  }

  /**
   * Reads the log from the beginning.
   * @param onFailure told when an event could not be written: what is in memory is then ahead of the disk for good
   */
  static async open(store: Store, onFailure: (error: Error) => void = () => {}): Promise<Ledger> {
    const state = new State()
    for await (const event of store.events()) state.apply(event, await namesFor(state, event))
    return new Ledger(store, state, onFailure)
  }

  /** Resolves when everything recorded so far is on disk. */
  get durable(): Promise<void> {
    return this.#durable
  }

  /**
   * Applies an event now; resolves when it and its content are on disk.
   * @param names as `nameTasks` gives them, for `cases-added`
   */
  record(event: Event, blobs?: ReadonlyMap<string, Uint8Array>, names?: TaskNames): Promise<void> {
    this.state.apply(event, names)
    const durable = this.store.append([event], blobs)
    durable.catch(this.#onFailure)
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
