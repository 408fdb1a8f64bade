import { type Rule, SIDES } from '../../../protocol/index.ts'
import { cellWords, type Item, type Snapshot } from '../snapshot.ts'

/**
 * How a mutant came out:
 * `stillborn`: it does not compile, which says nothing of the tests; `killed`: some test told it from its origin; `alive`: all
 * tests were decided and none did; `open`: none did, and not all are decided.
 */
export type Fate = 'killed' | 'alive' | 'stillborn' | 'open'

/** A mutant of a round under one rule. */
export interface FateOf {
  line: number
  /** What was changed, as `kernelswarm mutate` names it. */
  kind: string
  fate: Fate
  /** The tests that killed it, from 1. */
  killedBy: number[]
}

/** The origins of a round's mutants, where they are in the round too: by the name that a mutant has of its origin. */
export type Origins = ReadonlyMap<string, Item>

/**
 * Cases that are no mutants, by id or, where they have none, by line: those that some mutant names. Of several with one id the first
 * counts.
 */
export function originsOf({ items }: Pick<Snapshot, 'items'>): Origins {
  const origins = new Map<string, Item>()
  const named = new Set<string>()
  for (const { entry } of items) if (entry.mutant !== undefined) named.add(entry.mutant.origin)
  if (named.size === 0) return origins
  for (const item of items) {
    const { mutant, id } = item.entry
    const name = id === null ? `#${item.line}` : String(id)
    if (mutant === undefined && named.has(name) && !origins.has(name)) origins.set(name, item)
  }
  return origins
}

/**
 * What became of a mutant; null of a case that is none. A test kills it when its cell is a fail, and where the origin is in the round,
 * and has that test, when the same cell of the origin is a pass: a test that fails anyway tells nothing.
 */
export function fateOf(item: Item, rule: Rule, origins: Origins): FateOf | null {
  const { mutant } = item.entry
  if (mutant === undefined) return null
  const origin = origins.get(mutant.origin)
  const fate = (fate: Fate, killedBy: number[] = []) => ({ line: item.line, kind: mutant.kind, fate, killedBy })
  if (item.judgement === null) return fate('open')
  if (!compiles(item)) return fate('stillborn')
  const words = (test: number) => cellWords(item, test)[rule]
  const tells = (test: number) => origin === undefined || cellWords(origin, test)[rule] === 'pass'
  const tests = [...item.judgement.cells.keys()].filter((test) => tells(test) && words(test) !== 'void')
  const killedBy = tests.filter((test) => words(test) === 'fail')
  if (killedBy.length > 0)
    return fate(
      'killed',
      killedBy.map((test) => test + 1),
    )
  return fate(tests.length > 0 && tests.every((test) => words(test) === 'pass') ? 'alive' : 'open')
}

function compiles({ tasks }: Item): boolean {
  return SIDES.every((side) => !tasks?.[side].entry.ballot.cells.some((cell) => cell?.status === 'compile_error'))
}
