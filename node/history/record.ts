import { z } from 'zod'
import { DeclineReason, Finding, Origin, OutcomeWord, RejectCode, Task, TestStatus } from '../../protocol/index.ts'

const at = z.int().nonnegative()

/** One test of a program that ran here. */
export const KeptTest = z.strictObject({
  status: TestStatus,
  wallMs: z.number(),
  findings: z.array(Finding),
  /** The beginning of what it wrote, as text. */
  output: z.string(),
  outputBytes: z.int(),
  /** For people: a signal's name, the compiler's complaint. */
  detail: z.string(),
})
export type KeptTest = z.infer<typeof KeptTest>

/** A program that ran here, and what became of its verdict. Times in milliseconds since 1970. */
export const RunRecord = z.strictObject({
  v: z.literal(1),
  nonce: z.string(),
  /** Peer id. */
  coordinator: z.string(),
  /** Name of the task, which verdicts name, too. */
  taskId: z.string(),
  task: Task,
  origins: z.array(Origin),
  startedAt: at,
  endedAt: at.nullable(),
  /** Null while it runs; `lost`: the node was ended meanwhile. */
  end: z.enum(['finished', 'declined', 'withdrawn', 'overdue', 'lost']).nullable(),
  /** Of what was declined. */
  reason: DeclineReason.nullable(),
  detail: z.string(),
  compileMs: z.number().nullable(),
  tests: z.array(KeptTest),
  /** What the coordinator said of the verdict's form; null while it has said nothing. */
  answer: z.enum(['accepted', ...RejectCode.options]).nullable(),
  /** What became of it; null while nothing is known. */
  outcome: OutcomeWord.nullable(),
  /** Where it disagreed with what was decided: the tests, from 0. */
  disagreed: z.array(z.int()),
  /** Whether there is a receipt for it. */
  receipted: z.boolean(),
})
export type RunRecord = z.infer<typeof RunRecord>

/** Counts over all that was ever kept. */
export const Tally = z.strictObject({
  started: z.int(),
  finished: z.int(),
  accepted: z.int(),
  rejected: z.int(),
  agreed: z.int(),
  disagreed: z.int(),
  declined: z.int(),
  withdrawn: z.int(),
  overdue: z.int(),
  lost: z.int(),
  receipts: z.int(),
})
export type Tally = z.infer<typeof Tally>

export const NO_TALLY: Readonly<Tally> = {
  ...{ started: 0, finished: 0, accepted: 0, rejected: 0, agreed: 0, disagreed: 0 },
  ...{ declined: 0, withdrawn: 0, overdue: 0, lost: 0, receipts: 0 },
}
