import { abilityFor, type Task } from '../../protocol/index.ts'
import type { Applicant } from '../rules/dispatch.ts'

/**
 * Nodes that would take work and found none, by what they are able to do, and by operator and network: whoever has something
 * new to give finds a taker without looking at the nodes of those that may not have it.
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
      const parties = gotten(this.#byAbility, ability, () => new Map<string, Set<T>>())
      gotten(parties, partyOf(applicant), () => new Set<T>()).add(applicant)
    }
  }

  delete(applicant: T): void {
    if (!this.#all.delete(applicant)) return
    for (const ability of applicant.abilities) {
      const parties = this.#byAbility.get(ability)
      const nodes = parties?.get(partyOf(applicant))
      nodes?.delete(applicant)
      if (nodes?.size === 0) parties?.delete(partyOf(applicant))
      if (parties?.size === 0) this.#byAbility.delete(ability)
    }
  }

  /** One node of each operator in each of its networks that is able, those that have been idle longest first. */
  *able(task: Pick<Task, 'executor' | 'pass'>): Generator<T> {
    for (const nodes of this.#byAbility.get(abilityFor(task))?.values() ?? []) {
      for (const first of nodes) {
        yield first
        break
      }
    }
  }
}

/** Nodes of which all may take a task or none. */
function partyOf({ operator, network = operator }: Applicant): string {
  return `${operator} ${network}`
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
