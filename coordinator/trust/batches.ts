import type { ConfidencePolicy } from '../../protocol/index.ts'
import { checksNeeded } from '../rules/credibility.ts'
import { Changes } from '../state/changes.ts'
import type { TaskEntry } from '../state/model.ts'
import { type BatchEntry, EPOCH_TASKS } from './model.ts'

/** Batches of answers that decide for the time being, and how far their checks are. */
export class Batches {
  /** Batches that gather, by round; they are looked at when the round has nothing else to do. */
  readonly gathering = new Map<string, Set<string>>()
  /** Batches to draw from now: full, or with too few checks under way to come to an end. */
  readonly due = new Set<string>()
  /** How many there ever were. */
  made = 0
  readonly #changes: Pick<Changes, 'batches'>
  readonly #all = new Map<string, BatchEntry>()
  /** The batch that gathers, by operator, round and policy. */
  readonly #current = new Map<string, string>()

  /** @throws when there is none of that name: the log names only batches it made */
  get(id: string): BatchEntry {
    const batch = this.#all.get(id)
    if (batch === undefined) throw new Error(`event log: unknown batch ${id}`)
    return batch
  }

  constructor(changes: Pick<Changes, 'batches'> = new Changes()) {
    this.#changes = changes
  }

  /** Puts in what was kept of a state, with the tasks of those that are not through. */
  load(batches: readonly BatchEntry[], made: number): void {
    this.made = made
    for (const batch of batches) {
      this.#all.set(batch.id, batch)
      if (batch.state === 'gathering') this.#gather(batch)
      const ripe = batch.state === 'gathering' && batch.tasks.size >= EPOCH_TASKS
      if (ripe || (batch.state === 'checking' && this.missing(batch) > 0)) this.due.add(batch.id)
    }
  }

  find(id: string | null): BatchEntry | null {
    return this.#all.get(id ?? '') ?? null
  }

  /** A round is over: nothing is decided by its batches any more. */
  forget(round: string): void {
    for (const [id, batch] of this.#all) {
      if (batch.round !== round) continue
      this.#all.delete(id)
      if (batch.state === 'gathering' || batch.state === 'checking')
        throw new Error(`event log: batch ${id} of a closed round goes on`)
      this.#current.delete(epochOf(batch))
    }
  }

  values(): IterableIterator<BatchEntry> {
    return this.#all.values()
  }

  /** Puts an operator's answer to a task into its batch of the epoch; returns the batch's name. */
  add({ key, policy }: TaskEntry, operator: string, round: string): string {
    const { theta, f } = policy as ConfidencePolicy
    const epoch = epochOf({ round, theta, f, operator })
    let batch = this.#all.get(this.#current.get(epoch) ?? '')
    if (batch === undefined || batch.state !== 'gathering' || batch.tasks.size >= EPOCH_TASKS) {
      const id = `${epoch}/${++this.made}`
      const none = { tasks: new Set<string>(), drawn: new Set<string>(), passed: new Set<string>(), voided: new Set<string>() }
      batch = { id, operator, round, theta, f, state: 'gathering', answers: 0, drawnAt: null, ...none }
      this.#all.set(id, batch)
      this.#gather(batch)
    }
    batch.tasks.add(key)
    batch.answers = batch.tasks.size
    this.changed(batch)
    if (batch.tasks.size >= EPOCH_TASKS) this.due.add(batch.id)
    return batch.id
  }

  draw(batch: BatchEntry, tasks: readonly string[], at: number): void {
    this.#noLongerGathers(batch)
    batch.state = 'checking'
    batch.drawnAt ??= at
    for (const key of tasks) batch.drawn.add(key)
    this.due.delete(batch.id)
    this.changed(batch)
  }

  /** Something of a batch is not as it was. */
  changed(batch: BatchEntry): void {
    this.#changes.batches.set(batch.id, batch)
  }

  /** Whether a task was drawn and its check is not through. */
  isPending({ drawn, passed, voided }: BatchEntry, key: string): boolean {
    return drawn.has(key) && !passed.has(key) && !voided.has(key)
  }

  pass(batch: BatchEntry, key: string): void {
    batch.passed.add(key)
    this.changed(batch)
  }

  /** A check that tells nothing: another one is drawn for it. */
  void(batch: BatchEntry, key: string): void {
    batch.voided.add(key)
    this.changed(batch)
    if (this.missing(batch) > 0) this.due.add(batch.id)
  }

  /** Draws that are wanted beside those that have passed or are under way. */
  missing({ drawn, voided, f, theta }: BatchEntry): number {
    return Math.max(0, checksNeeded(f, theta) - (drawn.size - voided.size))
  }

  close(batch: BatchEntry): void {
    this.#noLongerGathers(batch)
    this.due.delete(batch.id)
    this.changed(batch)
  }

  #gather(batch: BatchEntry): void {
    const { id, round } = batch
    this.#current.set(epochOf(batch), id)
    const others = this.gathering.get(round) ?? new Set()
    this.gathering.set(round, others.add(id))
  }

  #noLongerGathers({ id, round }: BatchEntry): void {
    const others = this.gathering.get(round)
    others?.delete(id)
    if (others?.size === 0) this.gathering.delete(round)
  }
}

function epochOf({ round, theta, f, operator }: Pick<BatchEntry, 'round' | 'theta' | 'f' | 'operator'>): string {
  return `${round}/${theta}/${f}/${operator}`
}
