import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  DEFAULT_COMPARATOR,
  differenceOf,
  differenceOfTexts,
  encodeReport,
  type IsolatedReport,
  type NumericComparator,
  outputsApart,
  STEPS,
} from '../../protocol/index.ts'

/** A tolerance of 1 for float, of 1/1000 for double. */
const coarse: NumericComparator = {
  kind: 'numeric',
  float: { absolute: 1, relative: 0 },
  double: { absolute: 0.001, relative: 0 },
}

const rows = [
  { id: 'equal numbers, other white space', a: 'x 1  2', b: 'x 1 2\n', apart: STEPS[0] },
  { id: 'a hundredth', a: 'x 1', b: 'x 1.01', apart: STEPS[0] },
  { id: 'a fifth', a: 'x 1', b: 'x 1.2', apart: 0.25 },
  { id: 'the furthest of several counts', a: '1 1 1', b: '1.01 1.4 1.2', apart: 0.5 },
  { id: 'the tolerance itself', a: 'x 1', b: 'x 2', apart: 1 },
  { id: 'twice', a: 'x 1', b: 'x 3', apart: 2 },
  { id: 'more', a: 'x 1', b: 'x 3.1', apart: null },
  { id: 'one of several', a: '1 1 1', b: '1 9 1', apart: null },
  { id: 'other words', a: 'x 1', b: 'y 1', apart: null },
  { id: 'one more number', a: '1 1', b: '1', apart: null },
  { id: 'addresses are equal', a: 'at 0x12', b: 'at 0xff', apart: STEPS[0] },
  { id: 'not a number', a: 'nan', b: '-nan', apart: STEPS[0] },
  { id: 'a number and none', a: 'nan', b: '1', apart: null },
] as const

function report(
  values: string,
  { printed = 'p', launches = 1, error = null }: { printed?: string; launches?: number; error?: string | null } = {},
) {
  const whole: IsolatedReport = {
    v: 1,
    printed: new Uint8Array(Buffer.from(printed)),
    values: new Uint8Array(Buffer.from(`call\n${values}\n`)),
    launches,
    error,
  }
  return encodeReport(whole)
}

const reports = [
  { id: 'float', a: report('return float 1'), b: report('return float 1.4'), apart: 0.5 },
  { id: 'double has its own tolerance', a: report('return double 1'), b: report('return double 1.0005'), apart: 0.5 },
  {
    id: 'what is printed counts, too',
    a: report('return float 1', { printed: '1' }),
    b: report('return float 1.2', { printed: '3' }),
    apart: 2,
  },
  { id: 'integers are exact', a: report('return int 1'), b: report('return int 2'), apart: null },
  { id: 'one kernel more', a: report('return int 1'), b: report('return int 1', { launches: 2 }), apart: null },
  { id: 'an error', a: report('return int 1'), b: report('return int 1', { error: 'cudaErrorLaunchFailure' }), apart: null },
  { id: 'ended before its report', a: report('return int 1'), b: new Uint8Array(), apart: null },
]

function floats(values: readonly number[]): IsolatedReport {
  const text = Buffer.from(`call\nreturn float[${values.length}] ${values.join(' ')}\n`)
  return { v: 1, printed: new Uint8Array(), values: text, launches: 1, error: null }
}

describe('how far apart two outputs are', () => {
  for (const { id, a, b, apart } of rows) {
    it(`${id}: ${apart}`, () => {
      assert.equal(outputsApart('plain', Buffer.from(a), Buffer.from(b), coarse), apart)
      assert.equal(outputsApart('plain', Buffer.from(b), Buffer.from(a), coarse), apart)
    })
  }
  for (const { id, a, b, apart } of reports) {
    it(`reports, ${id}: ${apart}`, () => {
      assert.equal(outputsApart('isolated', a, b, coarse), apart)
      assert.equal(outputsApart('isolated', b, a, coarse), apart)
    })
  }

  it('is at most 1 exactly where the comparator calls them equal', () => {
    const numbers = fc.array(fc.double({ noDefaultInfinity: true, min: -1e3, max: 1e3 }), { minLength: 1, maxLength: 4 })
    const nudge = fc.constantFrom(0, 1e-7, 5e-5, 1e-4, 1.5e-4, 2e-4, 3e-4)
    fc.assert(
      fc.property(numbers, nudge, (values, by) => {
        const [a, b] = [values, values.map((value) => value * (1 + by))].map((all) => Buffer.from(all.join(' '))) as [
          Buffer,
          Buffer,
        ]
        const apart = outputsApart('plain', a, b, DEFAULT_COMPARATOR)
        assert.equal(apart !== null && apart <= 1, differenceOfTexts(a, b, DEFAULT_COMPARATOR.float) === null)
        const [one, other] = [floats(values), floats(values.map((value) => value * (1 + by)))]
        const reported = outputsApart('isolated', encodeReport(one), encodeReport(other), DEFAULT_COMPARATOR)
        assert.equal(reported !== null && reported <= 1, differenceOf(one, other, DEFAULT_COMPARATOR) === null)
      }),
    )
  })
})
