import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenize } from '../../sandbox/source/tokens.ts'

/** Text -> its tokens, separated by blanks here. */
const TOKENS: { id: string; text: string; tokens: string[] }[] = [
  {
    id: 'names, numbers, operators',
    text: 'a1=b->c+0x1Fu*1e-3f;',
    tokens: ['a1', '=', 'b', '->', 'c', '+', '0x1Fu', '*', '1e-3f', ';'],
  },
  { id: 'digit separators', text: "1'000'000 .5", tokens: ["1'000'000", '.5'] },
  { id: 'a launch', text: 'k<<<1,2>>>(a)', tokens: ['k', '<<<', '1', ',', '2', '>', '>', '>', '(', 'a', ')'] },
  {
    id: 'shifts and closing templates',
    text: 'x<<=1<<2; A<B<C>>d',
    tokens: ['x', '<<=', '1', '<<', '2', ';', 'A', '<', 'B', '<', 'C', '>', '>', 'd'],
  },
  { id: 'comments', text: 'a/*<<< " */b//c <<<\nd', tokens: ['a', 'b', 'd'] },
  { id: 'a comment that a continued line prolongs', text: '// a \\\n b\nc', tokens: ['c'] },
  { id: 'strings with quotes and continuations', text: '"a\\"b" L"\\\\" "x\\\ny"', tokens: ['"a\\"b"', 'L"\\\\"', '"x\\\ny"'] },
  { id: 'raw strings', text: 'R"(a"b)" u8R"--(x)")--" Rx', tokens: ['R"(a"b)"', 'u8R"--(x)")--"', 'Rx'] },
  { id: 'characters', text: "'\\'' '\"' u'x'", tokens: ["'\\''", "'\"'", "u'x'"] },
  { id: 'a comment sign in a string, a string sign in a comment', text: '"//" /*"*/ x', tokens: ['"//"', 'x'] },
  { id: 'pasting and qualified names', text: 'a##b ::c::d', tokens: ['a', '##', 'b', '::', 'c', '::', 'd'] },
]

for (const { id, text, tokens } of TOKENS) {
  test(`tokens: ${id}`, () => {
    const read = tokenize(text)
    assert.deepEqual(
      read.tokens.map((token) => token.text),
      tokens,
    )
    assert.deepEqual(read.problems, [])
    for (const { start, end, text: own } of read.tokens) assert.equal(text.slice(start, end), own)
  })
}

const PROBLEMS: { id: string; text: string; problems: string[] }[] = [
  { id: 'a comment left open', text: 'a /* b', problems: ['unterminated-comment'] },
  { id: 'a string left open', text: 'a "b\nc', problems: ['unterminated-string'] },
  { id: 'a character left open', text: "don't\n", problems: ['unterminated-character'] },
  { id: 'a raw string left open', text: 'R"x(a)y"', problems: ['unterminated-raw-string'] },
  { id: 'an apostrophe in an error line is none', text: "#error don't\na", problems: [] },
]

for (const { id, text, problems } of PROBLEMS) {
  test(`problems: ${id}`, () => assert.deepEqual(tokenize(text).problems, problems))
}

test('preprocessor lines are numbered, with their continuations', () => {
  const { tokens } = tokenize('#define A b \\\n c\nd\n  # if 1\ne # f')
  const lines = tokens.map(({ text, directive }) => `${text}${directive}`)
  assert.deepEqual(lines, ['#0', 'define0', 'A0', 'b0', 'c0', 'd-1', '#1', 'if1', '11', 'e-1', '#-1', 'f-1'])
})

test('any text can be tokenised, in time that grows with its length', () => {
  const long = `"${'\\"a'.repeat(300_000)}"`
  assert.equal(tokenize(long).tokens.length, 1)
  assert.equal(tokenize('\u0000\uffff\ud83d\ude00é @`').problems.length, 0)
})
