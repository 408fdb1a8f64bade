import { ROUND_STEPS, type RoundStanding, type RoundStep } from '../rules/round.ts'
import type { Event } from './events.ts'
import { type Addition, noTasks, type RoundEntry } from './model.ts'

type Of<T extends Event['t']> = Extract<Event, { t: T }>

/** The part of the fold that is about rounds alone: what each event makes of one. */

/** A round as it begins. */
export function open(event: Of<'round-opened'>, seq: number): RoundEntry {
  const { round, owner, spec, casesDigest, share = 1, parent, votes = 'tolerance', at } = event
  return {
    ...{ seq, id: round, owner, spec, casesDigest, share, parent: parent ?? null, votes },
    state: 'open',
    paused: null,
    additions: [],
    caps: spec.caps ?? {},
    spent: { cpuMs: 0, gpuMs: 0 },
    openedAt: at,
    endedAt: null,
    ...{ size: 0, cases: [], judged: 0, tasks: new Set(), counts: noTasks(), unsettled: new Set(), troubled: new Set() },
    judgements: { equivalent: 0, different: 0, invalid: 0, undecided: 0 },
  }
}

/** The file that is being added to a round, or undefined. */
export function addingTo({ additions }: Pick<RoundEntry, 'additions'>): Addition | undefined {
  return additions.find(({ cases }) => cases === null)
}

/** Whether a round has not ended. */
export function isLive({ state }: Pick<RoundEntry, 'state'>): boolean {
  return state === 'open' || state === 'verifying'
}

/** Where a round stands, for the rules of what may happen to it. */
export function standingOf(round: Pick<RoundEntry, 'state' | 'paused' | 'additions'>): RoundStanding {
  return { state: round.state, paused: round.paused !== null, adding: addingTo(round) !== undefined }
}

/** Whether something can be done with a round as it stands. */
export function mayBe(step: RoundStep, round: RoundEntry): boolean {
  return ROUND_STEPS[step](standingOf(round)) !== null
}

/** @throws when the log has an event that cannot have happened */
function step(round: RoundEntry, name: RoundStep): RoundStanding {
  const next = ROUND_STEPS[name](standingOf(round))
  if (next === null) throw new Error(`event log: ${name} of round ${round.id}, which is ${round.state}`)
  round.state = next.state
  if (!next.paused) round.paused = null
  return next
}

/** The file that was being sent is all here. */
export function seal(round: RoundEntry): void {
  const adding = addingTo(round)
  step(round, 'seal')
  if (adding !== undefined) adding.cases = round.cases.length - adding.from
}

export function extend(round: RoundEntry, { casesDigest }: Of<'round-extended'>): void {
  step(round, 'extend')
  round.additions.push({ casesDigest, from: round.cases.length, cases: null })
}

/** Paused again, it is for the later reason, and as the later one says of what runs. */
export function pause(round: RoundEntry, { at, reason, detail = '', finish = false }: Of<'round-paused'>): void {
  step(round, 'pause')
  round.paused = { at, reason, detail, finish }
}

export function resume(round: RoundEntry, { caps }: Of<'round-resumed'>): void {
  step(round, 'resume')
  if (caps !== undefined) round.caps = caps
}

export function cancel(round: RoundEntry, at: number): void {
  step(round, 'cancel')
  round.endedAt ??= at
}

/** All its cases are judged: it has ended, unless more of them are to come. */
export function complete(round: RoundEntry, at: number): void {
  if (ROUND_STEPS.complete(standingOf(round)) === null) return
  step(round, 'complete')
  round.endedAt = at
}
