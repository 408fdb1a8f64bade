import type { Ballot } from '../rules/ballot.ts'
import type { OperatorEntry } from './model.ts'
import { ADMISSION_FAILING } from './model.ts'

/** A task of which something fails: what somebody who did not run it would hardly say. */
export function isFailing({ cells }: Ballot): boolean {
  return cells.some((cell) => cell !== null && (cell.status !== 'success' || cell.findings.length > 0))
}

type Kind = 'failing' | 'sound'

/** Tasks of which the answer is decided: what newcomers are tried by. In the order in which they were decided. */
export class Known {
  readonly #lists = new Map<string, string[]>()

  /** A task was decided. Those decided in several classes at once are not used. */
  add(key: string, ballot: Ballot): void {
    const classes = new Set(ballot.cells.map((cell) => cell?.class))
    const [kind] = classes
    if (classes.size !== 1 || kind === undefined) return
    this.#list(kind, isFailing(ballot) ? 'failing' : 'sound').push(key)
  }

  /** Tasks of a class that are known to fail somehow. */
  failing(kind: string): number {
    return this.#list(kind, 'failing').length
  }

  /** The next task to try an operator by: failing ones until it has shown enough of these, then others. */
  next(operator: OperatorEntry, classes: Iterable<string>, canRun: (key: string) => boolean): string | null {
    const order: Kind[] = operator.admittedFailing < ADMISSION_FAILING ? ['failing', 'sound'] : ['sound', 'failing']
    for (const kind of order) {
      for (const name of classes) {
        const list = this.#list(name, kind)
        let at = operator.cursors.get(`${kind} ${name}`) ?? 0
        while (at < list.length && (operator.asked.has(list[at] as string) || !canRun(list[at] as string))) at++
        operator.cursors.set(`${kind} ${name}`, at)
        const found = list[at]
        if (found !== undefined) return found
      }
    }
    return null
  }

  #list(name: string, kind: Kind): string[] {
    const list = this.#lists.get(`${kind} ${name}`) ?? []
    this.#lists.set(`${kind} ${name}`, list)
    return list
  }
}
