import { compatEqual } from '../output.ts'
import type { IsolatedReport } from '../report.ts'
import type { Comparator, Difference } from './comparator.ts'
import { differenceOfTexts } from './text.ts'
import { differenceOfValues } from './values.ts'

/**
 * Where two isolated runs differ under a round's comparator, or null where they are equal: in what `wrapper` saw, at full
 * precision, or in what was printed. Printed numbers have six digits and no type, so the tolerance for float holds there.
 */
export function differenceOf(a: IsolatedReport, b: IsolatedReport, comparator: Comparator): Difference | null {
  switch (comparator.kind) {
    case 'exact':
      if (Buffer.compare(a.values, b.values) !== 0) return 'values: not the same to the bit'
      return compatEqual(a.printed, b.printed) ? null : 'printed: not the same text'
    case 'numeric':
      return differenceOfValues(a.values, b.values, comparator) ?? differenceOfTexts(a.printed, b.printed, comparator.float)
    default:
      return comparator satisfies never
  }
}
