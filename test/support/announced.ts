import type { AnnouncedRound } from '../../protocol/index.ts'

/** A round of three cases that goes on, one of them judged, as a coordinator announces it. */
export function announced(round: string, name: string, verdicts: number, openedAt: number): AnnouncedRound {
  return {
    ...{ round, name, state: 'verifying', paused: false, openedAt, endedAt: null, cases: 3, judged: 1 },
    judgements: { equivalent: 1, different: 0, invalid: 0, undecided: 0 },
    tasks: { total: 6, decided: 2, undecided: 0 },
    verdicts,
  }
}
