import type { PartReport, Row } from './report.ts'

export interface Places {
  /** The folder of the kit. */
  kit: string
  /** What is unpacked, and may be written to. */
  work: string
  /** Where the report goes. */
  out: string
  /** How long all of it may take. */
  seconds: number
}

/** What a part is given. */
export interface Stand {
  places: Places
  /** Fires when its time is over: it stops, and says what it has. */
  signal: AbortSignal
  /** Milliseconds until then. */
  leftMs(): number
  /** Figures of the parts before it, by their ids. */
  found: Readonly<Record<string, PartReport['figures']>>
  row(row: Row): void
  figures(figures: PartReport['figures']): void
}

/** What a part came to, beside its rows. */
export interface Ending {
  outcome: 'pass' | 'fail' | 'left out'
  why: string
}
export type Part = (stand: Stand) => Promise<Ending>

export const pass = (why = ''): Ending => ({ outcome: 'pass', why })
export const leftOut = (why: string): Ending => ({ outcome: 'left out', why })
export const failed = (why: string): Ending => ({ outcome: 'fail', why })
