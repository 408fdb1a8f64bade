import type { Fact } from './facts.ts'
import type { WhyNot } from './permission.ts'

/** One thing that stands against it, and when it goes by itself. */
export interface Obstacle {
  code: WhyNot
  why: string
  until: number | null
}

/** One, where something holds. */
export function when(holds: boolean, code: WhyNot, why: string, until: number | null = null): Obstacle[] {
  return holds ? [{ code, why, until }] : []
}

/** What follows from a fact; one that is unknown stands against it. */
export function seen<T>(fact: Fact<T>, code: WhyNot, what: string, obstacles: (value: T) => Obstacle[]): Obstacle[] {
  if (fact.known) return obstacles(fact.value)
  return when(true, code, `Nobody can tell ${what} (${fact.why}).`)
}
