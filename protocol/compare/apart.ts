import type { IsolatedReport } from '../report.ts'
import type { NumericComparator, Tolerance } from './comparator.ts'
import { differenceOf } from './reports.ts'
import { differenceOfTexts } from './text.ts'

/**
 * The steps in which it is said how far apart two outputs are, in tolerances of the round: at 1 they count as equal, and up
 * to 2 they may both be equal to a third. The finer ones tell who is in the middle.
 */
export const STEPS = [1 / 64, 1 / 16, 1 / 4, 1 / 2, 1, 2] as const

/** The smallest step within which two plain outputs are the same as printed text, with the tolerance of float; null: none. */
export function textsApart(a: Uint8Array, b: Uint8Array, comparator: NumericComparator): number | null {
  return smallest((times) => differenceOfTexts(a, b, scaled(comparator.float, times)) === null)
}

/**
 * The smallest step within which two isolated runs of one program are the same; null: none. What counts kernels and errors
 * has no tolerance.
 */
export function reportsApart(a: IsolatedReport, b: IsolatedReport, comparator: NumericComparator): number | null {
  if (a.launches !== b.launches || a.error !== b.error) return null
  const { float, double } = comparator
  return smallest((times) => {
    return differenceOf(a, b, { kind: 'numeric', float: scaled(float, times), double: scaled(double, times) }) === null
  })
}

/** Tries the widest first: most outputs that are not the same are not nearly so either. */
function smallest(isWithin: (times: number) => boolean): number | null {
  let found: number | null = null
  for (const step of STEPS.toReversed()) {
    if (!isWithin(step)) break
    found = step
  }
  return found
}

function scaled({ absolute, relative }: Tolerance, times: number): Tolerance {
  return { absolute: absolute * times, relative: relative * times }
}
