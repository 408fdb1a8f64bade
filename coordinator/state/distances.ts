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

const NOTHING_KNOWN: Map<string, number | null> = new Map()

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
  /** Made for the first pair: most tasks have outputs that are all the same, and none. */
  #known: Map<string, number | null> = NOTHING_KNOWN
  /** Outputs that were voted, or said again, by test and by what must be the same before outputs are compared. */
  readonly #said = new Map<string, string[]>()
  readonly #apart: Apart = (a, b) => (a === b ? 0 : (this.#known.get(nameOf(pairOf(a, b))) ?? null))

  constructor(compare: NumericComparator | null) {
    this.compare = compare
  }

  /** All of it, as it is kept. */
  get kept(): KeptDistances {
    return {
      compare: this.compare,
      known: [...this.#known],
      said: [...this.#said],
    }
  }

  static from({ compare, known, said }: KeptDistances): Distances {
    const distances = new Distances(compare)
    for (const [name, tolerances] of known) distances.#note(name, tolerances)
    for (const [place, outputs] of said) distances.#said.set(place, outputs)
    return distances
  }

  get apart(): Apart {
    return this.#known.size === 0 ? exactly : this.#apart
  }

  /** What has to be compared before an answer can be counted beside those that have been. */
  missing(cells: readonly CellVote[]): OutputPair[] {
    if (this.compare === null) return []
    const pairs = new Map<string, OutputPair>()
    for (const [test, cell] of cells.entries()) {
      for (const other of this.#said.get(placeOf(test, cell)) ?? []) {
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
    for (const [test, cell] of cells.entries()) {
      const place = placeOf(test, cell)
      const outputs = this.#said.get(place)
      if (outputs === undefined) this.#said.set(place, [cell.output])
      else if (!outputs.includes(cell.output)) outputs.push(cell.output)
    }
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
