import { Changes } from '../state/changes.ts'
import type { TaskEntry } from '../state/model.ts'
import { voteOf } from '../state/model.ts'

/** A node is to run a task again, so many times more. */
export interface Owing {
  times: number
  since: number
}

export interface OwedEntry extends Owing {
  node: string
  key: string
}

/** Disputed answers that are to be said again, by who said them. */
export class Owed {
  readonly #byNode = new Map<string, Map<string, Owing>>()
  /** Nodes of each task, for putting it anew. */
  readonly #nodes = new Map<string, string[]>()
  /** Nodes to which something was added: whoever gives out work takes them from here. */
  readonly touched = new Set<string>()
  readonly #changes: Pick<Changes, 'owed'>

  constructor(changes: Pick<Changes, 'owed'> = new Changes()) {
    this.#changes = changes
  }

  /** All that is owed, in order. */
  *entries(): Generator<OwedEntry> {
    for (const [node, tasks] of this.#byNode) for (const [key, owing] of tasks) yield { node, key, ...owing }
  }

  /** Puts in what was kept of a state. */
  load(entries: readonly OwedEntry[]): void {
    for (const { node, key, times, since } of entries) this.#add(node, key, { times, since })
  }

  /** Says what is to be said again of a task; what was asked already is not asked twice. */
  put(entry: TaskEntry, again: ReadonlyMap<string, number>, at: number): void {
    const before = this.#clear(entry.key)
    for (const [operator, times] of again) {
      const node = voteOf(entry, operator)?.node
      if (node === undefined) continue
      const out = [...(entry.trust?.asked.values() ?? [])].filter((one) => one.node === node && one.as === 'repeat').length
      if (times > out) this.#add(node, entry.key, { times: times - out, since: before.get(node) ?? at })
    }
  }

  /** A task that the node is to run again, of those that may be given out now, or null. */
  next(node: string, mayGive: (key: string) => boolean): string | null {
    for (const key of this.#byNode.get(node)?.keys() ?? []) if (mayGive(key)) return key
    return null
  }

  /** It was given once. */
  take(node: string, key: string): void {
    const tasks = this.#byNode.get(node)
    const owing = tasks?.get(key)
    if (owing === undefined) return
    owing.times--
    this.#changes.owed = true
    if (owing.times === 0) tasks?.delete(key)
    if (tasks?.size === 0) this.#byNode.delete(node)
  }

  /** What has waited since before `until`, while nobody runs it. */
  *waitingSince(until: number): Generator<{ node: string; task: string }> {
    for (const [node, tasks] of this.#byNode) {
      for (const [task, { since }] of tasks) if (since < until) yield { node, task }
    }
  }

  #add(node: string, key: string, owing: Owing): void {
    this.#changes.owed = true
    const tasks = this.#byNode.get(node) ?? new Map<string, Owing>()
    this.#byNode.set(node, tasks.set(key, owing))
    this.#nodes.set(key, [...(this.#nodes.get(key) ?? []), node])
    this.touched.add(node)
  }

  /** Returns since when each node owed it. */
  #clear(key: string): Map<string, number> {
    const since = new Map<string, number>()
    if (this.#nodes.has(key)) this.#changes.owed = true
    for (const node of this.#nodes.get(key) ?? []) {
      const tasks = this.#byNode.get(node)
      const owing = tasks?.get(key)
      if (owing !== undefined) since.set(node, owing.since)
      tasks?.delete(key)
      if (tasks?.size === 0) this.#byNode.delete(node)
    }
    this.#nodes.delete(key)
    return since
  }
}
