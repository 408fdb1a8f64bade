import { abilityFor } from '../../protocol/index.ts'
import { type Applicant, type Candidate, mayTake } from '../rules/dispatch.ts'
import { gotten } from './idle.ts'

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
  line: Line<T>
  /** Which of the line's lists it is in. */
  first: string
  /** Its place among all that were filed. */
  number: number
}

/**
 * Tasks of one queue for one ability, by the operator that has the first say on them ('' where nobody has one): an
 * operator's nodes pass over all that is waiting for somebody else at once, however much that is.
 */
type Line<T> = Map<string, Map<string, Filed<T>>>

/** How far a node has looked through lines of which one look did not see the end. */
export type Looks<T> = Map<Line<T>, Iterator<Filed<T>>>

/** What a look found. `cut`: it found nothing, and did not see all there is. */
export interface Found<T> {
  entry: T | null
  cut: boolean
}

/** The tasks that want assignments, filed by what one must be able to do for them. */
export class Backlog<T extends Waiting> {
  readonly #lines = new Map<string, Line<T>>()
  readonly #filed = new Map<string, Filed<T>>()
  #next = 0

  get(key: string): T | undefined {
    return this.#filed.get(key)?.entry
  }

  /** Files a task, or files it anew where it belongs now; it keeps its place when that is the same list. */
  put(entry: T): void {
    const line: Line<T> = gotten(this.#lines, `${queueOf(entry)} ${abilityFor(entry.task)}`, () => new Map())
    const first = firstSay(entry)
    const before = this.#filed.get(entry.key)
    if (before?.line === line && before.first === first) return
    this.delete(entry.key)
    const filed = { entry, line, first, number: this.#next++ }
    this.#filed.set(entry.key, filed)
    gotten(line, first, () => new Map<string, Filed<T>>()).set(entry.key, filed)
  }

  delete(key: string): void {
    const filed = this.#filed.get(key)
    if (filed === undefined) return
    this.#filed.delete(key)
    const list = filed.line.get(filed.first)
    list?.delete(key)
    if (list?.size === 0) filed.line.delete(filed.first)
  }

  /** The next task for a node: of the first queue in which there is one that it may take, the one that waits longest. */
  find(applicant: Applicant, looks: Looks<T>): Found<T> {
    let cut = false
    for (const queue of QUEUES) {
      let best: Filed<T> | null = null
      for (const ability of applicant.abilities) {
        const line = this.#lines.get(`${queue} ${ability}`)
        const found = line === undefined ? null : look(line, applicant, looks)
        if (found === 'cut') cut = true
        else if (found !== null && (best === null || found.number < best.number)) best = found
      }
      if (best !== null) return { entry: best.entry, cut: false }
    }
    return { entry: null, cut }
  }
}

/**
 * The first of a line that somebody may take: at its head, or from where the last look ended. Where all that one look
 * sees waits for others, what is behind it would otherwise never be given to anybody.
 */
function look<T extends Waiting>(line: Line<T>, applicant: Applicant, looks: Looks<T>): Filed<T> | 'cut' | null {
  const head = scan(inLine(line, applicant), applicant)
  if (head !== 'cut') return head
  const found = scan(
    gotten(looks, line, () => inLine(line, applicant)),
    applicant,
  )
  if (found === null) looks.delete(line)
  return found
}

/** Looks at `SCAN_LIMIT` tasks at most. */
function scan<T extends Waiting>(tasks: Iterator<Filed<T>>, applicant: Applicant): Filed<T> | 'cut' | null {
  for (let looked = 0; looked < SCAN_LIMIT; looked++) {
    const next = tasks.next()
    if (next.done) return null
    if (mayTake(next.value.entry, applicant)) return next.value
  }
  return 'cut'
}

/** What somebody's operator is not the first to have a say on; what others have begun before what nobody has. */
function* inLine<T>(line: Line<T>, { operator }: Applicant): Generator<Filed<T>> {
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
