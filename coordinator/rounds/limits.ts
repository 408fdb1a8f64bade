import { capReached, type RoundCaps } from '../rules/spending.ts'
import type { Event } from '../state/events.ts'
import { isLive } from '../state/rounds.ts'
import type { State } from '../state/state.ts'

type PausedEvent = Extract<Event, { t: 'round-paused' }>

/** Rounds that have used what they, or the coordinator's operator, allow them. Looks at those on which something was spent since. */
export function dueLimits(state: Pick<State, 'charged' | 'rounds'>, operators: RoundCaps, now: number): PausedEvent[] {
  const due: PausedEvent[] = []
  for (const id of state.charged) {
    state.charged.delete(id)
    const round = state.rounds.get(id)
    if (round === undefined || !isLive(round) || round.paused?.reason === 'limit') continue
    const detail = capReached(round.spent, round.caps, operators)
    if (detail !== null) due.push({ t: 'round-paused', at: now, round: id, reason: 'limit', detail })
  }
  return due
}
