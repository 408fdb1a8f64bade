import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CellDecision } from '../../coordinator/rules/ballot.ts'
import { explained, flagsOf, hasSameFill, judge, type SideEvidence, type TestEvidence } from '../../coordinator/rules/judge.ts'
import type { Flag, Side, StrictPass, TestStatus } from '../../protocol/index.ts'

/** A decision written short: `success a` is status and output, `success a !race` the same with a finding; null is none. */
function cell(text: string | null): CellDecision | null {
  if (text === null) return null
  const [status, ...rest] = text.split(' ')
  const flags = rest.filter((word) => word.startsWith('!')).map((word) => word.slice(1) as Flag)
  const output = rest.find((word) => !word.startsWith('!')) ?? ''
  const findings = flags.map((flag) => ({ flag, file: 'code', line: 3, what: 'w' }))
  return { status: status as TestStatus, output, compat: output, masked: output, findings, class: 'k', votes: 2 }
}

function only(plain: string | null): SideEvidence {
  return { plain: cell(plain), strict: {}, sameFill: null }
}

function plainly(cpp: string | null, cuda: string | null): TestEvidence {
  return { cpp: only(cpp), cuda: only(cuda), equal: null }
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
      assert.deepEqual(judge([plainly(cpp, cuda)], { source: 'cpp', wallMs }).cells, [{ compat, strict: 'unknown' }])
    })
  }
})

const pass = plainly('success a', 'success a')
const fail = plainly('success a', 'success b')
const unknown = plainly('success a', null)

describe('a plain run that nodes agree on within the tolerance only', () => {
  const near = { ...only('success a'), plain: { ...(cell('success a') as CellDecision), near: true } }
  for (const { id, cpp, cuda, compat } of [
    { id: 'which text the reference would have seen, nobody can tell', cpp: near, cuda: only('success a'), compat: 'unknown' },
    { id: 'of the translation alike', cpp: only('success b'), cuda: near, compat: 'unknown' },
    { id: 'a side that failed needs no text', cpp: near, cuda: only('runtime_error'), compat: 'fail' },
  ]) {
    it(`${id}: ${compat}`, () => {
      assert.equal(judge([{ cpp, cuda, equal: null }], { source: 'cpp', wallMs: FULL }).cells[0]?.compat, compat)
    })
  }
})

describe('a case under the compat rule', () => {
  for (const { id, cells, word } of [
    { id: 'all pass', cells: [pass, pass], word: 'equivalent' },
    { id: 'one fails', cells: [pass, fail], word: 'different' },
    { id: 'one fails and one is unknown', cells: [unknown, fail], word: 'different' },
    { id: 'one is unknown', cells: [pass, unknown], word: 'undecided' },
    { id: 'no test at all', cells: [], word: 'undecided' },
  ]) {
    it(`${id}: ${word}`, () => {
      const judgement = judge(cells, { source: 'cpp', wallMs: FULL })
      assert.equal(judgement.compat, word)
      assert.equal(judgement.strict, 'undecided')
    })
  }
})

/** A side with all passes clean, but for what is said otherwise. */
function side(plain: string | null, passes: Partial<Record<StrictPass, string | null>> = {}): SideEvidence {
  const strict = { isolated: 'success a', sanitized: 'success', races: 'success', ...passes }
  const cells = Object.fromEntries(Object.entries(strict).map(([pass, text]) => [pass, cell(text)]))
  const evidence = { plain: cell(plain), strict: cells }
  return { ...evidence, sameFill: hasSameFill(evidence) }
}

const clean = side('success a')
const unsure = side('success a', { sanitized: null })
const flagged = side('success a', { sanitized: 'success !undefined-behaviour' })

