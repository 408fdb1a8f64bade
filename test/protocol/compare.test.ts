import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  close,
  DEFAULT_COMPARATOR,
  decodeReport,
  differenceOf,
  differenceOfTexts,
  differenceOfValues,
  encodeReport,
  formsOf,
  type IsolatedReport,
  maskAddresses,
} from '../../protocol/index.ts'

const { float, double } = DEFAULT_COMPARATOR
const ULP = 2 ** -23
const bytes = (text: string) => Buffer.from(text, 'latin1')

const numbers = [
  { id: 'the same', a: 1.5, b: 1.5, type: float, equal: true },
  { id: 'the two zeros', a: 0, b: -0, type: double, equal: true },
  { id: 'NaN and NaN', a: Number.NaN, b: Number.NaN, type: float, equal: true },
  { id: 'NaN and a number', a: Number.NaN, b: 0, type: float, equal: false },
  { id: 'a number and NaN', a: 1e30, b: Number.NaN, type: float, equal: false },
  { id: 'infinity and itself', a: Infinity, b: Infinity, type: float, equal: true },
  { id: 'infinity and its negative', a: Infinity, b: -Infinity, type: float, equal: false },
  { id: 'infinity and the largest number', a: Infinity, b: Number.MAX_VALUE, type: float, equal: false },
  { id: 'a denormal and zero', a: 1e-45, b: 0, type: float, equal: true },
  { id: 'a double denormal and zero', a: 5e-324, b: 0, type: double, equal: true },
  { id: 'one float ULP at 1', a: 1, b: 1 + ULP, type: float, equal: true },
  { id: 'one float ULP at 1, as double', a: 1, b: 1 + ULP, type: double, equal: false },
  { id: 'one double ULP', a: 1, b: 1 + Number.EPSILON, type: double, equal: true },
  { id: '1e-6 relative, float', a: 1, b: 1 + 1e-6, type: float, equal: true },
  { id: '1e-6 relative, double', a: 1, b: 1 + 1e-6, type: double, equal: false },
  { id: '1e-3 relative', a: 1000, b: 1001, type: float, equal: false },
  { id: 'small, within the absolute bound', a: 1e-7, b: 5e-7, type: float, equal: true },
  { id: 'opposite signs', a: 1, b: -1, type: float, equal: false },
]

describe('two numbers', () => {
  for (const { id, a, b, type, equal } of numbers) it(`${id}: ${equal}`, () => assert.equal(close(a, b, type), equal))

  it('are compared the same both ways', () => {
    fc.assert(fc.property(fc.double(), fc.double(), (a, b) => close(a, b, float) === close(b, a, float)))
  })
})

const texts = [
  { id: 'six digits of the same number', a: '[ 0.333333 ]', b: '[ 0.333334 ]', equal: true },
  { id: 'another number', a: '[ 0.3333 ]', b: '[ 0.3433 ]', equal: false },
  { id: 'minus zero', a: '[ -0, 1 ]', b: '[ 0, 1 ]', equal: true },
  { id: 'signed NaN', a: 'x = nan', b: 'x = -nan', equal: true },
  { id: 'NaN against a number', a: 'nan', b: '0', equal: false },
  { id: 'infinities', a: 'inf -inf', b: 'inf inf', equal: false },
  { id: 'an integer and the same with a point', a: '3', b: '3.0', equal: true },
  { id: 'exponents', a: '1e+06', b: '1000000', equal: true },
  { id: 'addresses', a: 'Arguments (0x7ffc10, 5)', b: 'Arguments (0x55aa, 5)', equal: true },
  { id: 'an address against a number', a: '0x10', b: '16', equal: false },
  { id: 'mixed text and numbers', a: 'sum of 3 is 6.00001', b: 'sum of 3 is 6', equal: true },
  { id: 'other words', a: 'sum is 6', b: 'Sum is 6', equal: false },
  { id: 'numbers in words are words', a: 'x1 v2.0', b: 'x1 v2', equal: false },
  { id: 'one element more', a: '[ 1, 2 ]', b: '[ 1, 2, 3 ]', equal: false },
  { id: 'one element less', a: '[ 1, 2, 3 ]', b: '[ 1, 2 ]', equal: false },
  { id: 'white space', a: 'a  b\r\n\r\n', b: ' a b', equal: true },
  { id: 'raw bytes that are no text', a: '[ \xff, \x01 ]', b: '[ \xff, \x01 ]', equal: true },
  { id: 'other raw bytes', a: '[ \xff, \x01 ]', b: '[ \xfe, \x01 ]', equal: false },
  { id: 'nothing and nothing', a: '', b: ' \n', equal: true },
  { id: 'something and nothing', a: '1', b: '', equal: false },
]

