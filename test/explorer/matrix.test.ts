import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CELL_BYTES, CELL_WORDS } from '../../coordinator/http/matrix.ts'
import { REASONS } from '../../coordinator/http/reasons.ts'

interface Place {
  index: number
  test: number
}
interface Layout {
  height: number
  perBand: number
  corner(place: Place): { x: number; y: number }
  at(x: number, y: number): Place | null
  seen(top: number, bottom: number): { from: number; to: number }
}
const load = async (name: string) => await import(new URL(`../../coordinator/explorer/matrix/${name}.js`, import.meta.url).href)
const { layout, moved, SIZES } = await load('layout')
const { cellOfByte } = await load('cells')

const shapes = fc.record({
  cases: fc.integer({ min: 1, max: 200_000 }),
  tests: fc.integer({ min: 1, max: 30 }),
  width: fc.integer({ min: 10, max: 3000 }),
  cell: fc.constantFrom(...(SIZES as number[])),
})

test('a cell is found where it is drawn, and is among those that are seen there', () => {
  fc.assert(
    fc.property(shapes, fc.nat(), fc.nat(), (shape, a, b) => {
      const place = { index: a % shape.cases, test: b % shape.tests }
      const made: Layout = layout(shape)
      const { x, y } = made.corner(place)
      assert.deepEqual(made.at(x, y), place)
      assert.deepEqual(made.at(x + shape.cell - 1, y + shape.cell - 1), place)
      assert.ok(y + shape.cell <= made.height, 'it is in the area that can be scrolled to')
      const { from, to } = made.seen(y, y + shape.cell)
      assert.ok(from <= place.index && place.index < to)
      assert.ok(to - from <= 2 * made.perBand, 'what is drawn does not grow with the round')
    }),
  )
})

test('keys lead from cell to cell, and never out of the matrix', () => {
  const keys = fc.array(fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'))
  fc.assert(
    fc.property(shapes, keys, (shape, pressed) => {
      const { perBand }: Layout = layout(shape)
      let place: Place = { index: 0, test: 0 }
      for (const key of pressed) place = moved(key, place, { ...shape, perBand, bandsOfPage: 3 })
      assert.ok(place.index >= 0 && place.index < shape.cases && place.test >= 0 && place.test < shape.tests)
    }),
  )
  assert.equal(moved('a', { index: 0, test: 0 }, { cases: 1, tests: 1, perBand: 1, bandsOfPage: 1 }), null)
})

test('the page reads a cell as the coordinator writes it', () => {
  const { judged, ...others } = CELL_BYTES
  for (const [compat, compatWord] of CELL_WORDS.entries()) {
    for (const [strict, strictWord] of CELL_WORDS.entries()) {
      for (const reason of REASONS.keys()) {
        const byte = judged | (compat << 5) | (strict << 3) | reason
        assert.equal(cellOfByte(byte, 'compat').kind, compatWord)
        assert.equal(cellOfByte(byte, 'strict').kind, strictWord)
        assert.notEqual(cellOfByte(byte, 'strict').sign, '', 'no judgement by colour alone')
      }
    }
  }
  const kinds = Object.entries(others).map(([name, byte]) => [name, cellOfByte(byte, 'strict').kind])
  assert.deepEqual(Object.fromEntries(kinds), { none: 'none', open: 'open', held: 'open', abandoned: 'void' })
  const signs = REASONS.map((_, reason) => cellOfByte(judged | (1 << 5) | (1 << 3) | reason, 'strict').sign)
  assert.equal(new Set(signs).size, REASONS.length, 'every reason has a sign of its own')
})
