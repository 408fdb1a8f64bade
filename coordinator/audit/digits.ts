/**
 * Outputs that differ in their bytes and count as the same: docs/rules.md, "When nodes print other digits". Everything follows
 * from how far apart the outputs are and how many operators gave each.
 */

/** How far apart two outputs are, in tolerances; Infinity: further than twice, or not to be compared. */
export type Far = (a: string, b: string) => number

/** Outputs, and how many operators gave each. */
export type Heap = ReadonlyMap<string, number>

/** Only equal bytes are the same. */
export const onlyBytes: Far = (a, b) => (a === b ? 0 : Number.POSITIVE_INFINITY)

export function heapOf(outputs: readonly string[]): Map<string, number> {
  const heap = new Map<string, number>()
  for (const output of outputs) heap.set(output, (heap.get(output) ?? 0) + 1)
  return heap
}

export function sizeOf(heap: Heap): number {
  let size = 0
  for (const count of heap.values()) size += count
  return size
}

export function majorityOf(heap: Heap): number {
  return Math.floor(sizeOf(heap) / 2) + 1
}

/**
 * The output that speaks for a heap: `enough` operators lie closest around it. Then the one with more operators within the
 * tolerance, then the one that more of them gave, then the smaller name.
 */
export function centreOf(heap: Heap, enough: number, far: Far): string {
  const candidates = [...heap].map(([output, own]) => {
    const distances = [...heap].flatMap(([other, count]) => Array<number>(count).fill(far(output, other))).sort(ascending)
    const reach = distances[enough - 1] ?? Number.POSITIVE_INFINITY
    const near = distances.filter((distance) => distance <= 1).length
    return { output, own, near, radius: reach <= 1 ? reach : Number.POSITIVE_INFINITY }
  })
  candidates.sort((a, b) => ascending(a.radius, b.radius) || b.near - a.near || b.own - a.own || (a.output < b.output ? -1 : 1))
  return candidates[0]?.output ?? ''
}

function ascending(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}

/** What of a heap lies within the tolerance of an output. */
export function within(heap: Heap, output: string, far: Far): Map<string, number> {
  return new Map([...heap].filter(([other]) => far(output, other) <= 1))
}

/** The parts of a heap that hang together, each output within the tolerance of some other. */
export function chainsOf(heap: Heap, far: Far): Map<string, number>[] {
  const rest = new Map(heap)
  const chains: Map<string, number>[] = []
  for (const [start, count] of heap) {
    if (!rest.delete(start)) continue
    const chain = new Map([[start, count]])
    // What is added on the way is walked over as well.
    for (const [output] of chain) {
      for (const [other, more] of rest) {
        if (far(output, other) > 1) continue
        rest.delete(other)
        chain.set(other, more)
      }
    }
    chains.push(chain)
  }
  return chains
}

/** Whether no single value can be meant by all: two lie more than twice the tolerance apart. */
export function isWide(heap: Heap, far: Far): boolean {
  const outputs = [...heap.keys()]
  return outputs.some((one) => outputs.some((other) => far(one, other) > 2))
}

/** Outputs that count as the same, the one that speaks for them, and all that hangs together with them where that is too wide. */
export interface Cluster {
  centre: string
  members: Heap
  chain: Heap | null
}

export function clustersOf(heap: Heap, far: Far): Cluster[] {
  return chainsOf(heap, far).flatMap((chain) => {
    if (!isWide(chain, far)) return [{ centre: centreOf(chain, majorityOf(chain), far), members: chain, chain: null }]
    const parts: Cluster[] = []
    const rest = new Map(chain)
    while (rest.size > 0) {
      const centre = centreOf(rest, majorityOf(rest), far)
      const members = within(rest, centre, far)
      for (const member of members.keys()) rest.delete(member)
      parts.push({ centre, members, chain })
    }
    return parts
  })
}
