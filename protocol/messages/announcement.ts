import { z } from 'zod'
import { MAX_ADDRESSES, MAX_ANNOUNCED_ROUNDS } from '../limits.ts'
import { JudgementWord, RoundState } from '../round.ts'

const count = z.int().nonnegative()

/** What a coordinator says of one round to whoever wants to know: of public rounds alone. */
export const AnnouncedRound = z.strictObject({
  round: z.string().max(128),
  name: z.string().max(200),
  state: RoundState,
  paused: z.boolean(),
  openedAt: z.int(),
  endedAt: z.int().nullable(),
  cases: count,
  judged: count,
  judgements: z.record(JudgementWord, count),
  tasks: z.strictObject({ total: count, decided: count, undecided: count }),
  verdicts: count,
})
export type AnnouncedRound = z.infer<typeof AnnouncedRound>

/**
 * What a coordinator announces by gossip, sealed with its key (domain `kernelswarm-announcement`): where it is, and how its public
 * rounds stand. The later of two says more: `at` is milliseconds since 1970, and never the same twice.
 */
export const Announcement = z.strictObject({
  v: z.literal(1),
  at: count,
  /** Each ends in the coordinator's own peer id. */
  addresses: z.array(z.string().max(300)).max(MAX_ADDRESSES),
  rounds: z.array(AnnouncedRound).max(MAX_ANNOUNCED_ROUNDS),
})
export type Announcement = z.infer<typeof Announcement>
