/**
 * - `pass`: all of it was run, and came out as it must;
 * - `fail`: something did not;
 * - `left out`: it could not be run here, or there was no time;
 * - `cut`: it did not end and was killed; what it had said until then stands.
 */
export type Outcome = 'pass' | 'fail' | 'left out' | 'cut'

/** A line of a part: one check, one cell, one figure that did not come out as it must. */
export interface Row {
  name: string
  outcome: Outcome
  /** What was seen, for people. */
  detail: string
  /** Of a difference: why it is one, as far as that was known before; empty where that has to be found out. */
  why?: string
}

/** One part of the report. */
export interface PartReport {
  id: string
  title: string
  outcome: Outcome
  /** Why, where it is not a pass. */
  why: string
  seconds: number
  /** Figures by name, with their unit in it. */
  figures: Record<string, number | string | boolean | null>
  /** Every row that is not a pass, and of the others those that a reader wants to see. At most `MOST_ROWS`. */
  rows: Row[]
  /** How many rows there were for which there was no room. */
  moreRows: number
}

export const MOST_ROWS = 2000

export interface KitReport {
  v: 1
  /** What was run: when the kit was made, of which version, for which GPUs. */
  kit: KitFacts
  /** The GPU by its driver's name; null where there is none. */
  gpu: string | null
  startedAt: string
  seconds: number
  /** False until the last part has ended. */
  finished: boolean
  /** Whether all that was run came out as it must. */
  ok: boolean
  parts: PartReport[]
}

export interface KitFacts {
  madeAt: string
  /** The project's commit, and whether files were changed since. */
  commit: string
  /** Version of what the sandbox prints and how. */
  sandbox: string
  archs: string[]
  nvcc: string
  compiler: string
  /** Whether a stand-in plays CUDA's runtime: kernels do nothing then, and no result means anything. */
  standIn: boolean
  /** Programs whose name matches are in it: a regular expression, empty for all. */
  only: string
  cases: number
  tests: number
}

export function emptyPart(id: string, title: string): PartReport {
  return { id, title, outcome: 'pass', why: '', seconds: 0, figures: {}, rows: [], moreRows: 0 }
}

/** What a part says while it runs; all of it may be said many times. */
export type Said =
  | { kind: 'row'; row: Row }
  | { kind: 'figures'; figures: PartReport['figures'] }
  /** The last word: the part could not be run, or something beside its rows is wrong. */
  | { kind: 'end'; outcome: Outcome; why: string }

/** Takes what a part has said into its report. */
export function take(part: PartReport, said: Said): void {
  switch (said.kind) {
    case 'row':
      if (part.rows.length < MOST_ROWS) part.rows.push(said.row)
      else part.moreRows++
      if (said.row.outcome === 'fail') part.outcome = 'fail'
      break
    case 'figures':
      Object.assign(part.figures, said.figures)
      break
    case 'end':
      if (part.outcome !== 'fail') part.outcome = said.outcome
      part.why = said.why
      break
    default:
      said satisfies never
  }
}
