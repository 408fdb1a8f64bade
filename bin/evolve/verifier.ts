import type { RoundSpec } from '../../protocol/index.ts'
import type { Audience } from '../flow/watch.ts'

/** A round to verify. */
export interface Job {
  /** Case file. */
  file: string
  spec: RoundSpec
  /** Where the result files go. */
  results: string
  /** Makes another round of the same cases and terms. */
  salt: string
  signal: AbortSignal
  /** Who is shown how it goes. */
  audience: Audience
  /** Something that a person should know. */
  say: (line: string) => void
}

/** Has a round verified: by a coordinator elsewhere, or by a swarm on this machine. Both go on where an earlier try was cut. */
export interface Verifier {
  /**
   * Verifies to the end.
   * @param onDone told the round's name when it is aggregated, before anything is thrown away that would be needed to go on
   * @throws CancelledError when somebody cancelled the round
   */
  verify(job: Job, onDone: (round: string) => Promise<void>): Promise<void>
  /** Sees to it that the result files of a round that is aggregated stand in `results`, whole. */
  export(job: Job, round: string): Promise<void>
}

/** The round of these cases was cancelled; it stays so. */
export class CancelledError extends Error {
  readonly round: string
  constructor(round: string) {
    super(`round ${round} was cancelled; its cases will be submitted as a new one`)
    this.round = round
  }
}
