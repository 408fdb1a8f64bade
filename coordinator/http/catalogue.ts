import type { ExecutorName } from '../../protocol/index.ts'
import type { Ledger } from '../ledger.ts'
import type { SharedCase } from '../rules/secrecy.ts'
import { sharedCase } from '../sharing.ts'
import type { Event } from '../state/events.ts'
import { type CaseEntry, type TaskEntry, taskKeys } from '../state/model.ts'
import { isLive } from '../state/rounds.ts'

/** What the pages look up and the state does not keep: by program, by task name, and which rounds an event touched. */
export class Catalogue {
  readonly #ledger: Ledger
  /** Keys of tasks (the same task under several policies has several) by program. */
  readonly #byProgram = new Map<string, Set<string>>()
  /** Task of every assignment that is out: a verdict names its assignment alone, which the state has closed by then. */
  readonly #taskOf = new Map<string, string>()
  readonly #versions = new Map<string, number>()
  readonly #onTouched: (rounds: ReadonlySet<string>) => void
  readonly #onChange = (event: Event) => this.#note(event)

  /** @param onTouched told the rounds whose counts an event may have changed */
  constructor(ledger: Ledger, onTouched: (rounds: ReadonlySet<string>) => void) {
    this.#ledger = ledger
    this.#onTouched = onTouched
    for (const entry of ledger.state.tasks.values()) this.#add(entry)
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

  /** Tasks known by a name. */
  tasksNamed(name: string): TaskEntry[] {
    const { named, tasks } = this.#ledger.state
    return (named.get(name) ?? []).flatMap((key) => tasks.get(key) ?? [])
  }

  /** Counts over all tasks there ever were. `ready` want a node, `running` are assignments that are out. */
  tasks(): { total: number; ready: number; running: number; decided: number; undecided: number } {
    const { tasks, wanting, assignments } = this.#ledger.state
    return {
      total: tasks.size,
      ready: wanting.size,
      running: assignments.size,
      ...this.#ledger.state.finals,
    }
  }

  /** The cases that use a program, as the secrecy rule wants them. */
  *casesOf(program: string): Generator<SharedCase> {
    const { tasks, rounds } = this.#ledger.state
    for (const key of this.#byProgram.get(program) ?? []) {
      for (const { round, index } of tasks.get(key)?.users ?? []) {
        const owner = rounds.get(round)
        const item = owner?.cases[index]
        if (owner !== undefined && item !== undefined) yield sharedCase(this.#ledger.state, owner, item)
      }
    }
  }

  #add(entry: TaskEntry): void {
    addTo(this.#byProgram, entry.task.program, entry.key)
  }

  #note(event: Event): void {
    const touched = this.#touchedBy(event)
    for (const round of touched) this.#versions.set(round, this.versionOf(round) + 1)
    if (touched.size > 0) this.#onTouched(touched)
  }

  #touchedBy(event: Event): Set<string> {
    if ('round' in event) return this.#noteRound(event)
    if ('nonce' in event) return this.#noteTask(event)
    // What is blocked may end the wait for work of any round.
    if ('program' in event) return new Set([...this.#ledger.state.rounds.values()].filter(isLive).map(({ id }) => id))
    return this.#noteBallots(event.t === 'drawn' ? event.tasks : [event.task])
  }

  /** Ballots that changed though nobody voted: a batch was drawn from, somebody is not waited for any longer. */
  #noteBallots(keys: readonly string[]): Set<string> {
    return keys.length > 0 ? this.#live() : new Set()
  }

  #noteRound(event: Extract<Event, { round: string }>): Set<string> {
    const touched = new Set([event.round])
    const cases = this.#ledger.state.rounds.get(event.round)?.cases ?? []
    if (event.t === 'compared') this.#addTasksOf(cases.slice(event.index, event.index + 1))
    if (event.t !== 'cases-added') return touched
    const added = cases.slice(event.from, event.from + event.cases.length)
    this.#addTasksOf(added)
    return touched
  }

  #addTasksOf(items: readonly CaseEntry[]): void {
    for (const key of items.flatMap((item) => taskKeys(item))) {
      const entry = this.#ledger.state.tasks.get(key)
      if (entry !== undefined) this.#add(entry)
    }
  }

  #caseOf({ round, index }: { round: string; index: number }): CaseEntry | undefined {
    return this.#ledger.state.rounds.get(round)?.cases[index]
  }

  #noteTask(event: Extract<Event, { nonce: string }>): Set<string> {
    const key = event.t === 'assigned' ? event.task : this.#taskOf.get(event.nonce)
    if (event.t === 'assigned') this.#taskOf.set(event.nonce, event.task)
    else this.#taskOf.delete(event.nonce)
    const entry = key === undefined ? undefined : this.#ledger.state.tasks.get(key)
    if (entry === undefined) return new Set()
    // A decision may have opened further passes for those who waited for it.
    if (entry.ballot.state !== 'open') this.#addTasksOf(entry.users.flatMap((user) => this.#caseOf(user) ?? []))
    return entry.trust === null ? new Set(entry.users.map(({ round }) => round)) : this.#live()
  }

  /** Under a confidence policy one answer may change the ballots on many tasks, of this round and of others. */
  #live(): Set<string> {
    const rounds = [...this.#ledger.state.rounds.values()]
    return new Set(rounds.filter(({ spec }) => spec.policy.kind === 'confidence').map(({ id }) => id))
  }
}

function addTo(index: Map<string, Set<string>>, name: string, key: string): void {
  const keys = index.get(name)
  if (keys === undefined) index.set(name, new Set([key]))
  else keys.add(key)
}

/** How many of those connected can run each kind of program. */
export function countExecutors(present: readonly { executors: ReadonlySet<ExecutorName> }[]): Record<ExecutorName, number> {
  const counts = { host: 0, emulated: 0, gpu: 0 }
  for (const { executors } of present) for (const executor of executors) counts[executor]++
  return counts
}
