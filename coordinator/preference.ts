import { type ExecutorName, executorIn } from '../protocol/index.ts'
import type { State } from './state/state.ts'

/**
 * The toolchain that nodes are best of, as classes, at most one an executor: what the coordinator's operator says, else the class
 * in which most tests were decided so far. Votes are pooled inside a class only, so who has another one is of less use.
 */
export class Preference {
  readonly #state: Pick<State, 'decidedIn'>
  readonly #stated: readonly string[]

  constructor(state: Pick<State, 'decidedIn'>, stated: readonly string[]) {
    this.#state = state
    this.#stated = stated
  }

  classes(): string[] {
    const most = new Map<ExecutorName, { name: string; tests: number }>()
    for (const [name, tests] of this.#state.decidedIn) {
      const executor = executorIn(name)
      const known = executor === null ? undefined : most.get(executor)
      const more = known === undefined || tests > known.tests || (tests === known.tests && name < known.name)
      if (executor !== null && more) most.set(executor, { name, tests })
    }
    const stated = new Map(this.#stated.map((name) => [executorIn(name), name]))
    for (const executor of stated.keys()) if (executor !== null) most.delete(executor)
    return [...stated.values(), ...[...most.values()].map(({ name }) => name)].sort()
  }
}
