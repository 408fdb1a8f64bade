import { abilityFor, SIDES } from '../../protocol/index.ts'
import type { Party } from '../rules/dispatch.ts'
import { type TaskEntry, taskKeys } from '../state/model.ts'
import type { State } from '../state/state.ts'
import type { Crowd } from './crowd.ts'

/** Of the cases that a task is for, so many are looked at for the operators of their other side. */
const CASES_LOOKED_AT = 8

/** Who is to be given a task while it is kept for them. */
export interface Terms {
  /** What a node must be found under: an ability, or an ability in one class. */
  trait: string
  /** Operators and networks that are not to have it. */
  barred: ReadonlySet<string>
}

export interface TermsInit<T extends Party> {
  /** Replicas still to be given. */
  missing: number
  /** The classes of the votes and open assignments. */
  classes: readonly string[]
  /** Who takes work. */
  present: Crowd<T>
  /** Whether somebody who can run the task has room for it, and wants it. */
  willDo: (member: T) => boolean
}

/** How nodes of one class are found. */
export function traitOf(ability: string, verdictClass: string): string {
  return `${ability} in ${verdictClass}`
}

/** What whoever can run a task, and is heard, is found under. */
export function openTrait(state: State, entry: TaskEntry): string {
  return heardTrait(state, entry, abilityFor(entry.task))
}

function heardTrait({ trust }: State, { policy }: TaskEntry, trait: string): string {
  return policy.kind === 'confidence' && !trust.bootstrap ? establishedTrait(trait) : trait
}

/** How nodes of established operators are found. */
export function establishedTrait(trait: string): string {
  return `established: ${trait}`
}

/**
 * For whom a task is kept: for nodes of the class in which its ballot was begun, since votes of others do not count with
 * those that are in; and not for operators that have a say on the other side of its case. Each only while there are
 * others who could take it.
 */
export function termsOf<T extends Party>(
  state: State,
  entry: TaskEntry,
  { missing, classes, present, willDo }: TermsInit<T>,
): Terms {
  const ability = openTrait(state, entry)
  const say = partiesOf(entry)
  const begun = mostFrequent(classes)
  const own = begun === null ? ability : heardTrait(state, entry, traitOf(abilityFor(entry.task), begun))
  const trait = present.hasOthers(own, 1, say, willDo) ? own : ability
  const barred = otherSide(state, entry)
  const keep = barred.size > 0 && present.hasOthers(trait, missing, new Set([...barred, ...say]), willDo)
  return { trait, barred: keep ? barred : new Set() }
}

/** Operators with a say on the other side of the cases that a task is for, and their networks. */
function otherSide(state: State, { users }: TaskEntry): Set<string> {
  const parties = new Set<string>()
  for (const { round, index, side } of users.slice(0, CASES_LOOKED_AT)) {
    const item = state.rounds.get(round)?.cases[index]
    if (item === undefined) continue
    const keys = taskKeys(
      item,
      SIDES.filter((other) => other !== side),
    )
    for (const key of keys) {
      const other = state.tasks.get(key)
      if (other !== undefined) for (const party of partiesOf(other)) parties.add(party)
    }
  }
  return parties
}

function partiesOf({ votes, open }: TaskEntry): Set<string> {
  return new Set([...votes, ...open.values()].flatMap(({ operator, network = operator }) => [operator, network]))
}

/** The first of those that come most often. */
function mostFrequent(values: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  const most = Math.max(...counts.values())
  for (const [value, count] of counts) if (count === most) return value
  return null
}
