import { z } from 'zod'

/** The steps of a round, in their order. */
export const STEPS = ['generate', 'verify', 'export', 'train'] as const
export const Step = z.enum(STEPS)
export type Step = z.infer<typeof Step>

const common = { at: z.string(), round: z.int().min(1) }
const seconds = z.number().nonnegative()

/** What happened in a loop; its state is a fold over these. */
export const JournalEvent = z.discriminatedUnion('t', [
  /** A step was begun, under the plan with this digest. `mark` is in the environment of the command's processes. */
  z.strictObject({ t: z.literal('begun'), ...common, step: Step, plan: z.string(), mark: z.string().nullable() }),
  z.strictObject({ t: z.literal('generated'), ...common, cases: z.int(), digest: z.string(), seconds }),
  /** `id` is the round's at the coordinator, which is aggregated. */
  z.strictObject({ t: z.literal('verified'), ...common, id: z.string(), seconds }),
  z.strictObject({
    t: z.literal('exported'),
    ...common,
    measures: z.strictObject({ cases: z.int(), accepted: z.int(), yield: z.number(), passAt1: z.number().nullable() }),
  }),
  z.strictObject({ t: z.literal('trained'), ...common, seconds }),
  /** Somebody cancelled the round at the coordinator. */
  z.strictObject({ t: z.literal('cancelled'), ...common, id: z.string() }),
  z.strictObject({ t: z.literal('failed'), ...common, step: Step, why: z.string() }),
])
export type JournalEvent = z.infer<typeof JournalEvent>
