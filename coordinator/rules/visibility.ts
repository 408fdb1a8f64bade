import type { RoundState, Visibility } from '../../protocol/index.ts'

/** What others than its owner are shown of a round now. */
export type Exposure = 'all' | 'counts' | 'nothing'

/**
 * An embargo ends when the round has ended with its results; one that was cancelled before has none, and what was in it stays
 * its owner's. Where the visibility is left out, the round is public.
 */
export function exposureOf(visibility: Visibility | undefined, state: RoundState): Exposure {
  if (visibility === 'counts-only') return 'counts'
  if (visibility === 'embargoed') return state === 'aggregated' ? 'all' : 'nothing'
  return 'all'
}
