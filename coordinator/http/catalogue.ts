import type { ExecutorName } from '../../protocol/index.ts'
import type { Ledger } from '../ledger.ts'
import type { Event } from '../state/events.ts'
import type { TaskEntry } from '../state/model.ts'
import { isLive } from '../state/rounds.ts'
import { Reading } from '../views/views.ts'

/** What the pages look up and the state does not keep: by task name, and which rounds an event touched. */
export class Catalogue {
  readonly #ledger: Ledger
  /** Task of every assignment that is out: a verdict names its assignment alone, which the state has closed by then. */
  readonly #taskOf = new Map<string, string>()
  readonly #versions = new Map<string, number>()
  readonly #onTouched: (rounds: ReadonlySet<string>) => void
  readonly #onChange = (event: Event) => this.#note(event)

  /** @param onTouched told the rounds whose counts an event may have changed */
  constructor(ledger: Ledger, onTouched: (rounds: ReadonlySet<string>) => void) {
    this.#ledger = ledger
    this.#onTouched = onTouched
    for (const { nonce, task } of ledger.state.assignments.values()) this.#taskOf.set(nonce, task)
    ledger.changes.on('change', this.#onChange)
  }

  close(): void {
    this.#ledger.changes.off('change', this.#onChange)
  }

  /** Raised whenever an event touches the round. */
  versionOf(round: string): number {
    return this.#versions.get(round) ?? 0
  }

  /** Tasks known by a name, also those that have left memory. */
  async tasksNamed(name: string): Promise<TaskEntry[]> {
    const { named, tasks } = this.#ledger.state
    const keys = named.get(name)
    if (keys !== undefined) return keys.flatMap((key) => tasks.get(key) ?? [])
    await this.#ledger.shelved()
    return await new Reading(this.#ledger.records).tasks([name])
  }

  /** Counts over all tasks there ever were. `ready` want a node, `running` are assignments that are out. */
  tasks(): { total: number; ready: number; running: number; decided: number; undecided: number } {
    const { made, wanting, assignments } = this.#ledger.state
    return {
      total: made,
      ready: wanting.size,
      running: assignments.size,
      ...this.#ledger.state.finals,
    }
  }

  #note(event: Event): void {
    const touched = this.#touchedBy(event)
    for (const round of touched) this.#versions.set(round, this.versionOf(round) + 1)
    if (event.t === 'round-closed') this.#versions.delete(event.round)
    if (touched.size > 0) this.#onTouched(touched)
  }

  #touchedBy(event: Event): Set<string> {
    if ('round' in event) return new Set([event.round])
    if ('nonce' in event) return this.#noteTask(event)
    if ('name' in event) return new Set()
    // What is blocked may end the wait for work of any round.
    if ('program' in event) return new Set([...this.#ledger.state.rounds.values()].filter(isLive).map(({ id }) => id))
    return this.#noteBallots(event.t === 'drawn' ? event.tasks : [event.task])
  }

  /** Ballots that changed though nobody voted: a batch was drawn from, somebody is not waited for any longer. */
  #noteBallots(keys: readonly string[]): Set<string> {
    return keys.length > 0 ? this.#live() : new Set()
  }

  #noteTask(event: Extract<Event, { nonce: string }>): Set<string> {
    const key = event.t === 'assigned' ? event.task : this.#taskOf.get(event.nonce)
    if (event.t === 'assigned') this.#taskOf.set(event.nonce, event.task)
    else this.#taskOf.delete(event.nonce)
    const entry = key === undefined ? undefined : this.#ledger.state.tasks.get(key)
    if (entry === undefined) return new Set()
    return entry.trust === null ? new Set(entry.rounds) : this.#live()
  }

  /** Under a confidence policy one answer may change the ballots on many tasks, of this round and of others. */
  #live(): Set<string> {
    const rounds = [...this.#ledger.state.rounds.values()]
    return new Set(rounds.filter(({ spec }) => spec.policy.kind === 'confidence').map(({ id }) => id))
  }
}

/** How many of those connected can run each kind of program. */
export function countExecutors(present: readonly { executors: ReadonlySet<ExecutorName> }[]): Record<ExecutorName, number> {
  const counts = { host: 0, emulated: 0, gpu: 0 }
  for (const { executors } of present) for (const executor of executors) counts[executor]++
  return counts
}
