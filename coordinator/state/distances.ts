import type { Comparator, NumericComparator, Pass } from '../../protocol/index.ts'
import { type CellVote, kindOf } from '../rules/ballot.ts'
import { type Apart, exactly } from '../rules/cluster.ts'

/** Two outputs of one task whose bytes differ, by name, the smaller first. */
export interface OutputPair {
  a: string
  b: string
}

/** How far apart they are: in tolerances, as `STEPS` tells it; null: further than twice, or of different shape. */
export interface Measured extends OutputPair {
  tolerances: number | null
}

/** The comparator under which outputs of a pass are voted on, or null where only equal bytes agree. */
export function comparatorFor(compare: Comparator, pass: Pass): NumericComparator | null {
  return compare.kind === 'numeric' && (pass === 'plain' || pass === 'isolated') ? compare : null
}

/** What makes ballots on the same task different ones: under another tolerance other votes agree. */
export function comparatorKey(compare: NumericComparator | null): string {
  if (compare === null) return ''
  const bounds = [compare.float, compare.double].map(({ absolute, relative }) => `${absolute}+${relative}`)
  return `:${bounds.join(',')}`
}

/** Most tasks have outputs that are all the same, and share these. */
const NOTHING_KNOWN: Map<string, number | null> = new Map()
const NOTHING_ELSE: Map<string, string[]> = new Map()

/** Distances as they are kept. */
export interface KeptDistances {
  compare: NumericComparator | null
  known: [pair: string, tolerances: number | null][]
  said: [place: string, outputs: string[]][]
}

/** Distances of a task that is voted on under a comparator, or where equal bytes alone agree. */
export function distancesUnder(compare: NumericComparator | null): Distances {
  return compare === null ? Distances.none : new Distances(compare)
}

/**
 * What is known of how far apart the outputs of a task are. Only who has the bytes can tell, and the fold over events has not:
 * it names the pairs that are missing, and is told.
 */
export class Distances {
  /** Where only equal bytes agree there is nothing to know: all tasks share one. */
  static readonly none = new Distances(null)
  readonly compare: NumericComparator | null
  #known: Map<string, number | null> = NOTHING_KNOWN
  /** The answer that was counted first: a vote's own cells, so that they are held once. */
  #first: readonly CellVote[] = []
  /**
   * What those after it said otherwise, by test and by what must be the same before outputs are compared. A place of which the
   * first answer says nothing has all its outputs here.
   */
  #others: Map<string, string[]> = NOTHING_ELSE

  constructor(compare: NumericComparator | null) {
    this.compare = compare
  }

  /** The same as they are now: what is learned later is not in them. */
  copied(): Distances {
    if (this.compare === null) return this
    const copy = new Distances(this.compare)
    copy.#first = this.#first
    if (this.#known.size > 0) copy.#known = new Map(this.#known)
    if (this.#others.size > 0) copy.#others = new Map(this.#others)
    return copy
  }

  /** All of it, as it is kept. */
  get kept(): KeptDistances {
    const said = new Map(this.#first.map((cell, test) => [placeOf(test, cell), [cell.output]]))
    for (const [place, outputs] of this.#others) said.set(place, [...(said.get(place) ?? []), ...outputs])
    return { compare: this.compare, known: [...this.#known], said: [...said] }
  }

  /** @param first cells of the vote that was probably counted first: what was said first is then held once */
  static from({ compare, known, said }: KeptDistances, first: readonly CellVote[] = []): Distances {
    const distances = new Distances(compare)
    for (const [name, tolerances] of known) distances.#note(name, tolerances)
    const wasFirst = first.every((cell, test) => said[test]?.[0] === placeOf(test, cell) && said[test][1][0] === cell.output)
    if (wasFirst) distances.#first = first
    for (const [at, [place, outputs]] of said.entries()) {
      for (const output of outputs.slice(wasFirst && at < first.length ? 1 : 0)) distances.#say(place, output)
    }
    return distances
  }

  get apart(): Apart {
    if (this.#known.size === 0) return exactly
    return (a, b) => (a === b ? 0 : (this.#known.get(nameOf(pairOf(a, b))) ?? null))
  }

  /** What has to be compared before an answer can be counted beside those that have been. */
  missing(cells: readonly CellVote[]): OutputPair[] {
    if (this.compare === null) return []
    const pairs = new Map<string, OutputPair>()
    for (const [test, cell] of cells.entries()) {
      // Most say the same to the byte, and nothing is to be compared.
      if (this.#others.size === 0 && this.#first[test]?.output === cell.output) continue
      for (const other of this.#saidAt(test, cell)) {
        const pair = pairOf(cell.output, other)
        const name = nameOf(pair)
        if (other !== cell.output && !this.#known.has(name)) pairs.set(name, pair)
      }
    }
    return [...pairs.values()]
  }

  learn(pairs: readonly Measured[]): void {
    if (this.compare === null) return
    for (const pair of pairs) this.#note(nameOf(pair), pair.tolerances)
  }

  /** An answer is counted from now on. */
  add(cells: readonly CellVote[]): void {
    if (this.compare === null) return
    if (this.#first.length === 0 && this.#others.size === 0) {
      this.#first = cells
      return
    }
    for (const [test, cell] of cells.entries()) {
      if (!this.#saidAt(test, cell).includes(cell.output)) this.#say(placeOf(test, cell), cell.output)
    }
  }

  /** Outputs of a test that are to be compared with a cell's, its own among them if it was said before. */
  #saidAt(test: number, cell: CellVote): string[] {
    const first = this.#first[test]
    const own = first !== undefined && kindOf(first) === kindOf(cell) ? [first.output] : []
    return this.#others.size === 0 ? own : [...own, ...(this.#others.get(placeOf(test, cell)) ?? [])]
  }

  #say(place: string, output: string): void {
    if (this.#others === NOTHING_ELSE) this.#others = new Map()
    this.#others.set(place, [...(this.#others.get(place) ?? []), output])
  }

  /** Takes over what is known from a ballot on the same task under the same comparator. */
  copy(other: Distances): void {
    if (this.compare === null) return
    if (comparatorKey(other.compare) !== comparatorKey(this.compare)) return
    for (const [name, tolerances] of other.#known) this.#note(name, tolerances)
  }

  #note(name: string, tolerances: number | null): void {
    if (this.#known === NOTHING_KNOWN) this.#known = new Map()
    this.#known.set(name, tolerances)
  }
}

function pairOf(one: string, other: string): OutputPair {
  return one < other ? { a: one, b: other } : { a: other, b: one }
}

function nameOf({ a, b }: OutputPair): string {
  return `${a} ${b}`
}

function placeOf(test: number, cell: CellVote): string {
  return `${test}\n${kindOf(cell)}`
}
