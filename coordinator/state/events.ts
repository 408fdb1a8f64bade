import type { Caps, Environment, MutantMark, PauseReason, RerunKind, Resources, RoundSpec, Side } from '../../protocol/index.ts'
import type { CellVote } from '../rules/ballot.ts'
import type { Purpose } from '../trust/model.ts'
import type { Measured } from './distances.ts'

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

/** Of which round another one runs cases again: their numbers there, from 0, in the order in which it has them. */
export interface Parent {
  round: string
  only: RerunKind[]
  cases: number[]
}

/** By side and test, whether it prints the same under two fills of uninitialised memory; null: not known. */
export type SameFill = Record<Side, (boolean | null)[]>

/** Why an assignment ended without a verdict. */
export type Ended = 'declined' | 'expired' | 'withdrawn'

/**
 * What happened: the truth. Everything else the coordinator knows is worked out from these in order.
 * `at` is milliseconds since 1970 by the coordinator's clock.
 */
export type Event =
  /** `share` is what its owner gets, compared with other researchers; 1 where it is left out. */
  | {
      t: 'round-opened'
      at: number
      round: string
      owner: string
      spec: RoundSpec
      casesDigest: string
      share?: number
      parent?: Parent
      votes?: 'digest'
    }
  | { t: 'cases-added'; at: number; round: string; from: number; cases: CaseRecord[] }
  | { t: 'round-sealed'; at: number; round: string }
  | { t: 'round-cancelled'; at: number; round: string }
  /** It has ended, and nothing under way needs it: it leaves memory. */
  | { t: 'round-closed'; at: number; round: string }
  /** A further file is added: the cases that come are its, until the round is sealed again. */
  | { t: 'round-extended'; at: number; round: string; casesDigest: string }
  /** `finish`: what runs may end. `detail`: which limit, in one sentence. */
  | { t: 'round-paused'; at: number; round: string; reason: PauseReason; detail?: string; finish?: boolean }
  /** `caps` take the place of those it had. */
  | { t: 'round-resumed'; at: number; round: string; caps?: Caps }
  /** What the owner of a node calls it from now on; null: nothing. */
  | { t: 'node-named'; at: number; node: string; name: string | null }
  /** The operator does not want this program to be run by anybody any more; `reason` is his. */
  | { t: 'program-blocked'; at: number; program: string; reason: string }
  | { t: 'program-unblocked'; at: number; program: string }
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
  /** Outputs of a task that differ in their bytes were compared: the oldest answer that waits for it can be counted. */
  | { t: 'measured'; at: number; task: string; pairs: Measured[] }
  /**
   * The isolated runs of a case were compared; by test, null where there was nothing to compare. `fill`: by side, whether it
   * prints the same in the plain and in the isolated run, which fill uninitialised memory otherwise; left
   * out in stores of version 3, where it follows from the bytes.
   */
  | { t: 'compared'; at: number; round: string; index: number; equal: (boolean | null)[]; fill?: SameFill }
  /** Answers of a batch were drawn by a secret random source to be checked by others; `all`: they are replicated instead. */
  | { t: 'drawn'; at: number; batch: string; tasks: string[]; all: boolean }
  /** A node was to say a disputed answer again and is not there: nobody waits for it any longer. */
  | { t: 'excused'; at: number; task: string; node: string }
