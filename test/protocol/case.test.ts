import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { checkCaseFile, MAX_LINE_BYTES, parseCaseLine, readCases, type UsageError } from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import { scratch } from '../support/scratch.ts'

const where = { file: 'cases.jsonl', line: 7 }
const parse = (text: string) => parseCaseLine(text, where, () => 'hash')

const bad = [
  { id: 'no JSON', text: '{"id": 1,', says: /not a JSON object/ },
  { id: 'an array', text: '[]', says: /expected one JSON object, found an array/ },
  { id: 'a number', text: '3', says: /expected one JSON object, found 3/ },
  { id: 'null', text: 'null', says: /expected one JSON object, found null/ },
  { id: 'a missing field', text: '{"cpp_code":"x"}', says: /field cuda_code: missing; expected string/ },
  { id: 'a field of the wrong type', text: line(1, { cpp_code: 5 }), says: /field cpp_code: .*expected string/ },
  { id: 'empty code', text: line(1, { cuda_code: ' ' }), says: /field cuda_code: must not be empty/ },
  {
    id: 'an empty test',
    text: line(1, { consistent_cpp_inputs: ['x', ''] }),
    says: /field consistent_cpp_inputs, input 2: must not be empty/,
  },
  {
    id: 'different numbers of inputs',
    text: line(1, { consistent_cpp_inputs: ['x'] }),
    says: /consistent_cuda_inputs: 2 inputs, but consistent_cpp_inputs has 1/,
  },
  { id: 'an empty reference', text: line(1, { reference: ' ' }), says: /field reference: must not be empty/ },
  { id: 'a mutant of nothing', text: line(1, { mutant: { kind: 'bound' } }), says: /field mutant\.origin: .*expected string/ },
  { id: 'an unknown source', text: line(1, { source: 'RUST' }), says: /field source/ },
  { id: 'a 5 MB line', text: line(1, { note: 'x'.repeat(5_000_000) }), says: /bytes; a line may have at most/ },
]

describe('a line of a case file', () => {
  for (const { id, text, says } of bad) {
    it(`refuses ${id}, naming file and line`, () => {
      assert.throws(
        () => parse(text),
        (error: UsageError) => {
          assert.match(error.message, says)
          assert.match(error.message, /^cases\.jsonl, line 7/)
          assert.doesNotMatch(error.message, /\n/)
          return error.code === 'case'
        },
      )
    })
  }

  it('reads both accepted forms alike', () => {
    const first = JSON.parse(line(1)) as Record<string, unknown>
    const { cpp_code, cuda_code, cuda_wrapper, ...rest } = first
    const second = JSON.stringify({ CPP: cpp_code, CUDA: cuda_code, CUDA_WRAPPER: cuda_wrapper, ...rest })
    assert.deepEqual(parse(second), parse(line(1)))
  })

  it('takes a reference and the mark of a mutant where given, and has neither where not', () => {
    const mutant = { origin: '17', kind: 'bound' }
    const marked = parse(line(1, { reference: 'k', mutant: { ...mutant, field: 'cuda_code', line: 3 } }))
    assert.deepEqual([marked.reference, marked.mutant], ['k', mutant])
    assert.deepEqual(parse(line(1, { reference: null, mutant: null })), parse(line(1)))
    assert.deepEqual(
      ['reference', 'mutant'].map((field) => field in parse(line(1))),
      [false, false],
    )
  })

  it('takes source, id and problem where given, and says what they are where not', () => {
    assert.deepEqual(pick(parse(line(1, { source: 'CUDA', id: 'a', problem: 9 }))), { id: 'a', problem: '9', source: 'cuda' })
    assert.deepEqual(pick(parse(line(1, { id: null }))), { id: null, problem: 'hash', source: 'cpp' })
  })

  it('leaves unknown fields alone', () => {
    assert.doesNotThrow(() => parse(line(1, { anything: { at: ['all'] } })))
  })
})

function pick({ id, problem, source }: ReturnType<typeof parse>) {
  return { id, problem, source }
}

describe('a case file', () => {
  const files = [
    { id: 'a bad line in the middle', text: `${line(1)}\n{oops\n${line(2)}\n`, says: /line 2: not a JSON object/ },
    { id: 'an empty file', text: '\n  \n', says: /no cases in it/ },
    {
      id: 'bytes that are no text',
      text: Buffer.concat([Buffer.from(`${line(1)}\n`), Buffer.from([0x22, 0xff, 0x22])]),
      says: /line 2: not UTF-8/,
    },
    { id: 'a line without end', text: Buffer.alloc(MAX_LINE_BYTES + 1, 'x'), says: /line 1: longer than/ },
  ]
  for (const { id, text, says } of files) {
    it(`refuses ${id}`, async (t) => {
      const file = join(await scratch(t), 'cases.jsonl')
      await writeFile(file, text)
      await assert.rejects(checkCaseFile(file), (error: UsageError) => says.test(error.message) && error.code === 'case')
    })
  }

  it('refuses a file that is not there, and a folder', async (t) => {
    const folder = await scratch(t)
    await assert.rejects(checkCaseFile(join(folder, 'none')), /none: no such file; expected a file of cases/)
    await assert.rejects(checkCaseFile(folder), /a folder, not a file/)
  })

  it('passes over blank lines, keeps numbers, and takes a last line without line end', async (t) => {
    const file = join(await scratch(t), 'cases.jsonl')
    await writeFile(file, `\n${line(1)}\r\n\n${line(2)}`)
    const ids = []
    for await (const item of readCases(file)) ids.push(item.id)
    assert.deepEqual(ids, [1, 2])
    const rest = []
    for await (const item of readCases(file, { skip: 1 })) rest.push(item.id)
    assert.deepEqual(rest, [2])
    assert.equal((await checkCaseFile(file)).cases, 2)
  })

  it('reads lines that cross the chunks it reads', async (t) => {
    const file = join(await scratch(t), 'cases.jsonl')
    const long = Array.from({ length: 5 }, (_, n) => line(n, { note: 'y'.repeat(200_000 + n) }))
    await writeFile(file, long.join('\n'))
    assert.equal((await checkCaseFile(file)).cases, 5)
  })
})
