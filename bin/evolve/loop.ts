import type { JournalEvent, Step } from './events.ts'
import type { StopRules } from './plan.ts'
import type { LoopRound, LoopState } from './rounds.ts'
import { type StopReason, stopBeforeTraining } from './stop.ts'

/** What is to be done. */
export type Next = { round: number; step: Step } | { stop: StopReason }

/** The first step that is not done, or why there is none. */
export function next(rounds: LoopState, stop: StopRules): Next {
  const last = rounds.at(-1)
  if (last === undefined) return { round: 1, step: 'generate' }
  const at = (step: Step) => ({ round: last.number, step })
  if (last.generated === null) return at('generate')
  if (last.verified === null) return at('verify')
  if (last.exported === null) return at('export')
  if (last.trained === null) {
    const reason = stopBeforeTraining(rounds, stop)
    return reason === null ? at('train') : { stop: reason }
  }
  return last.number >= stop.rounds
    ? { stop: { why: 'rounds', rounds: last.number } }
    : { round: last.number + 1, step: 'generate' }
}

/** The rounds after one more event. */
export function apply(rounds: LoopState, event: JournalEvent): LoopState {
  const known = rounds.find(({ number }) => number === event.round)
  const round = changed(known ?? newRound(event.round), event)
  return known === undefined ? [...rounds, round] : rounds.map((one) => (one === known ? round : one))
}

function changed(round: LoopRound, event: JournalEvent): LoopRound {
  switch (event.t) {
    case 'begun': {
      const attempts = { ...round.attempts, [event.step]: round.attempts[event.step] + 1 }
      return { ...round, attempts, mark: event.mark }
    }
    case 'generated':
      return { ...done(round), generated: { cases: event.cases, digest: event.digest, seconds: event.seconds } }
    case 'verified':
      return { ...done(round), verified: { id: event.id, seconds: event.seconds } }
    case 'exported':
      return { ...done(round), exported: event.measures }
    case 'trained':
      return { ...done(round), trained: { seconds: event.seconds } }
    case 'cancelled':
      return { ...round, cancelled: round.cancelled + 1 }
    case 'failed':
      return { ...round, mark: null, failure: event.why }
  }
}

function done(round: LoopRound): LoopRound {
  return { ...round, mark: null, failure: null }
}

function newRound(number: number): LoopRound {
  return {
    ...{ number, attempts: { generate: 0, verify: 0, export: 0, train: 0 }, cancelled: 0, mark: null },
    ...{ generated: null, verified: null, exported: null, trained: null, failure: null },
  }
}
