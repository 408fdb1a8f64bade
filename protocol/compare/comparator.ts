import { z } from 'zod'

/** How far apart two numbers may be and still count as equal: either bound suffices. */
export const Tolerance = z.strictObject({ absolute: z.number().min(0).max(1e6), relative: z.number().min(0).max(1) })
export type Tolerance = z.infer<typeof Tolerance>

/**
 * How a round compares the outputs of both sides under the strict rule.
 * - `exact`: printed text as the reference compares it, values to the bit;
 * - `numeric`: numbers within tolerances, by their type; everything else exact.
 */
export const Comparator = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact') }),
  z.strictObject({ kind: z.literal('numeric'), float: Tolerance, double: Tolerance }),
])
export type Comparator = z.infer<typeof Comparator>
export type NumericComparator = Extract<Comparator, { kind: 'numeric' }>

export const DEFAULT_COMPARATOR: NumericComparator = {
  kind: 'numeric',
  float: { absolute: 1e-6, relative: 1e-4 },
  double: { absolute: 1e-12, relative: 1e-9 },
}

/** Equal within a tolerance. NaN equals only NaN, whatever its sign; an infinity only itself; -0 equals 0. */
export function close(a: number, b: number, { absolute, relative }: Tolerance): boolean {
  if (a === b) return true
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b)
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false
  const apart = Math.abs(a - b)
  return apart <= absolute || apart <= relative * Math.max(Math.abs(a), Math.abs(b))
}

/** Tells whether two numbers are equal within a tolerance: `close`, or one that also remembers how far apart they were. */
export type IsClose = (a: number, b: number, tolerance: Tolerance) => boolean

/** Where two outputs differ, in words for people: `argument 2, element 5: 1.5 against 1.25`. */
export type Difference = string