describe('two printed texts', () => {
  for (const { id, a, b, equal } of texts) {
    it(`${id}: ${equal}`, () => {
      assert.equal(differenceOfTexts(bytes(a), bytes(b), float) === null, equal)
      assert.equal(differenceOfTexts(bytes(b), bytes(a), float) === null, equal)
    })
  }

  it('say in printable characters where they differ', () => {
    assert.equal(differenceOfTexts(bytes('a 1'), bytes('a \x1b[2J'), float), 'printed: "a " against "a ?[2J"')
  })

  it('take linear time, whatever is printed', () => {
    for (const evil of [`${'1'.repeat(1e6)}a`, `1.${'1'.repeat(1e6)}a`, '1e'.repeat(5e5), '0x'.repeat(5e5), '+-'.repeat(5e5)]) {
      assert.notEqual(differenceOfTexts(bytes(evil), bytes(`${evil} 2`), float), null)
    }
  })

  it('of one program differ in addresses only: masked they are the same', () => {
    assert.deepEqual(maskAddresses(bytes('p 0x7ff1')), maskAddresses(bytes('p 0xab')))
    assert.notDeepEqual(maskAddresses(bytes('1.000001')), maskAddresses(bytes('1.000002')))
  })

  it('has digests of its compat form, and of that without addresses, which are one where it has none', async () => {
    const [plain, spaced] = [await formsOf(bytes('1 2\n')), await formsOf(bytes('1  2\r\n'))]
    assert.deepEqual(plain, spaced)
    assert.equal(plain.compat, plain.masked)
    const [one, other] = [await formsOf(bytes('at 0x7ff1\n')), await formsOf(bytes('at 0xab'))]
    assert.notEqual(one.compat, other.compat)
    assert.equal(one.masked, other.masked)
    assert.equal(one.masked, (await formsOf(bytes('at 0x'))).compat)
  })
})

