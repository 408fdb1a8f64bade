import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Coverage, decodeCoverage, encodeCoverage, MAX_COVERAGE_BYTES } from '../../protocol/index.ts'
import { readAnswer } from '../../sandbox/coverage/answer.ts'
import { splitNotes } from '../../sandbox/coverage/notes.ts'

const line = fc.record({
  line: fc.integer({ min: 1, max: 5000 }),
  reached: fc.boolean(),
  branches: fc.stringMatching(/^[01]{0,6}$/),
})
const coverages = fc
  .uniqueArray(line, { selector: ({ line }) => line, maxLength: 40 })
  .map((lines): Coverage => lines.map((one) => ({ ...one })).sort((a, b) => a.line - b.line))

describe('a coverage as text', () => {
  it('comes back as it was, and is one text', () => {
    fc.assert(
      fc.property(coverages, (coverage) => {
        const text = encodeCoverage(coverage)
        assert.ok(text !== null)
        assert.deepEqual(decodeCoverage(text), coverage)
      }),
      { seed: 81 },
    )
  })

  const BAD: { id: string; text: string }[] = [
    { id: 'nothing', text: '' },
    { id: 'no JSON', text: '{"v":1,' },
    { id: 'another version', text: '{"v":2,"lines":[]}' },
    { id: 'something more', text: '{"v":1,"lines":[],"more":1}' },
    { id: 'lines out of order', text: '{"v":1,"lines":[[2,1,""],[1,1,""]]}' },
    { id: 'a line twice', text: '{"v":1,"lines":[[2,1,""],[2,1,""]]}' },
    { id: 'line 0', text: '{"v":1,"lines":[[0,1,""]]}' },
    { id: 'a count', text: '{"v":1,"lines":[[1,2,""]]}' },
    { id: 'branches of other letters', text: '{"v":1,"lines":[[1,1,"0x"]]}' },
    { id: 'a blank', text: '{"v":1, "lines":[]}' },
    { id: 'a number in other words', text: '{"v":1,"lines":[[1e0,1,""]]}' },
    { id: 'too much', text: `{"v":1,"lines":[${'[1,1,""],'.repeat(MAX_COVERAGE_BYTES / 8)}]}` },
  ]
  for (const { id, text } of BAD) {
    it(`is none: ${id}`, () => assert.equal(decodeCoverage(Buffer.from(text)), null))
  }

  it('is not told where it would be too long', () => {
    const long = Array.from({ length: 20_001 }, (_, at) => ({ line: at + 1, reached: true, branches: '' }))
    assert.equal(encodeCoverage(long), null)
    assert.equal(encodeCoverage([{ line: 1, reached: true, branches: '0'.repeat(5000) }]), null)
  })
})

describe("gcov's answer", () => {
  const row = (at: number, count: number, name = 'f', branches: object[] = []) => ({
    ...{ line_number: at, count, function_name: name, unexecuted_block: false, branches },
  })
  const answer = (lines: object[], file = 'code') =>
    JSON.stringify({ format_version: '1', files: [{ file, functions: [], lines }] })

  it('is read line by line, instances of a line joined, in the order of their names', () => {
    const way = (count: number, fallthrough = false) => ({ count, throw: false, fallthrough })
    const text = answer([row(3, 0, 'b', [way(0), way(7, true)]), row(1, 2), row(3, 4, 'a', [way(1, true), way(0)])])
    assert.deepEqual(readAnswer(text), [
      { line: 1, reached: true, branches: '' },
      { line: 3, reached: true, branches: '1001' },
    ])
  })

  const [ON, OUT] = [
    { count: 9, throw: false, fallthrough: true },
    { count: 0, throw: true, fallthrough: false },
  ]
  const [YES, NO] = [
    { count: 1, throw: false, fallthrough: true },
    { count: 0, throw: false, fallthrough: false },
  ]
  const WAYS: { id: string; branches: object[]; told: string }[] = [
    { id: 'a call', branches: [ON, OUT], told: '' },
    { id: 'a call, the other way about', branches: [OUT, ON], told: '' },
    { id: 'a condition', branches: [YES, NO], told: '10' },
    { id: 'a call in a condition', branches: [ON, OUT, YES, NO], told: '10' },
    { id: 'a condition before calls', branches: [NO, YES, OUT, ON, ON, OUT], told: '01' },
    { id: 'a call between conditions', branches: [YES, NO, ON, OUT, NO, YES], told: '1001' },
    { id: 'a switch', branches: [NO, NO, NO], told: '000' },
    { id: 'only out', branches: [OUT], told: '' },
  ]
  for (const { id, branches, told } of WAYS) {
    it(`tells the ways of conditions from those of exceptions: ${id}`, () => {
      assert.equal(readAnswer(answer([row(1, 1, 'f', branches)]))?.[0]?.branches, told)
    })
  }

  it('says nothing of other files, and takes what later versions add', () => {
    assert.equal(readAnswer(answer([row(1, 1)], 'test 1')), null)
    assert.deepEqual(readAnswer(answer([{ ...row(1, 1), conditions: [], block_ids: [2] }], '/tmp/code')), [
      { line: 1, reached: true, branches: '' },
    ])
  })

  it('is none, whatever else it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => assert.equal(readAnswer(text), null)),
      { seed: 82 },
    )
  })
})

describe('notes behind a program', () => {
  it('are not found in bytes that are no program, or a program without', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (rest) => {
        assert.equal(splitNotes(rest), null)
        // A header that leads anywhere.
        assert.equal(splitNotes(Buffer.concat([Buffer.from('\x7fELF\x02\x01', 'latin1'), rest])), null)
      }),
      { seed: 83, numRuns: 1000 },
    )
  })
})
