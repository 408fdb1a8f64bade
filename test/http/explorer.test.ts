import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compatEqual } from '../../protocol/index.ts'

interface Marked {
  before: string
  mark: string
  after: string
}
type FirstDifference = (cpp: string, cuda: string) => { line: number; cpp: Marked; cuda: Marked } | null

// The explorer is plain JavaScript for browsers; this part of it knows nothing of a page.
const file = new URL('../../coordinator/explorer/difference.js', import.meta.url).href
const { firstDifference } = (await import(file)) as { firstDifference: FirstDifference }

const TABLE: { id: string; cpp: string; cuda: string; found: [line: number, cpp: string, cuda: string] | null }[] = [
  { id: 'equal', cpp: 'a b\n', cuda: 'a b\n', found: null },
  { id: 'white space only', cpp: '\n a  b \r\nc\n\n', cuda: 'a b\nc', found: null },
  { id: 'both empty', cpp: '', cuda: '\n\n', found: null },
  { id: 'a word', cpp: 'x\na b c\n', cuda: 'x\na B c\n', found: [2, 'b', 'B'] },
  { id: 'a word after other white space', cpp: 'a   b', cuda: ' a c', found: [1, 'b', 'c'] },
  { id: 'one line longer', cpp: 'a b', cuda: 'a', found: [1, 'b', ''] },
  { id: 'one has a line more', cpp: 'a\nb', cuda: 'a', found: [2, 'b', ''] },
  { id: 'the other has a line more', cpp: 'a', cuda: 'a\nb', found: [2, '', 'b'] },
  { id: 'nothing and something', cpp: '', cuda: 'b', found: [1, '', 'b'] },
  { id: 'after blank lines at the start', cpp: '\n\na\nb', cuda: 'a\nc', found: [4, 'b', 'c'] },
  { id: 'a blank line in the middle', cpp: 'a\n\nb', cuda: 'a\nb', found: [2, '', 'b'] },
  { id: 'carriage returns alone', cpp: 'a\rb', cuda: 'a\nc', found: [2, 'b', 'c'] },
  { id: 'an odd space is no white space', cpp: 'a\u00a0b', cuda: 'a b', found: [1, 'a\u00a0b', 'a'] },
]

test('the first difference is where the compat rule finds one', () => {
  for (const { id, cpp, cuda, found } of TABLE) {
    const difference = firstDifference(cpp, cuda)
    assert.deepEqual(difference === null ? null : [difference.line, difference.cpp.mark, difference.cuda.mark], found, id)
    assert.equal(difference === null, compatEqual(Buffer.from(cpp), Buffer.from(cuda)), `${id}: as the rule`)
    if (difference === null) continue
    for (const [text, { before, mark, after }] of [
      [cpp, difference.cpp],
      [cuda, difference.cuda],
    ] as const) {
      assert.equal(before + mark + after, text, `${id}: nothing of the text is lost`)
    }
  }
})
