import { decodeReport, type IsolatedReport } from '../report.ts'
import type { Pass } from '../task.ts'
import type { NumericComparator, Tolerance } from './comparator.ts'
import { differenceOf } from './reports.ts'
import { differenceOfTexts } from './text.ts'

/**
 * The steps in which it is said how far apart two outputs are, in tolerances of the round: at 1 they count as equal, and up
 * to 2 they may both be equal to a third. The finer ones tell who is in the middle.
 */
export const STEPS = [1 / 64, 1 / 16, 1 / 4, 1 / 2, 1, 2] as const

/**
 * How far apart two outputs of one program in one pass are, as `STEPS` tells it; null: further than twice the tolerance, or
 * of different shape. Plain outputs are compared as printed text, isolated ones as their reports are.
 * @throws ProtocolError `schema` where the output of an isolated run is no report
 */
export function outputsApart(pass: Pass, a: Uint8Array, b: Uint8Array, comparator: NumericComparator): number | null {
  if (pass !== 'isolated') return smallest((times) => differenceOfTexts(a, b, scaled(comparator.float, times)) === null)
  // A test that ended before its report has none.
  if (a.byteLength === 0 || b.byteLength === 0) return null
  return reportsApart(decodeReport(a), decodeReport(b), comparator)
}

/** Kernels and errors are counted: there is no tolerance in these. */
function reportsApart(a: IsolatedReport, b: IsolatedReport, { float, double }: NumericComparator): number | null {
  if (a.launches !== b.launches || a.error !== b.error) return null
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