const strictRows = [
  { id: 'clean and equal', original: clean, translation: clean, equal: true, strict: 'pass' },
  { id: 'clean and not equal', original: clean, translation: clean, equal: false, strict: 'fail' },
  { id: 'not compared', original: clean, translation: clean, equal: null, strict: 'unknown' },
  {
    id: 'no strict passes',
    original: { ...clean, strict: {} },
    translation: { ...clean, strict: {} },
    equal: true,
    strict: 'unknown',
  },
  {
    id: 'original numerically unstable',
    original: side('success a !numerically-unstable'),
    translation: clean,
    equal: true,
    strict: 'void',
  },
  {
    id: 'translation numerically unstable',
    original: clean,
    translation: side('success a !numerically-unstable'),
    equal: true,
    strict: 'fail',
  },
  { id: 'original undecided', original: side(null), translation: clean, equal: true, strict: 'unknown' },
  { id: 'translation undecided', original: clean, translation: side(null), equal: true, strict: 'unknown' },
  { id: 'translation unsupported', original: flagged, translation: side('unsupported'), equal: null, strict: 'unknown' },
  { id: 'original failed', original: side('runtime_error'), translation: clean, equal: null, strict: 'void' },
  { id: 'original out of a limit of ours', original: side('memory_limit'), translation: clean, equal: null, strict: 'void' },
  { id: 'original flagged', original: flagged, translation: clean, equal: true, strict: 'void' },
  {
    id: 'original flagged, translation failed',
    original: flagged,
    translation: side('compile_error'),
    equal: null,
    strict: 'void',
  },
  {
    id: 'original vacuous',
    original: side('success a', { isolated: 'success a !vacuous-test' }),
    translation: clean,
    equal: true,
    strict: 'void',
  },
  { id: 'original not known to be clean', original: unsure, translation: clean, equal: true, strict: 'unknown' },
  {
    id: 'original not known, translation failed',
    original: unsure,
    translation: side('compile_error'),
    equal: null,
    strict: 'unknown',
  },
  {
    id: 'translation does not compile',
    original: clean,
    translation: side('compile_error', { isolated: null, sanitized: null, races: null }),
    equal: null,
    strict: 'fail',
  },
  { id: 'translation out of a limit of ours', original: clean, translation: side('memory_limit'), equal: null, strict: 'fail' },
  {
    id: 'translation ends before the harness has reported',
    original: clean,
    translation: side('success a', { isolated: 'runtime_error' }),
    equal: null,
    strict: 'fail',
  },
  {
    id: 'translation cannot be isolated',
    original: clean,
    translation: side('success a', { isolated: 'unsupported' }),
    equal: null,
    strict: 'unknown',
  },
  { id: 'translation flagged', original: clean, translation: flagged, equal: true, strict: 'fail' },
  {
    id: 'translation with a race',
    original: clean,
    translation: side('success a', { races: 'success !race' }),
    equal: true,
    strict: 'fail',
  },
  {
    id: 'translation without kernel work',
    original: clean,
    translation: side('success a', { isolated: 'success a !no-kernel-work' }),
    equal: true,
    strict: 'fail',
  },
  { id: 'translation prints memory nobody wrote', original: clean, translation: side('success b'), equal: true, strict: 'fail' },
  { id: 'translation not known to be clean', original: clean, translation: unsure, equal: true, strict: 'unknown' },
  { id: 'translation not known to be clean, and not equal', original: clean, translation: unsure, equal: false, strict: 'fail' },
  {
    id: 'a pass that ran out of time',
    original: clean,
    translation: side('success a', { sanitized: 'timeout' }),
    equal: true,
    strict: 'unknown',
  },
  {
    id: 'a pass that ended badly without a finding',
    original: clean,
    translation: side('success a', { sanitized: 'runtime_error' }),
    equal: true,
    strict: 'unknown',
  },
] as const

describe('a cell under the strict rule', () => {
  for (const source of ['cpp', 'cuda'] as const) {
    for (const { id, original, translation, equal, strict } of strictRows) {
      it(`original ${source}, ${id}: ${strict}`, () => {
        const other: Side = source === 'cpp' ? 'cuda' : 'cpp'
        const test = { [source]: original, [other]: translation, equal } as unknown as TestEvidence
        assert.equal(judge([test], { source, wallMs: FULL }).cells[0]?.strict, strict)
      })
    }
  }
})

const passes = { cpp: clean, cuda: clean, equal: true }
const fails = { cpp: clean, cuda: flagged, equal: true }
const voids = { cpp: flagged, cuda: clean, equal: true }
const unknowns = { cpp: clean, cuda: unsure, equal: true }

describe('a case under the strict rule', () => {
  for (const { id, cells, word } of [
    { id: 'all pass', cells: [passes, passes], word: 'equivalent' },
    { id: 'one passes, the others are void', cells: [voids, passes, voids], word: 'equivalent' },
    { id: 'all void', cells: [voids, voids], word: 'invalid' },
    { id: 'one fails', cells: [passes, voids, fails], word: 'different' },
    { id: 'one fails and one is unknown', cells: [unknowns, fails], word: 'different' },
    { id: 'one is unknown', cells: [passes, unknowns], word: 'undecided' },
    { id: 'void and unknown', cells: [voids, unknowns], word: 'undecided' },
    { id: 'no test at all', cells: [], word: 'undecided' },
  ]) {
    it(`${id}: ${word}`, () => assert.equal(judge(cells, { source: 'cpp', wallMs: FULL }).strict, word))
  }
})

describe('flags of a test', () => {
  it('are each there once, in one order, with what the first pass found', () => {
    const twice = side('success a', {
      isolated: 'success a !undefined-behaviour',
      sanitized: 'success !undefined-behaviour',
      races: 'success !race',
    })
    assert.deepEqual(flagsOf(twice), ['race', 'undefined-behaviour'])
    assert.equal(explained(twice, 0).length, 2)
  })

  it('say so when another fill of memory shows in the output', () => {
    const [finding] = explained(side('success b'), 4)
    assert.deepEqual([finding?.flag, finding?.file], ['undefined-behaviour', 'test 5'])
  })

  it('say nothing of it when one of the runs did not succeed', () => {
    assert.deepEqual(flagsOf(side('success b', { isolated: 'timeout' })), [])
  })
})
