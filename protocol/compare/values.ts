import { close, type Difference, type IsClose, type NumericComparator, type Tolerance } from './comparator.ts'
import { numberOf } from './text.ts'

const REAL = ['float', 'double', 'extended'] as const
type Real = (typeof REAL)[number]

/** One line of `values`: see `IsolatedReport`. */
interface Line {
  /** `call`, `return`, `arg`, `thrown`. */
  word: string
  /** Type with its extents, or the only word. */
  type: string
  elements: string[]
}

/**
 * Whether two records of what `wrapper` saw say the same: the same calls, the same number of values, arrays of the same
 * extents; numbers with a fraction within the tolerance of the coarser of the two types, integers, characters and all else
 * exactly. Addresses are equal to each other.
 */
export function differenceOfValues(
  a: Uint8Array,
  b: Uint8Array,
  comparator: NumericComparator,
  isClose: IsClose = close,
): Difference | null {
  const [lines, others] = [linesOf(a), linesOf(b)]
  const place = new Place()
  for (let at = 0; at < Math.max(lines.length, others.length); at++) {
    const [line, other] = [lines[at], others[at]]
    place.step(line ?? other)
    if (line === undefined || other === undefined) return `${place}: only one side has it`
    const difference = differenceOfLines(line, other, comparator, isClose)
    if (difference !== null) return `${place}${difference}`
  }
  return null
}

/** What the line that is looked at is called. */
class Place {
  #calls = 0
  #arguments = 0
  #name = ''

  step(line: Line | undefined): void {
    if (line?.word === 'call') {
      this.#calls++
      this.#arguments = 0
    }
    if (line?.word === 'arg') this.#arguments++
    this.#name = line?.word === 'arg' ? `argument ${this.#arguments}` : line?.word === 'return' ? 'returned value' : 'call'
  }

  toString(): string {
    return this.#calls > 1 ? `call ${this.#calls}, ${this.#name}` : this.#name
  }
}

function linesOf(values: Uint8Array): Line[] {
  const text = Buffer.from(values).toString('latin1')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [word = '', type = '', ...elements] = line.split(' ')
      return { word, type, elements }
    })
}

function differenceOfLines(a: Line, b: Line, comparator: NumericComparator, isClose: IsClose): Difference | null {
  if (a.word !== b.word) return `: ${a.word} against ${b.word}`
  const [left, right] = [typeOf(a), typeOf(b)]
  const tolerance = toleranceFor(left.name, right.name, comparator)
  if (tolerance === null && left.name !== right.name) return `: ${a.type} against ${b.type}`
  if (left.extents !== right.extents || a.elements.length !== b.elements.length) return `: ${a.type} against ${b.type}`
  for (const [at, element] of a.elements.entries()) {
    const other = b.elements[at] as string
    if (element === other || (tolerance !== null && isClose(numberOf(element), numberOf(other), tolerance))) continue
    const where = left.extents === '' ? '' : `, element ${at + 1}`
    return `${where}: ${element.slice(0, 40)} against ${other.slice(0, 40)}`
  }
  return null
}

function typeOf({ type }: Line): { name: string; extents: string } {
  const bracket = type.indexOf('[')
  return bracket < 0 ? { name: type, extents: '' } : { name: type.slice(0, bracket), extents: type.slice(bracket) }
}

/** Of the coarser type, where at least one has a fraction and the other is a number; null: to be compared exactly. */
function toleranceFor(a: string, b: string, { float, double }: NumericComparator): Tolerance | null {
  const reals = [a, b].filter((name): name is Real => REAL.some((real) => real === name))
  if (reals.length === 0 || ![a, b].every((name) => name === 'int' || reals.some((real) => real === name))) return null
  return reals.includes('float') ? float : double
}
