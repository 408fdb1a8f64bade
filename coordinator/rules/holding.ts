import { FIRST_CREDITS, MAX_CREDITS } from '../../protocol/index.ts'

/**
 * How many assignments a node may hold at a time. Whoever has answered nothing yet gets few, and with each verdict one more, which
 * doubles them from answer to answer: keys cost nothing, and those who take all there is and never answer would stop a round.
 * What it was given and did not answer in time counts against that.
 * @param record of the node, or undefined where it was given nothing yet
 */
export function mayHold(record: { verdicts: number; expired: number } | undefined): number {
  if (record === undefined) return FIRST_CREDITS
  return Math.max(1, Math.min(MAX_CREDITS, FIRST_CREDITS + record.verdicts - record.expired))
}
