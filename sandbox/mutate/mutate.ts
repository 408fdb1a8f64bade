import { createHash } from 'node:crypto'
import type { Case } from '../../protocol/index.ts'
import { applyEdits } from '../source/edits.ts'
import { tokenize } from '../source/tokens.ts'
import { MUTATION_KINDS, MUTATIONS, type MutationKind } from './kinds.ts'
import { SeededRandom } from './random.ts'
import type { Site } from './site.ts'

/** Which text of a case was changed. */
export type MutatedPart = 'cpp' | 'cuda' | 'wrapper'

export const MUTATED_SIDES = ['translation', 'original'] as const
export type MutatedSide = (typeof MUTATED_SIDES)[number]

/** A case with one place of one side changed, so that it is known to be another program than the one it came from. */
export interface Mutant {
  case: Case
  /** The id of the case it came from, or `#n` where that has none. */
  origin: string
  kind: MutationKind
  part: MutatedPart
  /** Where in that text, both from 1. */
  line: number
  column: number
  /** What stood there and what stands there now; either may be empty. */
  from: string
  to: string
}

export interface MutateOptions {
  /** Equal seeds give equal mutants, everywhere. */
  seed: string
  /** Most mutants of a case; fewer where it has not so many. */
  count: number
  /**
   * The side that is changed.
   * @default 'translation'
   */
  side?: MutatedSide
  /**
   * Kinds to choose from.
   * @default all of them
   */
  kinds?: readonly MutationKind[]
}

/** Longest piece of changed text that an id quotes. */
const QUOTED_CHARACTERS = 40

/** As much of the origin's id as leaves room for the rest: ids of cases have at most 1024 characters. */
const ORIGIN_CHARACTERS = 800

interface Candidate {
  kind: MutationKind
  part: MutatedPart
  site: Site
}

/**
 * Makes mutants of cases, one case after the other.
 *
 * Kinds are drawn evenly among those that apply, then a place among those of the kind. A text that has the same tokens as
 * its origin, or as any mutant given before, is never given. Whether a mutant behaves differently is for its tests to show:
 * some do not (a dropped barrier of a single warp), and those that no test tells apart are what a Tester is measured by.
 */
export class Mutator {
  readonly #options: Required<MutateOptions>
  readonly #given = new Set<string>()
  #cases = 0

  constructor(options: MutateOptions) {
    this.#options = { side: 'translation', kinds: MUTATION_KINDS, ...options }
  }

  /** The mutants of the next case. */
  mutate(origin: Case): Mutant[] {
    this.#cases++
    const name = String(origin.id ?? `#${this.#cases}`)
    const { seed, count } = this.#options
    const parts = this.#parts(origin)
    const random = new SeededRandom(seed, name, ...parts.map((part) => origin[part]))
    const byKind = this.#candidates(origin, parts)
    const mutants: Mutant[] = []
    const original = fingerprint(origin)
    while (mutants.length < count && byKind.size > 0) {
      const kinds = [...byKind.keys()]
      const kind = kinds[random.below(kinds.length)] as MutationKind
      const places = byKind.get(kind) as Candidate[]
      const mutant = makeMutant(origin, name, random.take(places), this.#options.side)
      if (places.length === 0) byKind.delete(kind)
      const print = fingerprint(mutant.case)
      if (print === original || this.#given.has(print)) continue
      this.#given.add(print)
      mutants.push(mutant)
    }
    return mutants
  }

  #parts({ source }: Case): MutatedPart[] {
    const cuda = (source === 'cuda') === (this.#options.side === 'original')
    return cuda ? ['cuda', 'wrapper'] : ['cpp']
  }

  #candidates(origin: Case, parts: readonly MutatedPart[]): Map<MutationKind, Candidate[]> {
    const byKind = new Map<MutationKind, Candidate[]>()
    for (const part of parts) {
      const { tokens } = tokenize(origin[part])
      for (const kind of this.#options.kinds) {
        const found = MUTATIONS[kind](tokens).map((site) => ({ kind, part, site }))
        if (found.length > 0) byKind.set(kind, [...(byKind.get(kind) ?? []), ...found])
      }
    }
    return byKind
  }
}

function makeMutant(origin: Case, name: string, { kind, part, site }: Candidate, side: MutatedSide): Mutant {
  const text = origin[part]
  const before = text.slice(0, site.start)
  const line = before.split('\n').length
  const column = site.start - before.lastIndexOf('\n')
  const [from, to] = [text.slice(site.start, site.end), site.text.trim()]
  // A blank on either side keeps neighbours from growing together into another token.
  const edit = { start: site.start, end: site.end, text: ` ${site.text} ` }
  const id = `${name.slice(0, ORIGIN_CHARACTERS)} ${kind} ${part}:${line}:${column} ${quote(from)} -> ${quote(to)}`
  // A mutant is a problem of its own where the original was changed; else it is one more translation of the same one.
  const problem = side === 'original' ? id : origin.problem
  return { case: { ...origin, id, problem, [part]: applyEdits(text, [edit]) }, origin: name, kind, part, line, column, from, to }
}

function quote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return 'nothing'
  return line.length > QUOTED_CHARACTERS ? `${line.slice(0, QUOTED_CHARACTERS)}...` : line
}

/** Equal for cases whose texts have the same tokens, and the same tests. */
function fingerprint({ cpp, cuda, wrapper, cppTests, cudaTests }: Case): string {
  const texts = [cpp, cuda, wrapper].map((text) => tokenize(text).tokens.map(({ text, directive }) => [text, directive]))
  return createHash('sha256')
    .update(JSON.stringify([texts, cppTests, cudaTests]))
    .digest('base64')
}
