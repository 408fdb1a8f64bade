import { type RandomSource, sample } from '../dispatch/invitations.ts'
import type { Event } from '../state/events.ts'
import type { State } from '../state/state.ts'
import { type BatchEntry, REPEAT_WAIT_MS } from './model.ts'
import { isFinal } from './trust.ts'

export type DrawnEvent = Extract<Event, { t: 'drawn' }>
export type ExcusedEvent = Extract<Event, { t: 'excused' }>

/**
 * The draws that are due: of batches that are full, or whose round has nothing else to do, and of those of which too few
 * checks are under way since some came to nothing. What is drawn is known to nobody before the answers are in.
 */
export function dueDraws(state: State, random: RandomSource, now: number): DrawnEvent[] {
  const { batches } = state.trust
  const ripe = [...batches.gathering].flatMap(([round, ids]) => (isAtRest(state, round) ? [...ids] : []))
  return [...new Set([...batches.due, ...ripe])].map((id) => draw(state, batches.get(id), random, now))
}

/** Nodes that are not waited for any longer. Whose round is paused cannot say it again, and is waited for. */
export function dueExcuses(state: State, now: number): ExcusedEvent[] {
  const due = [...state.trust.owed.waitingSince(now - REPEAT_WAIT_MS)].filter(({ task }) => isServed(state, task))
  return due.map(({ node, task }) => ({ t: 'excused', at: now, task, node }))
}

function isServed(state: State, key: string): boolean {
  const entry = state.tasks.get(key)
  return entry !== undefined && state.isServed(entry)
}

/** Whether nothing of a round is answered any more unless something is decided. */
function isAtRest({ rounds, comparing }: State, id: string): boolean {
  const round = rounds.get(id)
  if (round === undefined || round.state === 'open') return false
  if (round.state === 'cancelled') return true
  return round.counts.waiting + round.counts.balloting === 0 && ![...comparing.values()].some((waiting) => waiting.round === id)
}

function draw(state: State, batch: BatchEntry, random: RandomSource, now: number): DrawnEvent {
  const wanted = state.trust.batches.missing(batch)
  const left = [...batch.tasks].filter((key) => !batch.drawn.has(key) && isOpenToChecks(state, key))
  // As few as that are replicated: to draw all of them would still leave each with one check.
  const all = left.length < wanted || (batch.state === 'gathering' && left.length === wanted)
  return { t: 'drawn', at: now, batch: batch.id, tasks: all ? [] : sample(left, wanted, random), all }
}

function isOpenToChecks(state: State, key: string): boolean {
  const entry = state.tasks.get(key)
  return entry !== undefined && !isFinal(entry.ballot) && state.isWanted(entry)
}
