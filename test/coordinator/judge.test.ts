import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CellDecision } from '../../coordinator/rules/ballot.ts'
import { judge } from '../../coordinator/rules/judge.ts'
import type { TestStatus } from '../../protocol/index.ts'

function cell(text: string | null): CellDecision | null {
  if (text === null) return null
  const [status, output = ''] = text.split(' ')
  return { status: status as TestStatus, output, compat: output, class: 'k', votes: 2 }
}

const FULL = 60_000
const SHORT = 2_000

const rows = [
  { id: 'equal outputs', cpp: 'success a', cuda: 'success a', wallMs: FULL, compat: 'pass' },
  { id: 'different outputs', cpp: 'success a', cuda: 'success b', wallMs: FULL, compat: 'fail' },
  { id: 'a side undecided', cpp: 'success a', cuda: null, wallMs: FULL, compat: 'unknown' },
  { id: 'both undecided', cpp: null, cuda: null, wallMs: FULL, compat: 'unknown' },
  { id: 'unsupported', cpp: 'success a', cuda: 'unsupported', wallMs: FULL, compat: 'unknown' },
  { id: 'unsupported beside an error', cpp: 'runtime_error', cuda: 'unsupported', wallMs: FULL, compat: 'unknown' },
  { id: 'memory limit of ours', cpp: 'success a', cuda: 'memory_limit', wallMs: FULL, compat: 'unknown' },
  { id: 'output limit of ours', cpp: 'output_limit', cuda: 'success a', wallMs: FULL, compat: 'unknown' },
  { id: "timeout after the reference's time", cpp: 'success a', cuda: 'timeout', wallMs: FULL, compat: 'fail' },
  { id: 'timeout before it', cpp: 'success a', cuda: 'timeout', wallMs: SHORT, compat: 'unknown' },
  { id: 'translation does not compile', cpp: 'success a', cuda: 'compile_error', wallMs: FULL, compat: 'fail' },
  { id: 'original does not compile', cpp: 'compile_error', cuda: 'success a', wallMs: FULL, compat: 'fail' },
  { id: 'equal outputs of programs that failed', cpp: 'runtime_error a', cuda: 'runtime_error a', wallMs: FULL, compat: 'fail' },
] as const

describe('a cell under the compat rule', () => {
  for (const { id, cpp, cuda, wallMs, compat } of rows) {
    it(`${id}: ${compat}`, () => {
      assert.deepEqual(judge([{ cpp: cell(cpp), cuda: cell(cuda) }], wallMs).cells, [{ compat, strict: 'unknown' }])
    })
  }
})

const pass = { cpp: cell('success a'), cuda: cell('success a') }
const fail = { cpp: cell('success a'), cuda: cell('success b') }
const unknown = { cpp: cell('success a'), cuda: null }

describe('a case under the compat rule', () => {
  for (const { id, cells, word } of [
    { id: 'all pass', cells: [pass, pass], word: 'equivalent' },
    { id: 'one fails', cells: [pass, fail], word: 'different' },
    { id: 'one fails and one is unknown', cells: [unknown, fail], word: 'different' },
    { id: 'one is unknown', cells: [pass, unknown], word: 'undecided' },
    { id: 'no test at all', cells: [], word: 'undecided' },
  ]) {
    it(`${id}: ${word}`, () => {
      const judgement = judge(cells, FULL)
      assert.equal(judgement.compat, word)
      assert.equal(judgement.strict, 'undecided')
    })
  }
})
