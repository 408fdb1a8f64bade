import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildTests } from './build.ts'

/** What the reference's compiler refuses by default on the C++ side, though it says so as of a warning. */
const REFUSED = [
  { id: 'a number in braces that does not fit', code: 'char digits[2] = {300, 1};' },
  { id: 'a fraction in braces of integers', code: 'int halves[1] = {.5};' },
]

for (const { id, code } of REFUSED) {
  test(`refused as by the reference: ${id}`, () => {
    const built = buildTests('host', code, ['puts("built");'])
    assert.ok('complaint' in built, 'it was built')
    assert.match(built.complaint, /narrowing/)
  })
}
