/** Classes of which costs are kept: every toolchain in use and those before; nodes name them, so there is a bound. */
export const MAX_COST_CLASSES = 256
/** Steps of a cost: each is a fourth of a doubling, from a millisecond to a day. */
const STEPS = 108

/** As it is kept: by class, how many answers took how long. */
export type KeptCosts = [name: string, counts: number[]][]

/**
 * What decided tasks cost, by class: how many answers took how long, in steps of a fourth of a doubling. The median of a class
 * is what a task of it is worth, whoever runs it: nobody is credited more for being slow, or for saying so.
 */
export class Costs {
  readonly #classes = new Map<string, number[]>()

  static from(kept: KeptCosts): Costs {
    const made = new Costs()
    for (const [name, counts] of kept) made.#classes.set(name, [...counts, ...noSteps()].slice(0, STEPS))
    return made
  }

  /** Without the zeros at the end. */
  get kept(): KeptCosts {
    return [...this.#classes].map(([name, counts]) => [name, counts.slice(0, counts.findLastIndex((count) => count > 0) + 1)])
  }

  /** An answer in some class took so long, milliseconds. */
  note(name: string, ms: number): void {
    const known = this.#classes.get(name)
    if (known === undefined && this.#classes.size >= MAX_COST_CLASSES) return
    const counts = known ?? noSteps()
    this.#classes.set(name, counts)
    const step = Math.min(STEPS - 1, Math.max(0, Math.round(4 * Math.log2(Math.max(ms, 1)))))
    counts[step] = (counts[step] as number) + 1
  }

  /** The median of a class, milliseconds to a tenth or so; 0 where nothing is known of it. */
  median(name: string): number {
    const counts = this.#classes.get(name) ?? []
    const half = counts.reduce((sum, count) => sum + count, 0) / 2
    let below = 0
    for (const [step, count] of counts.entries()) {
      below += count
      if (below >= half && below > 0) return Math.round(2 ** (step / 4))
    }
    return 0
  }
}

function noSteps(): number[] {
  return Array.from({ length: STEPS }, () => 0)
}
