import type { RoundState } from '../../protocol/index.ts'

/** Where a round stands, as far as it decides what may be done with it. */
export interface RoundStanding {
  state: RoundState
  /** Nothing of it is given out. */
  paused: boolean
  /** A file is being added to it that is not all here: it cannot end before. */
  adding: boolean
}

/** What can happen to a round. `complete`: its last case was judged. */
export type RoundStep = 'add' | 'seal' | 'extend' | 'pause' | 'resume' | 'cancel' | 'complete' | 'rerun'

type Transition = (standing: RoundStanding) => RoundStanding | null

const isLive = ({ state }: RoundStanding) => state === 'open' || state === 'verifying'
const same: Transition = (standing) => standing

/**
 * What each step makes of a round; null where it cannot be taken:
 *
 *     open -> verifying -> aggregated
 *       \________\________ cancelled
 *
 * Open and verifying rounds may be paused, and a verifying one have a file added to it. What has ended has ended for good: more
 * cases, or another try at some, are another round.
 */
export const ROUND_STEPS: Readonly<Record<RoundStep, Transition>> = {
  /** More cases of the file that is being sent. */
  add: (standing) => (standing.state === 'open' || (standing.state === 'verifying' && standing.adding) ? standing : null),
  /** All of that file is here. Said again, it changes nothing. */
  seal: (standing) => (isLive(standing) ? { ...standing, state: 'verifying', adding: false } : null),
  /** Another file, once the one before it is here. */
  extend: (standing) => (standing.state === 'verifying' && !standing.adding ? { ...standing, adding: true } : null),
  pause: (standing) => (isLive(standing) ? { ...standing, paused: true } : null),
  resume: (standing) => (isLive(standing) ? { ...standing, paused: false } : null),
  cancel: (standing) =>
    standing.state === 'cancelled' ? standing : isLive(standing) ? { state: 'cancelled', paused: false, adding: false } : null,
  /** Where others run what it shares with them, its last case may be judged while it is paused. */
  complete: (standing) =>
    standing.state === 'verifying' && !standing.adding ? { state: 'aggregated', paused: false, adding: false } : null,
  /** Some of its cases are run again, by another round. */
  rerun: (standing) => (isLive(standing) ? null : same(standing)),
}
