import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { PRIORS } from '../../coordinator/results/scores/choose.ts'
import type { ProblemScores, ScoresSummary } from '../../coordinator/results/scores/scores.ts'
import { type RoundSpec, RULES, type Rule } from '../../protocol/index.ts'
import { linesOf, type Planned, planned, Recording, SPEC } from '../results/recording.ts'
import { scratch } from '../support/scratch.ts'
import { seeded } from '../support/seeded.ts'
import { byHand } from './by-hand.ts'
import { hasPython, worked } from './seeded-mutants.ts'

/** What of a line of outcomes.jsonl the scores follow from. */
interface Outcome {
  line: number
  problem: string
  judgement: Record<Rule, string>
  tests: (Record<'cpp' | 'cuda', { status: string; output: string }> & Record<Rule, string>)[]
}

const PROBLEMS = 8
const SAMPLES = 6
const TESTS = 4

/** Translations of every kind: right, wrong in one of two ways, nearly right as numbers are, not runnable, not compiling. */
function plan(): Planned[] {
  const random = seeded(23)
  return Array.from({ length: PROBLEMS * SAMPLES }, (_, at) => {
    const problem = at % PROBLEMS
    const bad = random() < 0.4
    const cuda = Array.from({ length: TESTS }, (_, test) => {
      const drawn = random()
      if (drawn < 0.06) return 'unsupported'
      if (drawn < 0.12) return `success ${test}.0000001`
      return bad && drawn < 0.5 ? `success ${drawn < 0.3 ? 71 : 72}` : `success ${test}`
    })
    if (random() < 0.1) cuda.fill('compile_error')
    // Of some originals one test fails: void for all their translations.
    const cpp = cuda.map((_, test) => (problem % 3 === 2 && test === 1 ? 'runtime_error' : `success ${test}`))
    const cppTests = cuda.map((_, test) => `wrapper(p${problem}, ${test});`)
    return planned({ id: at, problem: `p ${problem}`, cpp: `void p${problem}(int *a) {}`, cppTests }, cpp, cuda)
  })
}

