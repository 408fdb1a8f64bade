import type { Environment, MutantMark, Resources, RoundSpec, Side } from '../../protocol/index.ts'
import type { CellVote } from '../rules/ballot.ts'
import type { Purpose } from '../trust/model.ts'

/** A case as the log keeps it: its texts are in the two programs, named here. */
export interface CaseRecord {
  id: string | number | null
  problem: string
  source: Side
  programs: Record<Side, string>
  tests: number
  /** Name of the text of its reference translation, where it has one. */
  reference?: string
  mutant?: MutantMark
}

/** A verdict as the log keeps it: what is voted on, and the name of the signed statement it was read from. */
export interface VerdictRecord {
  nonce: string
  /** CID of the signed payload; the envelope is kept under this name. */
  verdict: string
  class: string
  environment: Environment
  cells: readonly CellVote[]
  resources: Resources
}

/** Why an assignment ended without a verdict. */
export type Ended = 'declined' | 'expired' | 'withdrawn'

/**
 * What happened: the truth. Everything else the coordinator knows is worked out from these in order.
 * `at` is milliseconds since 1970 by the coordinator's clock.
 */
export type Event =
  /** `share` is what its owner gets, compared with other researchers; 1 where it is left out. */
  | { t: 'round-opened'; at: number; round: string; owner: string; spec: RoundSpec; casesDigest: string; share?: number }
  | { t: 'cases-added'; at: number; round: string; from: number; cases: CaseRecord[] }
  | { t: 'round-sealed'; at: number; round: string }
  | { t: 'round-cancelled'; at: number; round: string }
  /** `network`: where the node came from, where that is not what names its operator. `as` is left out where it is for a vote. */
  | {
      t: 'assigned'
      at: number
      nonce: string
      task: string
      node: string
      operator: string
      network?: string
      deadlineAt: number
      as?: Purpose
    }
  | { t: 'ended'; at: number; nonce: string; how: Ended; reason: string }
  | ({ t: 'verdict'; at: number } & VerdictRecord)
  /** The isolated runs of a case were compared; by test, null where there was nothing to compare. */
  | { t: 'compared'; at: number; round: string; index: number; equal: (boolean | null)[] }
  /** Answers of a batch were drawn by a secret random source to be checked by others; `all`: they are replicated instead. */
  | { t: 'drawn'; at: number; batch: string; tasks: string[]; all: boolean }
  /** A node was to say a disputed answer again and is not there: nobody waits for it any longer. */
  | { t: 'excused'; at: number; task: string; node: string }