const values = [
  { id: 'the same', a: 'call\nreturn void\narg float[2] 1 2\n', b: 'call\nreturn void\narg float[2] 1 2\n', equal: true },
  { id: 'floats within the tolerance', a: 'arg float[2] 1 2\n', b: 'arg float[2] 1.00001 2\n', equal: true },
  { id: 'doubles outside of it', a: 'arg double[2] 1 2\n', b: 'arg double[2] 1.00001 2\n', equal: false },
  { id: 'float against double: the coarser', a: 'arg float 1\n', b: 'arg double 1.00001\n', equal: true },
  { id: 'an int against a float', a: 'arg int 3\n', b: 'arg float 3\n', equal: true },
  { id: 'integers exactly', a: 'arg int[2] 12345678 1\n', b: 'arg int[2] 12345690 1\n', equal: false },
  { id: 'integers of 64 bits exactly', a: 'arg int 9223372036854775807\n', b: 'arg int 9223372036854775806\n', equal: false },
  { id: 'characters exactly', a: 'arg char[2] 104 255\n', b: 'arg char[2] 104 254\n', equal: false },
  { id: 'a character against an integer', a: 'arg char 65\n', b: 'arg int 65\n', equal: false },
  { id: 'addresses', a: 'arg pointer\n', b: 'arg pointer\n', equal: true },
  { id: 'an address against an array', a: 'arg pointer\n', b: 'arg int[1] 0\n', equal: false },
  { id: 'other extents', a: 'arg int[2][3] 1 2 3 4 5 6\n', b: 'arg int[3][2] 1 2 3 4 5 6\n', equal: false },
  { id: 'arrays of different length', a: 'arg int[2] 1 2\n', b: 'arg int[3] 1 2 3\n', equal: false },
  { id: 'another number of arguments', a: 'call\nreturn void\narg int 1\n', b: 'call\nreturn void\n', equal: false },
  { id: 'a call more', a: 'call\nreturn void\n', b: 'call\nreturn void\ncall\nreturn void\n', equal: false },
  { id: 'void against a value', a: 'call\nreturn void\n', b: 'call\nreturn int 0\n', equal: false },
  { id: 'the same exception', a: 'call\nthrown 6f6f\n', b: 'call\nthrown 6f6f\n', equal: true },
  { id: 'another exception', a: 'call\nthrown 6f6f\n', b: 'call\nthrown 6f70\n', equal: false },
  { id: 'an exception against a return', a: 'call\nthrown 6f6f\n', b: 'call\nreturn void\n', equal: false },
  { id: 'NaN in a float array', a: 'arg float[2] nan 1\n', b: 'arg float[2] -nan 1\n', equal: true },
  { id: 'NaN where a number was', a: 'arg float[2] nan 1\n', b: 'arg float[2] 0 1\n', equal: false },
  { id: 'nothing was called on either side', a: '', b: '', equal: true },
]

describe('two records of values', () => {
  for (const { id, a, b, equal } of values) {
    it(`${id}: ${equal}`, () => {
      assert.equal(differenceOfValues(bytes(a), bytes(b), DEFAULT_COMPARATOR) === null, equal)
      assert.equal(differenceOfValues(bytes(b), bytes(a), DEFAULT_COMPARATOR) === null, equal)
    })
  }

  it('say which argument of which call, and which element', () => {
    const record = (element: string) =>
      bytes(`call\nreturn void\narg int 5\ncall\nreturn void\narg int 5\narg float[3] 1 ${element} 3\n`)
    assert.equal(
      differenceOfValues(record('2'), record('2.5'), DEFAULT_COMPARATOR),
      'call 2, argument 2, element 2: 2 against 2.5',
    )
  })
})

describe('two isolated runs', () => {
  const report = (values: string, printed = ''): IsolatedReport => ({
    v: 1,
    printed: bytes(printed),
    values: bytes(values),
    launches: 1,
    error: null,
  })
  const rows = [
    {
      id: 'six equal digits hide nothing',
      a: report('arg double 12345678\n', '1.23457e+07'),
      b: report('arg double 12345690\n', '1.23457e+07'),
    },
    {
      id: 'nor does a program that prints something else beside',
      a: report('arg int 1\n', 'odd'),
      b: report('arg int 1\n', 'even'),
    },
  ]
  for (const { id, a, b } of rows) it(id, () => assert.notEqual(differenceOf(a, b, DEFAULT_COMPARATOR), null))

  it('are equal to the bit, or not, under the exact comparator', () => {
    const exact = { kind: 'exact' } as const
    assert.equal(differenceOf(report('arg float 1\n', 'a b'), report('arg float 1\n', ' a  b'), exact), null)
    assert.notEqual(differenceOf(report('arg float 1\n'), report('arg float 1.0000001\n'), exact), null)
    assert.notEqual(differenceOf(report('arg float 0\n'), report('arg float -0\n'), exact), null)
  })

  it('are read back as they were written, and refused in any other form', () => {
    const written = encodeReport(report('call\n', 'x'))
    assert.deepEqual(Buffer.from(decodeReport(written).values), bytes('call\n'))
    assert.throws(() => decodeReport(written.subarray(1)), { code: /malformed|schema|not-canonical/ })
    assert.throws(() => decodeReport(Buffer.from([0xa0])), { code: 'schema' })
  })
})
