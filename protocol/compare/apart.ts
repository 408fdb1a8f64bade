import { decodeReport } from '../report.ts'
import type { Pass } from '../task.ts'
import { close, type IsClose, type NumericComparator } from './comparator.ts'
import { differenceOfTexts } from './text.ts'
import { differenceOfValues } from './values.ts'

/**
 * The steps in which it is said how far apart two outputs are, in tolerances of the round: at 1 they count as equal, and up
 * to 2 they may both be equal to a third. The finer ones tell who is in the middle.
 */
export const STEPS = [1 / 64, 1 / 16, 1 / 4, 1 / 2, 1, 2] as const

/**
 * How far apart two outputs of one program in one pass are, as `STEPS` tells it; null: further than twice the tolerance, or
 * of different shape. Plain outputs are compared as printed text; isolated ones as their reports are, where the numbers of
 * kernels and the errors have to be equal.
 * @throws ProtocolError `schema` where the output of an isolated run is no report
 */
export function outputsApart(pass: Pass, a: Uint8Array, b: Uint8Array, comparator: NumericComparator): number | null {
  const gauge = new Gauge()
  if (pass !== 'isolated') return differenceOfTexts(a, b, comparator.float, gauge.isClose) === null ? gauge.step : null
  // A test that ended before its report has none.
  if (a.byteLength === 0 || b.byteLength === 0) return null
  const [one, other] = [decodeReport(a), decodeReport(b)]
  if (one.launches !== other.launches || one.error !== other.error) return null
  const difference =
    differenceOfValues(one.values, other.values, comparator, gauge.isClose) ??
    differenceOfTexts(one.printed, other.printed, comparator.float, gauge.isClose)
  return difference === null ? gauge.step : null
}

/** Takes numbers for equal up to the widest step, and keeps the one that the furthest of them need. */
class Gauge {
  #at = 0

  get step(): number {
    return STEPS[this.#at] as number
  }

  readonly isClose: IsClose = (a, b, { absolute, relative }) => {
    for (; this.#at < STEPS.length; this.#at++) {
      if (close(a, b, { absolute: absolute * this.step, relative: relative * this.step })) return true
    }
    return false
  }
}
