import type { Ledger } from '../ledger.ts'
import { everybody, exposure, seeingToo } from '../sight.ts'
import { SCALES, type Scale, STRETCHES } from '../state/throughput.ts'
import { type ToldIncident, toldIncident } from './incidents.ts'
import { MAX_HAPPENINGS } from './limits.ts'

/** Something that happened and that anybody may know of. */
export type Happening =
  | { at: number; kind: 'round-opened' | 'round-aggregated' | 'round-cancelled'; round: string; name: string; cases: number }
  | { at: number; kind: 'incident'; incident: ToldIncident }

/** What was done when, and what happened last. */
export interface Activity {
  /** By scale: length of a stretch, where the first one begins, and what was done in each, the oldest first. */
  throughput: Record<Scale, { stretchMs: number; from: number; verdicts: number[]; tasks: number[] }>
  /** The newest first. */
  recent: Happening[]
}

export function activity({ state }: Ledger, now: number): Activity {
  return {
    throughput: Object.fromEntries(
      SCALES.map((scale) => [scale, throughputOf(state.throughput, scale, now)]),
    ) as Activity['throughput'],
    recent: recent(state),
  }
}

function throughputOf(throughput: Ledger['state']['throughput'], scale: Scale, now: number) {
  const series = throughput.series(scale, now)
  return {
    stretchMs: STRETCHES[scale].ms,
    from: series[0]?.at ?? 0,
    verdicts: series.map(({ verdicts }) => verdicts),
    tasks: series.map(({ tasks }) => tasks),
  }
}

/** Of an embargoed round neither its beginning nor its end is told before it has ended. */
function recent(state: Ledger['state']): Happening[] {
  const rounds = state.allRounds().filter((round) => exposure(round) !== 'nothing')
  const happened = rounds.flatMap(({ id, spec, size, openedAt, endedAt, state: end }): Happening[] => {
    const what = { round: id, name: spec.name, cases: size }
    const opened: Happening = { at: openedAt, kind: 'round-opened', ...what }
    if (endedAt === null || (end !== 'aggregated' && end !== 'cancelled')) return [opened]
    return [opened, { at: endedAt, kind: `round-${end}`, ...what }]
  })
  const sight = seeingToo(everybody(state), new Set())
  const incidents = state.trust.incidents.slice(-MAX_HAPPENINGS)
  const told = incidents.map((one): Happening => ({ at: one.at, kind: 'incident', incident: toldIncident(state, one, sight) }))
  return [...happened, ...told].sort((a, b) => b.at - a.at).slice(0, MAX_HAPPENINGS)
}