it('scores are those that are worked out again from outcomes.jsonl', async (t) => {
  const spec: RoundSpec = { ...SPEC, rule: 'strict', passes: ['isolated'], policy: { kind: 'majority', quorum: 1, replicas: 1 } }
  const files = await (await Recording.make(t, { plan: plan(), spec, nodes: 1 })).files()
  const scores: ScoresSummary & { problems: ProblemScores[] } = JSON.parse(String(files.get('scores.json')))
  const outcomes: Outcome[] = linesOf(files.get('outcomes.jsonl'))
  const matrix = String(files.get('matrix.csv')).trim().split('\r\n').slice(1)
  const ofProblem = (name: string) => outcomes.filter(({ problem }) => problem === name)

  await t.test('Python comes to the same, by scores.py', async (t) => {
    if (!hasPython()) return t.skip('no python3 here')
    const folder = await scratch(t)
    const cases = plan().map(({ item: { id, problem, cpp, cppTests } }) => ({
      id,
      problem,
      cpp_code: cpp,
      consistent_cpp_inputs: cppTests,
    }))
    await writeFile(join(folder, 'cases.jsonl'), cases.map((one) => JSON.stringify(one)).join('\n'))
    for (const name of ['outcomes.jsonl', 'scores.json', 'matrix.csv'])
      await writeFile(join(folder, name), files.get(name) as Buffer)
    const { compared, wrong } = await worked([join(folder, 'cases.jsonl'), folder])
    assert.deepEqual(wrong, [])
    for (const what of ['pass@k', 'matrix', 'row of matrix.csv', 'choice', 'cell', 'judgement', 'alike'])
      assert.ok((compared[what] ?? 0) > 0, what)
  })

  await t.test('the round has all kinds of cells', () => {
    const seen = new Set(outcomes.flatMap(({ tests }) => tests.flatMap(({ compat, strict }) => [compat, `strict ${strict}`])))
    for (const word of ['pass', 'fail', 'unknown', 'strict pass', 'strict fail', 'strict void', 'strict unknown'])
      assert.ok(seen.has(word), word)
  })

  await t.test('Pass@k is the share of all draws that hold a correct sample', () => {
    for (const rule of RULES) {
      const { values, largestK } = scores.rules[rule].passAtK
      assert.equal(largestK, SAMPLES)
      for (const { k, value } of values) {
        const shares = scores.problems.map(({ problem }) =>
          shareOfDraws(
            ofProblem(problem).map((one) => one.judgement[rule] === 'equivalent'),
            k,
          ),
        )
        near(value, shares.reduce((sum, share) => sum + share, 0) / shares.length, `${rule} ${k}`)
      }
    }
  })

  await t.test('the matrix has the same cells, in the order of problems', () => {
    const rows = scores.problems.flatMap(({ problem }) => ofProblem(problem))
    const expected = rows.flatMap((one) =>
      RULES.map((rule) => [one.line, rule, one.judgement[rule], ...one.tests.map((test) => test[rule])]),
    )
    assert.deepEqual(
      matrix.map((row) => row.split(',').filter((_, at) => ![0, 1, 3].includes(at))),
      expected.map((row) => row.map(String)),
    )
  })

  await t.test('MaxPass, CodeT and B4 choose what their formulas choose, cell by cell', () => {
    for (const rule of RULES) {
      for (const { problem, rules } of scores.problems) {
        const samples = ofProblem(problem)
        const rows = samples.map(({ tests }) => tests.map((test) => ({ pass: '1', fail: '0' })[test[rule]] ?? '?').join(''))
        const passed = (row: string) => row.replaceAll(/[^1]/g, '').length
        const alike = (row: string) => rows.filter((other) => other === row).length
        const ways = [
          passed,
          (row: string) => Math.sqrt(alike(row)) * passed(row),
          ...PRIORS.map((prior) => (row: string) => byHand(rows, row, prior)),
        ]
        for (const [at, score] of ways.entries()) {
          const able = rows.map((row) => (passed(row) > 0 ? score(row) : -Infinity))
          const top = Math.max(...able)
          const lines = samples.filter((_, row) => top > -Infinity && (able[row] as number) > top - 1e-7).map(({ line }) => line)
          const chosen = rules[rule].choices.chosen[at]
          assert.deepEqual(chosen?.lines, lines, `${rule} ${problem} ${chosen?.by}`)
          if (lines.length > 0) near(chosen?.score ?? 0, top, `${rule} ${problem} ${chosen?.by}`)
        }
      }
    }
  })

  await t.test('translations are alike that print the same, all of them decided', () => {
    for (const { problem, alike } of scores.problems) {
      const groups = new Map<string, number[]>()
      for (const { line, tests } of ofProblem(problem)) {
        if (tests.some(({ cuda }) => cuda.status === 'unsupported')) continue
        const key = JSON.stringify(tests.map(({ cuda }) => [cuda.status, cuda.output]))
        groups.set(key, [...(groups.get(key) ?? []), line])
      }
      const found = alike.groups.map(({ lines }) => lines)
      assert.deepEqual(new Set(found.map(String)), new Set([...groups.values()].map(String)))
      assert.deepEqual(
        found.map(({ length }) => length),
        found.map(({ length }) => length).sort((a, b) => b - a),
      )
    }
  })
})

/** Of all ways to draw k of the samples. */
function shareOfDraws(correct: readonly boolean[], k: number): number {
  const draws = Array.from({ length: 1 << correct.length }, (_, drawn) => correct.filter((_, at) => drawn & (1 << at)))
  const fitting = draws.filter(({ length }) => length === k)
  return fitting.filter((draw) => draw.includes(true)).length / fitting.length
}

function near(a: number, b: number, says: string): void {
  assert.ok(Math.abs(a - b) < 2e-6, `${says}: ${a}, ${b}`)
}
