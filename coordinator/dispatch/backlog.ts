import { abilityFor } from '../../protocol/index.ts'
import type { Candidate } from '../rules/dispatch.ts'
import { gotten } from './crowd.ts'

/**
 * Where a task waits: with a vote in; without one, but opened by what is decided of its case; or untouched. In this order they are
 * given out, so that cases come to their end one after the other and not all at last.
 */
const QUEUES = ['begun', 'passes', 'fresh'] as const
type Queue = (typeof QUEUES)[number]

/** Tasks looked at in one look at one line: bounds the cost of a choice however long the line is. */
export const SCAN_LIMIT = 256

/** A task that waits. */
export interface Waiting extends Candidate {
  key: string
}

interface Filed<T> {
  entry: T
  queue: Queue
  rounds: readonly string[]
  lines: Line<T>[]
  /** Which of the lines' lists it is in. */
  first: string
  /** Its place among all that were filed. */
  number: number
}

/**
 * Tasks of one round and queue for one ability, by the operator that has the first say on them ('' where nobody has
 * one): an operator's nodes pass over all that is waiting for somebody else at once, however much that is.
 */
type Line<T> = Map<string, Map<string, Filed<T>>>

/** How far a node has looked through lines of which one look did not see the end. */
export type Looks<T> = WeakMap<Line<T>, Iterator<Filed<T>>>

/** What a look found. `cut`: it found nothing, and did not see all there is. */
export interface Found<T> {
  entry: T | null
  cut: boolean
}

/** The tasks that want assignments, filed by round and by what one must be able to do for them. */
export class Backlog<T extends Waiting> {
  readonly #lines = new Map<string, Line<T>>()
  readonly #filed = new Map<string, Filed<T>>()
  /** By ability, how many tasks each round has waiting for it. */
  readonly #rounds = new Map<string, Map<string, number>>()
  /** By round, how many tasks wait. */
  readonly #waiting = new Map<string, number>()
  #next = 0

  get(key: string): T | undefined {
    return this.#filed.get(key)?.entry
  }

  /** Files a task, or files it anew where it belongs now; it keeps its place when that is the same. */
  put(entry: T, rounds: readonly string[]): void {
    const queue = queueOf(entry)
    const first = firstSay(entry)
    const before = this.#filed.get(entry.key)
    if (before?.first === first && before.queue === queue && before.rounds.join() === rounds.join()) return
    this.delete(entry.key)
    const ability = abilityFor(entry.task)
    const lines = rounds.map((round) => gotten(this.#lines, lineKey(round, queue, ability), (): Line<T> => new Map()))
    const filed = { entry, queue, rounds, lines, first, number: this.#next++ }
    this.#filed.set(entry.key, filed)
    for (const line of lines) gotten(line, first, () => new Map<string, Filed<T>>()).set(entry.key, filed)
    this.#count(filed, 1)
  }

  delete(key: string): void {
    const filed = this.#filed.get(key)
    if (filed === undefined) return
    this.#filed.delete(key)
    for (const [at, line] of filed.lines.entries()) {
      const list = line.get(filed.first)
      list?.delete(key)
      if (list?.size === 0) line.delete(filed.first)
      if (line.size === 0) this.#lines.delete(lineKey(filed.rounds[at] as string, filed.queue, abilityFor(filed.entry.task)))
    }
    this.#count(filed, -1)
  }

  /** How many tasks of a round wait. */
  waiting(round: string): number {
    return this.#waiting.get(round) ?? 0
  }

  /** The rounds that have something for somebody with these abilities. */
  roundsFor(abilities: Iterable<string>): Set<string> {
    const found = new Set<string>()
    for (const ability of abilities) for (const round of this.#rounds.get(ability)?.keys() ?? []) found.add(round)
    return found
  }

  /**
   * A round's next task for a node: of the first queue in which there is one that it may have, the one that waits longest.
   * @param mayHave asked of tasks that it is able to do
   */
  find(
    round: string,
    { operator, abilities }: { operator: string; abilities: ReadonlySet<string> },
    mayHave: (entry: T) => boolean,
    looks: Looks<T>,
  ): Found<T> {
    let cut = false
    for (const queue of QUEUES) {
      let best: Filed<T> | null = null
      for (const ability of abilities) {
        const line = this.#lines.get(lineKey(round, queue, ability))
        const found = line === undefined ? null : look(line, operator, mayHave, looks)
        if (found === 'cut') cut = true
        else if (found !== null && (best === null || found.number < best.number)) best = found
      }
      if (best !== null) return { entry: best.entry, cut: false }
    }
    return { entry: null, cut }
  }

  #count({ entry, rounds }: Filed<T>, by: 1 | -1): void {
    const serving = gotten(this.#rounds, abilityFor(entry.task), () => new Map<string, number>())
    for (const round of rounds) {
      addTo(serving, round, by)
      addTo(this.#waiting, round, by)
    }
  }
}

/**
 * The first of a line that somebody may have: at its head, or from where the last look ended. Where all that one look
 * sees waits for others, what is behind it would otherwise never be given to anybody.
 */
function look<T>(line: Line<T>, operator: string, mayHave: (entry: T) => boolean, looks: Looks<T>): Filed<T> | 'cut' | null {
  const head = scan(inLine(line, operator), mayHave)
  if (head !== 'cut') return head
  const further = looks.get(line) ?? inLine(line, operator)
  looks.set(line, further)
  const found = scan(further, mayHave)
  if (found === null) looks.delete(line)
  return found
}

/** Looks at `SCAN_LIMIT` tasks at most. */
function scan<T>(tasks: Iterator<Filed<T>>, mayHave: (entry: T) => boolean): Filed<T> | 'cut' | null {
  for (let looked = 0; looked < SCAN_LIMIT; looked++) {
    const next = tasks.next()
    if (next.done) return null
    if (mayHave(next.value.entry)) return next.value
  }
  return 'cut'
}

/** What an operator is not the first to have a say on; what others have begun before what nobody has. */
function* inLine<T>(line: Line<T>, operator: string): Generator<Filed<T>> {
  for (const [first, list] of line) if (first !== operator && first !== '') yield* list.values()
  yield* line.get('')?.values() ?? []
}

function firstSay({ votes, open }: Waiting): string {
  for (const { operator } of votes) return operator
  for (const { operator } of open.values()) return operator
  return ''
}

function queueOf({ votes, task }: Waiting): Queue {
  if (votes.length > 0) return 'begun'
  return task.pass === 'plain' ? 'fresh' : 'passes'
}

function lineKey(round: string, queue: Queue, ability: string): string {
  return `${round} ${queue} ${ability}`
}

function addTo(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
