import { binomialTail, NO_ACCIDENT } from './credibility.ts'

/** Answers held against those of others, and those found wrong. */
export interface Record {
  judged: number
  strikes: number
}

/**
 * Whether an operator has more strikes than the population's disagreement explains. One never does.
 * @param others all operators in standing but this one
 * @param granted rate of strikes that is no reproach to anybody, however good the others are
 */
export function isNoAccident(own: Record, others: Record, granted: number): boolean {
  if (own.strikes < 2) return false
  const rate = others.judged === 0 ? 0 : others.strikes / others.judged
  return binomialTail(own.strikes, own.judged, Math.max(rate, granted)) < NO_ACCIDENT
}

/** Rest after so many setbacks, milliseconds. */
export function restMs(setbacks: number, { first, longest }: { first: number; longest: number }): number {
  return Math.min(first * 2 ** Math.max(setbacks - 1, 0), longest)
}

/** Whether an operator has shown enough: so many confirmed answers, so many of them failing as are known at all. */
export function isAdmitted(
  { admitted, admittedFailing }: { admitted: number; admittedFailing: number },
  known: { failing: number },
  wanted: { answers: number; failing: number },
): boolean {
  return admitted >= wanted.answers && admittedFailing >= Math.min(wanted.failing, known.failing)
}
