import type { Band } from '../preferences/schema.ts'

/** Since when each limit that is exceeded is, by name. Handed from one look to the next, and changed by none. */
export type BandMemory = ReadonlyMap<string, number>

export type BandState = { over: false } | { over: true; until: number | null }

/** What was stopped rests so long at least: its own work is what heats, and what is cold at once would begin and stop all the time. */
export const REST_MS = 60_000

/**
 * One limit with hysteresis: exceeded from `stop-at` on, until the value is at `resume-at` or less and the rest is over. Between
 * the two it stays what it was.
 */
export function isOver(since: number | undefined, value: number, band: NonNullable<Band>, now: number): BandState {
  if (since === undefined)
    return value >= band['stop-at'] ? { over: true, until: untilRested(now, value, band) } : { over: false }
  const until = untilRested(since, value, band)
  return until !== null && now >= until ? { over: false } : { over: true, until }
}

function untilRested(since: number, value: number, band: NonNullable<Band>): number | null {
  return value <= band['resume-at'] ? since + REST_MS : null
}
