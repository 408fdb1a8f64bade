import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

interface Piece {
  kind: string
  text: string
}
const file = new URL('../../coordinator/explorer/highlight.js', import.meta.url).href
const { pieces, linesOf } = (await import(file)) as {
  pieces: (code: string) => Piece[]
  linesOf: (code: string) => Piece[][]
}

const TABLE: { id: string; code: string; found: [kind: string, text: string][] }[] = [
  { id: 'words', code: 'int a', found: [['word', 'int'], ['', ' a']] }, // biome-ignore format: a table
  { id: 'a word inside a name', code: 'internal', found: [['', 'internal']] },
  { id: 'CUDA', code: '__global__ void', found: [['cuda', '__global__'], ['', ' '], ['word', 'void']] }, // biome-ignore format: a table
  { id: 'a launch', code: 'k<<<1,2>>>()', found: [['', 'k'], ['cuda', '<<<'], ['number', '1'], ['', ','], ['number', '2'], ['cuda', '>>>'], ['', '()']] }, // biome-ignore format: a table
  { id: 'a comment in a text', code: '"/*" x', found: [['text', '"/*"'], ['', ' x']] }, // biome-ignore format: a table
  { id: 'a text in a comment', code: '// "\nx', found: [['comment', '// "'], ['', '\nx']] }, // biome-ignore format: a table
  { id: 'an open comment', code: '/* int', found: [['comment', '/* int']] },
  { id: 'an open text ends with its line', code: '"int\nint', found: [['text', '"int'], ['', '\n'], ['word', 'int']] }, // biome-ignore format: a table
  { id: 'an escaped quote', code: '"\\""', found: [['text', '"\\""']] },
  { id: 'a raw text', code: 'R"x(a)" )x"', found: [['text', 'R"x(a)" )x"']] },
  { id: 'a directive', code: '#include <a>\nint', found: [['directive', '#include <a>'], ['', '\n'], ['word', 'int']] }, // biome-ignore format: a table
  { id: 'a number', code: "1.5e-3f+0x1'F", found: [['number', '1.5e-3f'], ['', '+'], ['number', "0x1'F"]] }, // biome-ignore format: a table
]

test('code is cut where its parts begin', () => {
  for (const { id, code, found } of TABLE) {
    assert.deepEqual(
      pieces(code).map(({ kind, text }) => [kind, text]),
      found,
      id,
    )
  }
})

test('no letter of any text is lost', () => {
  const letters = fc.constantFrom(
    '"',
    "'",
    '\\',
    '/',
    '*',
    '\n',
    '#',
    'R',
    '(',
    ')',
    'int',
    '<<<',
    '1',
    'e',
    '.',
    '🦊',
    '\ud800',
    ' ',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(letters).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(texts, (code) => {
      assert.equal(
        pieces(code)
          .map(({ text }) => text)
          .join(''),
        code,
      )
      const lines = linesOf(code).map((line) => line.map(({ text }) => text).join(''))
      assert.equal(lines.join('\n'), code)
    }),
    { numRuns: 500 },
  )
})
