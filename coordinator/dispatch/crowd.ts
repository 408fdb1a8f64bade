import type { Party } from '../rules/dispatch.ts'
import { Census } from './census.ts'

/** Operators that will not do which are looked at before it is said that there are none that will. */
const MISSES = 64

/**
 * Nodes by what they are good for, and by operator and network: whoever looks for a node finds one without looking at the
 * nodes of those that will not do.
 */
export class Crowd<T extends Pick<Party, 'operator' | 'network'>> {
  readonly #by = new Map<string, Map<string, Set<T>>>()
  readonly #censuses = new Map<string, Census>()
  readonly #members = new Map<T, readonly string[]>()

  get size(): number {
    return this.#members.size
  }

  /** @param traits what it may be looked for under; the same list again changes nothing, and costs nothing */
  add(member: T, traits: readonly string[]): void {
    if (this.#members.get(member) === traits) return
    this.delete(member)
    this.#members.set(member, traits)
    for (const trait of traits) {
      const parties = gotten(this.#by, trait, () => new Map<string, Set<T>>())
      gotten(parties, partyOf(member), () => new Set<T>()).add(member)
      gotten(this.#censuses, trait, () => new Census()).add(member.operator)
    }
  }

  delete(member: T): void {
    for (const trait of this.#members.get(member) ?? []) {
      const parties = this.#by.get(trait)
      const nodes = parties?.get(partyOf(member))
      nodes?.delete(member)
      if (nodes?.size === 0) parties?.delete(partyOf(member))
      if (parties?.size === 0) this.#by.delete(trait)
      const census = this.#censuses.get(trait)
      census?.delete(member.operator)
      if (census?.operators.length === 0) this.#censuses.delete(trait)
    }
    this.#members.delete(member)
  }

  has(member: T): boolean {
    return this.#members.has(member)
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#members.keys()
  }

  /** The operators who have a node with a trait, in no order that means anything. */
  operators(trait: string): readonly string[] {
    return this.#censuses.get(trait)?.operators ?? []
  }

  /** One member of each operator in each of its networks, those that have been here longest first. */
  *oneOfEach(trait: string): Generator<T> {
    for (const nodes of this.#by.get(trait)?.values() ?? []) {
      for (const first of nodes) {
        yield first
        break
      }
    }
  }

  /**
   * Whether there are so many operators, in as many networks, beside some that will do, each judged by one of its nodes.
   * Looks at no more than are excepted and wanted, and a few that will not do.
   * @param except operators and networks
   */
  hasOthers(trait: string, wanted: number, except: ReadonlySet<string>, willDo: (member: T) => boolean): boolean {
    const seen = new Set<string>()
    const isOut = (party: string) => except.has(party) || seen.has(party)
    let others = 0
    let looked = 0
    for (const member of this.oneOfEach(trait)) {
      if (others >= wanted || ++looked > except.size + wanted + MISSES) break
      const { operator, network = operator } = member
      if (isOut(operator) || isOut(network) || !willDo(member)) continue
      seen.add(operator).add(network)
      others++
    }
    return others >= wanted
  }
}

/** Nodes of which all may have something or none. */
function partyOf({ operator, network = operator }: Pick<Party, 'operator' | 'network'>): string {
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
