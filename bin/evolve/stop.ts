import type { StopRules } from './plan.ts'
import type { LoopState } from './rounds.ts'

/** Why a loop is at its end. */
export type StopReason =
  /** As many rounds as the plan asks for have been trained. */
  | { why: 'rounds'; rounds: number }
  /** No pair of the last round was accepted: there is nothing to train on. */
  | { why: 'nothing-accepted'; round: number }
  /** The last round accepted a smaller share of its pairs than the plan asks for. */
  | { why: 'yield'; round: number; yield: number; least: number }
  /** Pass@1 has not risen enough. */
  | { why: 'pass@1'; round: number; best: number; before: number; within: number }

/** Whether the last round, which is exported, is to be trained on; null: yes. */
export function stopBeforeTraining(rounds: LoopState, rules: StopRules): StopReason | null {
  const last = rounds.at(-1)
  if (last === undefined || last.exported === null) return null
  const { accepted, yield: share } = last.exported
  const round = last.number
  if (accepted === 0) return { why: 'nothing-accepted', round }
  if (rules.yield !== undefined && share < rules.yield) return { why: 'yield', round, yield: share, least: rules.yield }
  const stalled = rules['pass@1'] === undefined ? null : stalledPass(rounds, rules['pass@1'])
  return stalled === null ? null : { why: 'pass@1', round, ...stalled }
}

/** The best of the last `within` rounds that have a Pass@1, where it is not `rises` over the best before them; else null. */
function stalledPass(
  rounds: LoopState,
  { rises, within }: { rises: number; within: number },
): { best: number; before: number; within: number } | null {
  const values = rounds.flatMap(({ exported }) => exported?.passAt1 ?? [])
  if (values.length <= within) return null
  const best = Math.max(...values.slice(-within))
  const before = Math.max(...values.slice(0, -within))
  const rise = best - before
  return rise > 0 && rise >= rises ? null : { best, before, within }
}

/** One sentence for a person. */
export function explainStop(reason: StopReason): string {
  switch (reason.why) {
    case 'rounds':
      return `${reason.rounds} ${reason.rounds === 1 ? 'round is' : 'rounds are'} done, as the plan asks`
    case 'nothing-accepted':
      return `no pair of round ${reason.round} was accepted, so there is nothing to train on`
    case 'yield':
      return `round ${reason.round} accepted ${percent(reason.yield)} of its pairs, less than ${percent(reason.least)}`
    case 'pass@1':
      return `Pass@1 no longer rises: ${percent(reason.best)} in the last ${reason.within === 1 ? 'round' : `${reason.within} rounds`}, ${percent(reason.before)} before`
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
