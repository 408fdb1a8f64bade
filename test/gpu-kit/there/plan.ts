/** A part of the kit's run. What it does stands in `parts/ID.ts`. */
export interface PartPlan {
  id: string
  title: string
  /** What it is given at the most. */
  mostSeconds: number
  /** What parts before it must leave for it. It is left out where not half of it is left. */
  leastSeconds: number
  /** Parts that must have passed. */
  needs?: readonly string[]
}

/** In order: what must be known first, then what matters most. Times are such that all fit into 440 seconds. */
export const PARTS: readonly PartPlan[] = [
  { id: 'machine', title: 'The machine', mostSeconds: 30, leastSeconds: 5 },
  { id: 'jail', title: 'The jail', mostSeconds: 40, leastSeconds: 10 },
  { id: 'gpu', title: 'The GPU', mostSeconds: 30, leastSeconds: 5 },
]
