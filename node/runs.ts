import type { Assign, DeclineReason, Outcome, Program, RejectCode } from '../protocol/index.ts'
import type { Execution } from '../sandbox/index.ts'

/** An assignment, and whose it is. */
export interface Job {
  assign: Assign
  program: Program
  /** Peer id of the coordinator. */
  coordinator: string
}

/** How a run ended without a verdict. */
export type RunEnd =
  | { how: 'declined'; reason: DeclineReason; detail: string }
  /** `overdue`: by its deadline; else its coordinator does not need it any more. */
  | { how: 'withdrawn'; overdue: boolean; detail: string }

/**
 * What happens to the programs that a node is given, for whoever keeps it. What is told may be told twice, after a connection
 * was lost, and of runs of which nothing was kept; no call throws or waits.
 */
export interface RunListener {
  /** A program starts, for the first time. */
  began(job: Job): void
  /** It ran, and its verdict is in the outbox. */
  finished(nonce: string, execution: Execution): void
  /** It came to nothing, if it ever began. */
  ended(job: Job, end: RunEnd): void
  /** The coordinator has its verdict on disk. */
  accepted(nonce: string): void
  rejected(nonce: string, code: RejectCode): void
  /** What became of verdicts, and a checked receipt for some of them. */
  told(coordinator: string, outcomes: readonly Outcome[], receipt: Receipt | null): void
}

/** A receipt as it came, and the nonces that it is for. */
export interface Receipt {
  bytes: Uint8Array
  at: number
  nonces: readonly string[]
}
