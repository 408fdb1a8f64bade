import { type CellVote, cellKey, countOutputs, kindOf, type Vote } from './ballot.ts'
import { type Apart, type Cluster, cluster, exactly, within } from './cluster.ts'

/** What was said to one test by votes of one class, as names: the same name, the same thing said. */
export class Sides {
  readonly #apart: Apart
  /** By what votes must have in common, the clusters of their outputs. */
  readonly #clusters = new Map<string, Cluster[]>()

  private constructor(cells: readonly CellVote[], apart: Apart) {
    this.#apart = apart
    if (apart === exactly) return
    for (const [kind, alike] of Map.groupBy(cells, kindOf)) this.#clusters.set(kind, cluster(countOutputs(alike), apart))
  }

  static of(votes: readonly Vote[], test: number, apart: Apart): Sides {
    const cells = votes.flatMap((vote) => vote.cells[test] ?? [])
    return new Sides(cells, apart)
  }

  /** Also of what nobody voted, but somebody said when asked again. */
  nameOf(cell: CellVote | undefined): string {
    if (cell === undefined) return ''
    const found = this.#find(cell)
    return cellKey(found === undefined ? cell : { ...cell, output: found.output })
  }

  /** Name of all that hangs together with it, where that is too wide to count as the same, or null. */
  chainOf(cell: CellVote | undefined): string | null {
    const chain = cell === undefined ? null : this.#find(cell)?.chain
    return chain == null || cell === undefined ? null : `${[...chain.keys()].sort()[0]}...\n${kindOf(cell)}`
  }

  /** What somebody said when asked again: what it had said, if that is within the tolerance. */
  nameOfRepeat(cell: CellVote | undefined, said: CellVote | undefined): string {
    if (cell === undefined || said === undefined) return this.nameOf(cell)
    const same = kindOf(cell) === kindOf(said) && within(this.#apart, cell.output, said.output)
    return this.nameOf(same ? said : cell)
  }

  #find(cell: CellVote): Cluster | undefined {
    const clusters = this.#clusters.get(kindOf(cell)) ?? []
    const own = clusters.find(({ members }) => members.has(cell.output))
    return own ?? clusters.find(({ output }) => within(this.#apart, cell.output, output))
  }
}

/** Whether votes, of one class, say the same to every test. */
export function allSame(votes: readonly Vote[], apart: Apart): boolean {
  const [first] = votes
  if (first === undefined || votes.some((vote) => vote.class !== first.class)) return false
  return first.cells.every((cell, test) => {
    const sides = Sides.of(votes, test, apart)
    return votes.every(({ cells }) => sides.nameOf(cells[test]) === sides.nameOf(cell))
  })
}
