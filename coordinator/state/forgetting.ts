/**
 * Nodes and operators that are remembered at most. Keys cost nothing, and addresses little: whoever came with ever new ones
 * would fill the memory otherwise.
 */
export const MAX_NODES_KNOWN = 250_000
export const MAX_OPERATORS_KNOWN = 100_000
/** Share of the most that is left when somebody has to be forgotten: to look for who matters least costs a pass over all. */
const LEFT = 0.95

/** How much somebody matters: the rank first, then when they were last heard of; the name, so that no order depends on chance. */
export interface Weight {
  rank: number
  lastAt: number
  name: string
}

/**
 * Who is forgotten where more than `most` are known: those who matter least. The same for the same state, in whatever order it
 * is held.
 * @param weigh null for who must not be forgotten now
 */
export function forgettable<T>(known: ReadonlyMap<string, T>, most: number, weigh: (one: T) => Weight | null): T[] {
  if (known.size <= most) return []
  const weighed = [...known.values()].flatMap((one) => {
    const weight = weigh(one)
    return weight === null ? [] : [{ one, weight }]
  })
  weighed.sort(({ weight: a }, { weight: b }) => a.rank - b.rank || a.lastAt - b.lastAt || (a.name < b.name ? -1 : 1))
  return weighed.slice(0, known.size - Math.floor(most * LEFT)).map(({ one }) => one)
}
