/** A part of the kit's run. What it does stands in `parts/ID.ts`. */
export interface PartPlan {
  id: string
  title: string
  /** What it is given at the most. */
  mostSeconds: number
  /** What parts before it must leave for it, of `WHOLE_SECONDS`. It is left out where not half of it is left. */
  leastSeconds: number
  /** Parts that must have passed. */
  needs?: readonly string[]
}

/** What all of it may take where nobody says otherwise. Where there is less, what parts must leave for others shrinks with it. */
export const WHOLE_SECONDS = 450

/** In order: what must be known first, then what matters most. What all of them must have is less than there is. */
export const PARTS: readonly PartPlan[] = [
  { id: 'machine', title: 'The machine', mostSeconds: 30, leastSeconds: 4 },
  { id: 'jail', title: 'The jail', mostSeconds: 40, leastSeconds: 8 },
  { id: 'gpu', title: 'The GPU, and what a jail must show of it', mostSeconds: 90, leastSeconds: 10 },
  { id: 'context', title: 'Contexts, turns, and what a jail costs', mostSeconds: 35, leastSeconds: 15, needs: ['gpu'] },
  { id: 'plain', title: 'Programs: what they print', mostSeconds: 120, leastSeconds: 60, needs: ['gpu'] },
  { id: 'hostile', title: 'Hostile programs against the GPU', mostSeconds: 90, leastSeconds: 60, needs: ['gpu'] },
  { id: 'rate', title: 'Cases an hour', mostSeconds: 140, leastSeconds: 75, needs: ['gpu'] },
  { id: 'isolated', title: 'Programs: values and flags', mostSeconds: 110, leastSeconds: 60, needs: ['gpu'] },
  { id: 'wrong', title: 'Programs that are wrong and look right', mostSeconds: 30, leastSeconds: 15, needs: ['gpu'] },
  { id: 'sanitized', title: 'compute-sanitizer: memory', mostSeconds: 60, leastSeconds: 30, needs: ['gpu'] },
  { id: 'races', title: 'compute-sanitizer: races', mostSeconds: 40, leastSeconds: 20, needs: ['gpu'] },
  { id: 'ways', title: 'Both ways of building', mostSeconds: 60, leastSeconds: 20, needs: ['gpu'] },
  { id: 'health', title: 'The GPU after all of it', mostSeconds: 20, leastSeconds: 6, needs: ['gpu'] },
]
