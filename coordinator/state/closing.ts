import { countHolding } from '../sharing.ts'
import type { RoundEntry, TaskEntry } from './model.ts'
import type { State } from './state.ts'

/**
 * Whether a round that has ended may leave memory: nothing is out that is for it, no answer of it decides for the time
 * being, nothing of it is to be compared, and its results are kept back for nobody.
 */
export function mayClose(state: State, round: RoundEntry): boolean {
  if (round.state !== 'aggregated' && round.state !== 'cancelled') return false
  for (const { round: waiting } of state.comparing.values()) if (waiting === round.id) return false
  for (const batch of state.trust.batches.values()) if (batch.round === round.id && isActive(batch)) return false
  for (const key of round.tasks) {
    const { open, arrivals, trust } = state.tasks.get(key) as TaskEntry
    if (open.size > 0 || arrivals.length > 0 || (trust?.asked.size ?? 0) > 0) return false
  }
  return round.state === 'cancelled' || countHolding(state, round) === 0
}

function isActive({ state }: { state: string }): boolean {
  return state === 'gathering' || state === 'checking'
}
