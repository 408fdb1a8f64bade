/**
 * Which outputs of one program to one test count as the same. Equal bytes do. Others do where the round's comparator has a
 * tolerance and they lie within it, of each other or of one in the middle. Tolerance is not transitive, and a grid would split
 * honest nodes at its lines; so it is the outputs themselves that say where the middle is. All of it follows from the set of
 * outputs and the number of operators behind each, whatever the order in which they came.
 */

/** How far apart two outputs are, in tolerances of the round, as `STEPS` tells it; null: further than twice, or not comparable. */
export type Apart = (a: string, b: string) => number | null

/** Outputs are the same when their bytes are. */
export const exactly: Apart = (a, b) => (a === b ? 0 : null)

/** Outputs by name, and how many operators said each. */
export type Counts = ReadonlyMap<string, number>

/** Whether two outputs count as equal. */
export function within(apart: Apart, a: string, b: string, tolerances = 1): boolean {
  const far = apart(a, b)
  return far !== null && far <= tolerances
}

/**
 * The output that speaks for a set: the one around which `enough` operators lie closest. While liars are fewer than `enough`,
 * one of these is honest; so no liar at the edge of the tolerance moves it further from the truth than honest nodes lie apart.
 * Of several the one that has more operators within the tolerance, then the one that more of them said, then the smaller name.
 */
export function middle(counts: Counts, enough: number, apart: Apart): { output: string; radius: number } {
  const ranked = [...counts].map(([output, count]) => {
    return { output, count, radius: radiusAround(output, counts, enough, apart), near: total(around(output, counts, apart)) }
  })
  ranked.sort((a, b) => compare(a.radius, b.radius) || b.near - a.near || b.count - a.count || (a.output < b.output ? -1 : 1))
  const [first] = ranked
  if (first === undefined) throw new Error('nobody said anything')
  return first
}

/** How far around an output one must look to find so many operators; Infinity where as many are not within the tolerance. */
function radiusAround(output: string, counts: Counts, enough: number, apart: Apart): number {
  const others = [...counts].map(([other, count]) => ({ far: apart(output, other) ?? Number.POSITIVE_INFINITY, count }))
  let found = 0
  for (const { far, count } of others.sort((a, b) => compare(a.far, b.far))) {
    found += count
    if (found >= enough) return far <= 1 ? far : Number.POSITIVE_INFINITY
  }
  return Number.POSITIVE_INFINITY
}

/** Infinity is as far as Infinity. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}

/** Operators that lie within the tolerance of an output. */
export function around(output: string, counts: Counts, apart: Apart): Map<string, number> {
  return new Map([...counts].filter(([other]) => within(apart, output, other)))
}

export function total(counts: Counts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}

/** More than half of those who said any of these. */
export function mostOf(counts: Counts): number {
  return Math.floor(total(counts) / 2) + 1
}

/** Outputs that hang together: each within the tolerance of some other, though perhaps not of all. */
export function chains(counts: Counts, apart: Apart): Map<string, number>[] {
  const left = new Map(counts)
  const found: Map<string, number>[] = []
  for (const start of counts.keys()) {
    if (!left.has(start)) continue
    const chain = new Map<string, number>()
    const reached = [start]
    for (const output of reached) {
      const count = left.get(output)
      if (count === undefined) continue
      left.delete(output)
      chain.set(output, count)
      for (const other of left.keys()) if (within(apart, output, other)) reached.push(other)
    }
    found.push(chain)
  }
  return found
}

/** Whether some two of them lie further apart than twice the tolerance: no single value can be meant by all. */
export function isWide(outputs: Iterable<string>, apart: Apart): boolean {
  const all = [...outputs]
  return all.some((one, at) => all.slice(at + 1).some((other) => !within(apart, one, other, 2)))
}

/** Outputs that count as the same, under the name of the one that speaks for them. */
export interface Cluster {
  output: string
  members: Map<string, number>
  /** The outputs it hangs together with, where these are too wide to count as the same; null: it stands alone. */
  chain: Map<string, number> | null
}

/**
 * Divides outputs into clusters. What hangs together is one cluster where it fits into twice the tolerance. A wider chain is
 * taken apart: what lies within the tolerance of its middle, then the same with the rest.
 */
export function cluster(counts: Counts, apart: Apart): Cluster[] {
  return chains(counts, apart).flatMap((chain) => {
    const whole = { output: middle(chain, mostOf(chain), apart).output, members: chain, chain: null }
    return isWide(chain.keys(), apart) ? takenApart(chain, apart) : [whole]
  })
}

function takenApart(chain: Map<string, number>, apart: Apart): Cluster[] {
  const found: Cluster[] = []
  for (const left = new Map(chain); left.size > 0; ) {
    const { output } = middle(left, mostOf(left), apart)
    const members = around(output, left, apart)
    for (const member of members.keys()) left.delete(member)
    found.push({ output, members, chain })
  }
  return found
}
