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

/** In order: what must be known first, then what matters most. Times are such that all that must be fits into 440 seconds. */
export const PARTS: readonly PartPlan[] = [
  { id: 'machine', title: 'The machine', mostSeconds: 30, leastSeconds: 4 },
  { id: 'jail', title: 'The jail', mostSeconds: 40, leastSeconds: 8 },
  { id: 'gpu', title: 'The GPU, and what a jail must show of it', mostSeconds: 90, leastSeconds: 10 },
  { id: 'context', title: 'Contexts, turns, and what a jail costs', mostSeconds: 25, leastSeconds: 8, needs: ['gpu'] },
  { id: 'plain', title: 'Programs: what they print', mostSeconds: 130, leastSeconds: 60, needs: ['gpu'] },
  { id: 'hostile', title: 'Hostile programs against the GPU', mostSeconds: 100, leastSeconds: 60, needs: ['gpu'] },
  { id: 'isolated', title: 'Programs: values and flags', mostSeconds: 110, leastSeconds: 50, needs: ['gpu'] },
  { id: 'wrong', title: 'Programs that are wrong and look right', mostSeconds: 30, leastSeconds: 15, needs: ['gpu'] },
  { id: 'rate', title: 'Cases an hour', mostSeconds: 90, leastSeconds: 50, needs: ['gpu'] },
  { id: 'ways', title: 'Both ways of building', mostSeconds: 60, leastSeconds: 25, needs: ['gpu'] },
  { id: 'sanitized', title: 'compute-sanitizer: memory', mostSeconds: 60, leastSeconds: 20, needs: ['gpu'] },
  { id: 'races', title: 'compute-sanitizer: races', mostSeconds: 40, leastSeconds: 10, needs: ['gpu'] },
  { id: 'health', title: 'The GPU after all of it', mostSeconds: 20, leastSeconds: 5, needs: ['gpu'] },
]
