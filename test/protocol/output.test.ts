import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compatEqual, compatForm, outputText } from '../../protocol/index.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

const rows = [
  { id: 'same text', a: 'x 1\n', b: 'x 1\n', equal: true },
  { id: 'trailing line ends', a: 'x\n\n\n', b: '\nx', equal: true },
  { id: 'runs of blanks', a: 'a  b\t c', b: ' a b c ', equal: true },
  { id: 'carriage return is a line end', a: 'a\rb', b: 'a\nb', equal: true },
  { id: 'carriage return and line feed are one', a: 'a\r\nb', b: 'a\nb', equal: true },
  { id: 'a line end is no blank', a: 'a\nb', b: 'a b', equal: false },
  { id: 'an empty line between counts', a: 'a\n\nb', b: 'a\nb', equal: false },
  { id: 'a line of blanks is an empty line', a: 'a\n \t\nb', b: 'a\n\nb', equal: true },
  { id: 'nothing equals white space', a: '', b: ' \n\t ', equal: true },
  { id: 'minus zero is another text', a: '-0', b: '0', equal: false },
  { id: 'nan and -nan differ', a: 'nan', b: '-nan', equal: false },
  { id: 'six digits hide the rest', a: '1.23457e+07', b: '1.23457e+07', equal: true },
  { id: 'form feed and vertical tab are blanks', a: 'a\fb\vc', b: 'a b c', equal: true },
  { id: 'zero bytes are no blanks', a: 'a\0b', b: 'a b', equal: false },
  { id: 'high bytes stay', a: '[ \xff, \x80 ]', b: '[ \xff, \x80 ]', equal: true },
  { id: 'high bytes differ', a: '\xff', b: '\xfe', equal: false },
]

describe('the compat rule on outputs', () => {
  for (const { id, a, b, equal } of rows) {
    it(id, () => {
      assert.equal(compatEqual(bytes(a), bytes(b)), equal)
      assert.equal(compatEqual(bytes(b), bytes(a)), equal)
    })
  }

  it('is a normal form: doing it twice changes nothing', () => {
    for (const { id, a } of rows) assert.deepEqual(compatForm(compatForm(bytes(a))), compatForm(bytes(a)), id)
  })

  it('takes a line of a megabyte', () => {
    const long = Buffer.alloc(1024 * 1024, 'x ')
    assert.equal(compatForm(long).length, long.length - 1)
  })

  it('shows bytes that are no text without losing the rest', () => {
    assert.equal(outputText(Buffer.from([0x61, 0xff, 0x62])), 'a\ufffdb')
  })
})
