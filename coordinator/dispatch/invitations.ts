/** A whole number from 0 that is less than `below`, from a source that nobody can foresee. */
export type RandomSource = (below: number) => number

/**
 * Tasks of which further answers are asked of operators drawn by lot. Were they for whoever asks first, operators that know
 * each other could ask at the same time, or much more often than others, and confirm what they said themselves.
 */
export class Invitations<T extends { key: string }> {
  readonly #byOperator = new Map<string, Map<string, T>>()
  readonly #invited = new Map<string, readonly string[]>()

  /** Whom a task is kept for. */
  invited(key: string): readonly string[] {
    return this.#invited.get(key) ?? []
  }

  set(entry: T, operators: readonly string[]): void {
    this.delete(entry.key)
    this.#invited.set(entry.key, operators)
    for (const operator of operators) {
      const tasks = this.#byOperator.get(operator) ?? new Map<string, T>()
      this.#byOperator.set(operator, tasks.set(entry.key, entry))
    }
  }

  delete(key: string): void {
    this.keep(key, [])
  }

  /** A task is kept for these operators, of those it is kept for, and no others. */
  keep(key: string, operators: readonly string[]): void {
    for (const operator of this.invited(key)) {
      if (operators.includes(operator)) continue
      const tasks = this.#byOperator.get(operator)
      tasks?.delete(key)
      if (tasks?.size === 0) this.#byOperator.delete(operator)
    }
    if (operators.length > 0) this.#invited.set(key, operators)
    else this.#invited.delete(key)
  }

  /** What is kept for an operator, what waits longest first. */
  *of(operator: string): Generator<T> {
    yield* this.#byOperator.get(operator)?.values() ?? []
  }
}

/** So many of them, or all there are: each set alike likely. */
export function sample<T>(from: Iterable<T>, count: number, random: RandomSource): T[] {
  const drawn: T[] = []
  const order = inRandomOrder([...from], random)
  while (drawn.length < count) {
    const next = order.next()
    if (next.done) break
    drawn.push(next.value)
  }
  return drawn
}

/** Items in an order of chance, one at a time: the steps of Fisher and Yates, as many as are taken, on places instead of items. */
export function* inRandomOrder<T>(items: readonly T[], random: RandomSource): Generator<T, undefined> {
  const moved = new Map<number, number>()
  for (let at = 0; at < items.length; at++) {
    const other = at + random(items.length - at)
    yield items[moved.get(other) ?? other] as T
    moved.set(other, moved.get(at) ?? at)
  }
}
