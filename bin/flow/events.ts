import type { RoundProgress } from '../../protocol/index.ts'
import type { Outlook } from './forecast.ts'
import type { Summary } from './summary.ts'

/**
 * What `submit --watch --json` and `round watch --json` say to programs, one JSON object a line, beside `at`: when, in
 * milliseconds since 1970 by this machine's clock. docs/researchers.md has them for people.
 */
export type WatchEvent =
  /** The whole file has been read, and every line is a case. */
  | { event: 'checked'; cases: number; digest: string }
  /** So many of the cases are on the coordinator's disk. */
  | { event: 'sent'; cases: number; of: number }
  /** All are; from here on nothing depends on this command. */
  | { event: 'submitted'; round: string; cases: number }
  /** Live counts, and how long it may take: `remaining` is null while nobody can tell. */
  | ({ event: 'progress' } & RoundProgress & Outlook)
  /** The coordinator cannot be reached, or cannot do anything now; it is tried again. */
  | { event: 'away'; why: string }
  | { event: 'back' }
  /** The round has ended; `summary` where its results were written. */
  | { event: 'ended'; round: string; state: RoundProgress['state']; summary: Summary | null }

/** Writes an event as one line. */
export function emit(event: WatchEvent): void {
  const { event: name, ...rest } = event
  process.stdout.write(`${JSON.stringify({ event: name, at: Date.now(), ...rest })}\n`)
}
