import type { Ballot } from '../rules/ballot.ts'
import { Changes } from '../state/changes.ts'
import type { OperatorEntry } from './model.ts'
import { ADMISSION_FAILING, KNOWN_KEPT } from './model.ts'

/** A task of which something fails: what somebody who did not run it would hardly say. */
export function isFailing({ cells }: Ballot): boolean {
  return cells.some((cell) => cell !== null && (cell.status !== 'success' || cell.findings.length > 0))
}

type Kind = 'failing' | 'sound'

/** What an operator is tried by: failing tasks until it has shown enough of these, then others. */
function kindsFor({ admittedFailing }: Pick<OperatorEntry, 'admittedFailing'>): readonly Kind[] {
  return admittedFailing < ADMISSION_FAILING ? ['failing', 'sound'] : ['sound', 'failing']
}

/** Tasks of one class and kind, in the order in which they were decided: the last ones, and how many there were before. */
export interface KnownList {
  keys: string[]
  dropped: number
}

/** Tasks of which the answer is decided: what newcomers are tried by. Of each class and kind the last `KNOWN_KEPT`. */
export class Known {
  /** By kind and class. */
  readonly lists = new Map<string, KnownList>()
  readonly #keys = new Set<string>()
  readonly #changes: Pick<Changes, 'known'>

  constructor(changes: Pick<Changes, 'known'> = new Changes()) {
    this.#changes = changes
  }

  /**
   * A task was decided. Those decided in several classes at once are not used.
   * @returns the one that is no longer kept for it, or null
   */
  add(key: string, ballot: Ballot): string | null {
    const classes = new Set(ballot.cells.map((cell) => cell?.class))
    const [kind] = classes
    if (classes.size !== 1 || kind === undefined || this.#keys.has(key)) return null
    const list = this.#list(kind, isFailing(ballot) ? 'failing' : 'sound')
    list.keys.push(key)
    this.#changes.known.add(`${isFailing(ballot) ? 'failing' : 'sound'} ${kind}`)
    this.#keys.add(key)
    if (list.keys.length <= KNOWN_KEPT) return null
    const oldest = list.keys.shift() as string
    list.dropped++
    this.#keys.delete(oldest)
    return oldest
  }

  /** Whether somebody may still be tried by a task. */
  has(key: string): boolean {
    return this.#keys.has(key)
  }

  keys(): Iterable<string> {
    return this.#keys
  }

  /** Tasks of these classes that are known to fail somehow, of all there ever were. */
  failing(classes: Iterable<string>): number {
    let count = 0
    for (const name of classes) {
      const { keys = [], dropped = 0 } = this.lists.get(`failing ${name}`) ?? {}
      count += keys.length + dropped
    }
    return count
  }

  /** The next task to try an operator by, of the kinds in their order. @param kinds default: failing ones until it has shown enough of these */
  next(
    operator: OperatorEntry,
    classes: Iterable<string>,
    mayAsk: (key: string) => boolean,
    kinds: readonly Kind[] = kindsFor(operator),
  ): string | null {
    for (const kind of kinds) {
      for (const name of classes) {
        const found = this.lists.get(`${kind} ${name}`)?.keys.find((key) => !operator.asked.has(key) && mayAsk(key))
        if (found !== undefined) return found
      }
    }
    return null
  }

  /** Puts a list in, as it was kept. */
  load(name: string, list: KnownList): void {
    this.lists.set(name, list)
    for (const key of list.keys) this.#keys.add(key)
  }

  #list(name: string, kind: Kind): KnownList {
    const list = this.lists.get(`${kind} ${name}`) ?? { keys: [], dropped: 0 }
    this.lists.set(`${kind} ${name}`, list)
    return list
  }
}
