import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fillReadme, formatLines, linesFile, readExamples, readmeFile } from '../../docs/examples/build.ts'
import { parseCaseLine } from '../../protocol/case.ts'

const built = readFileSync(linesFile, 'utf8')
const examples = readExamples()
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

/** The kinds of code that people port: each must be there. */
const kinds = [
  'axpy',
  'gemv',
  'gemm',
  'spmv',
  'jacobi',
  'cg',
  'reduction',
  'scan',
  'prefix sum by shuffle',
  'histogram',
  '1-D stencil',
  '2-D stencil',
  'streams and events',
  'transpose',
  'convolution',
  'softmax',
  'argmax',
  'sort',
  'n-body',
  'mandelbrot',
  'floyd-warshall',
  'k-means',
  'image gray',
  'image blur',
  'dot product with templates',
]

/** The ways of going wrong: each must be there. */
const ways = ['W1', 'W2', 'W3', 'W4', 'W5', 'W6', 'W7', 'W8', 'W9', 'W10', 'W11', 'W12', 'H6']

describe('the example round', () => {
  test('is built from its sources', () => {
    assert.equal(built, formatLines(examples), 'run: node docs/examples/build.ts')
  })

  test('is listed in the README', () => {
    const readme = readFileSync(readmeFile, 'utf8')
    assert.equal(readme, fillReadme(readme, examples), 'run: node docs/examples/build.ts')
  })

  test('is read by the reader of case files', () => {
    const lines = built.trimEnd().split('\n')
    assert.equal(lines.length, examples.length)
    for (const [index, line] of lines.entries()) {
      const example = parseCaseLine(line, { file: 'first-round.jsonl', line: index + 1 }, hash)
      assert.equal(example.id, examples[index]?.id)
      assert.equal(example.source, examples[index]?.source.toLowerCase())
    }
  })

  test('numbers its cases from 1', () => {
    for (const [index, { id }] of examples.entries()) {
      assert.equal(Number(id.slice(0, 2)), index + 1, id)
    }
  })

  test('has at least 24 functions', () => {
    assert.ok(new Set(examples.map((example) => example.cpp_code)).size >= 24)
  })

  test('has right translations of at least 12 functions', () => {
    const right = examples.filter((example) => example.wrong === null && example.expect.compat === 'equivalent')
    assert.ok(new Set(right.map((example) => example.cpp_code)).size >= 12)
  })

  test('has no translation twice', () => {
    const translations = examples.map((example) => example.cpp_code + example.cuda_code + example.cuda_wrapper)
    assert.equal(new Set(translations).size, translations.length)
  })

  test('has five tests a case, the same on both sides but for the name that is called', () => {
    for (const { id, consistent_cpp_inputs: cpp, consistent_cuda_inputs: cuda } of examples) {
      assert.equal(cpp.length, 5, id)
      assert.equal(cuda.length, 5, id)
      for (const [index, input] of cpp.entries()) {
        assert.match(input, /wrapper\(\w+, [^;]*\);\n$/, `${id}, test ${index + 1}`)
        assert.equal(input.match(/\bwrapper\(/g)?.length, 1, `${id}, test ${index + 1}`)
        assert.equal(anonymous(input), anonymous(cuda[index] ?? ''), `${id}, test ${index + 1}`)
        assert.notEqual(input, cuda[index], `${id}, test ${index + 1}`)
      }
      assert.equal(new Set(cpp).size, 5, `${id}: the same test twice`)
    }
  })

  test('is wrong in at least a third', () => {
    const wrong = examples.filter((example) => example.wrong !== null)
    assert.ok(wrong.length >= Math.max(13, examples.length / 3), `${wrong.length} of ${examples.length}`)
  })

  test('has every kind and every way of going wrong', () => {
    const listed = new Set(examples.flatMap((example) => example.kind.split('; ')))
    assert.deepEqual(
      kinds.filter((kind) => !listed.has(kind)),
      [],
    )
    const hostile = new Set(examples.map((example) => example.hostile))
    assert.deepEqual(
      ways.filter((way) => !hostile.has(way)),
      [],
    )
  })

  test('has two cases that do not compile and one that never ends', () => {
    const wrong = (words: string) => examples.filter((example) => example.wrong?.startsWith(words)).length
    assert.equal(wrong('does not compile'), 2)
    assert.equal(wrong('never ends'), 1)
  })

  test('expects no wrong translation to pass strict, but for one that its tests cannot tell', () => {
    const believed = examples.filter(({ wrong, expect }) => wrong !== null && expect.strict !== 'different')
    assert.deepEqual(
      believed.map((example) => example.hostile),
      ['W6'],
    )
  })

  test('shows the rules differing in either direction', () => {
    const pairs = new Set(examples.map(({ expect }) => `${expect.compat} ${expect.strict}`))
    for (const pair of ['equivalent different', 'different equivalent', 'equivalent invalid']) {
      assert.ok(pairs.has(pair), pair)
    }
  })

  test('says why in one sentence', () => {
    for (const { id, why } of examples) assert.match(why, /^[^\n]+\.$/, id)
  })
})

function anonymous(input: string): string {
  return input.replace(/\bwrapper\(\w+,/, 'wrapper(FUNCTION,')
}
