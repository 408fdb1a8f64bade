import type { Step } from './events.ts'

/** What a round of the loop has come to. A step is done when its field is set. */
export interface LoopRound {
  /** From 1. */
  number: number
  /** How often each step was begun. */
  attempts: Record<Step, number>
  /** Rounds of these cases at the coordinator that were cancelled: the next one has to be another. */
  cancelled: number
  /** What marks the processes of the command that was begun last. */
  mark: string | null
  generated: { cases: number; digest: string; seconds: number } | null
  verified: { id: string; seconds: number } | null
  exported: Measures | null
  trained: { seconds: number } | null
  /** Why the step that is to be done failed when it was last tried. */
  failure: string | null
}

/** What a round's results say, under its rule. */
export interface Measures {
  cases: number
  /** Pairs found equivalent: those in the training files. */
  accepted: number
  /** Share of the pairs that were accepted. */
  yield: number
  /** Null where nothing was decided. */
  passAt1: number | null
}

/** The rounds of a loop, in order. */
export type LoopState = readonly LoopRound[]
