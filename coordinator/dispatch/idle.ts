import { abilityFor, type Task } from '../../protocol/index.ts'
import type { Applicant } from '../rules/dispatch.ts'

/**
 * Nodes that would take work and found none, by what they are able to do and by operator: whoever has something new to
 * give finds a taker without looking at the nodes of operators that may not have it.
 */
export class Idle<T extends Applicant> {
  readonly #byAbility = new Map<string, Map<string, Set<T>>>()
  readonly #all = new Set<T>()

  get size(): number {
    return this.#all.size
  }

  add(applicant: T): void {
    this.#all.add(applicant)
    for (const ability of applicant.abilities) {
      const operators = gotten(this.#byAbility, ability, () => new Map<string, Set<T>>())
      gotten(operators, applicant.operator, () => new Set<T>()).add(applicant)
    }
  }

  delete(applicant: T): void {
    if (!this.#all.delete(applicant)) return
    for (const ability of applicant.abilities) {
      const operators = this.#byAbility.get(ability)
      const nodes = operators?.get(applicant.operator)
      nodes?.delete(applicant)
      if (nodes?.size === 0) operators?.delete(applicant.operator)
      if (operators?.size === 0) this.#byAbility.delete(ability)
    }
  }

  /** One node of each operator that is able, those that have been idle longest first. */
  *able(task: Pick<Task, 'executor' | 'pass'>): Generator<T> {
    for (const nodes of this.#byAbility.get(abilityFor(task))?.values() ?? []) {
      for (const first of nodes) {
        yield first
        break
      }
    }
  }
}

/** What a map holds under a key, made if it is not there. */
export function gotten<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
