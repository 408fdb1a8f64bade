import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import type { ProblemScores, ScoresSummary } from '../../coordinator/results/scores/scores.ts'
import { type Case, nameProgram, programOf } from '../../protocol/index.ts'
import { type Planned, planned, Recording, SPEC } from '../results/recording.ts'

type ScoresFile = ScoresSummary & { v: number; rule: string; problems: ProblemScores[] }

/** Originals by name, so that the cases of a problem share one. */
const original = (name: string) => ({
  problem: name,
  cpp: `void ${name}(int *a) { a[0] = 1; }`,
})

/**
 * A translation of a problem whose original prints 0, 1, 2, ... test by test: `1` prints the same, `0` something else,
 * `?` cannot be run, `c` does not compile; any other letter is printed as it is.
 */
function sample(id: string, problem: string, cells: string, more: Partial<Case> = {}): Planned {
  const cpp = [...cells].map((_, test) => `success ${test}`)
  const cuda = [...cells].map((cell, test) => {
    if (cell === '?') return 'unsupported'
    if (cell === 'c') return 'compile_error'
    return `success ${cell === '1' ? test : cell === '0' ? 'wrong' : cell}`
  })
  const cppTests = cpp.map((_, test) => `int a[] = {${test}}; wrapper(${problem}, a);`)
  return planned({ id, ...original(problem), cppTests, ...more }, cpp, cuda)
}

async function scoresOf(t: TestContext, plan: readonly Planned[], spec = SPEC): Promise<ScoresFile> {
  return await (await Recording.make(t, { plan, spec })).json('scores.json')
}

describe('the example in docs/scores.md', () => {
  it('is worked out as it says', async (t) => {
    const text = await readFile(new URL('../../docs/scores.md', import.meta.url), 'utf8')
    const rows = (text.match(/```matrix\n([^`]*)```/)?.[1] ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/))
    const scores = await scoresOf(
      t,
      rows.map(([problem, cells], at) => sample(`s${at}`, problem as string, cells as string)),
    )
    const claims = [...text.matchAll(/^\| `([^`]+)` \| ([^|]+) \|$/gm)].filter(
      ([, path]) => path?.includes('.compat.') || path?.startsWith('problems['),
    )
    assert.ok(claims.length >= 10)
    for (const [, path = '', is = ''] of claims) {
      const found = path
        .split(/[.[\]]+/)
        .filter(Boolean)
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], scores)
      assert.deepEqual(found, JSON.parse(is), path)
    }
  })
})

describe('scores.json', () => {
  it('says the same as report.json of the round, and the rule', async (t) => {
    const recording = await Recording.make(t)
    const { v, rule, problems, ...summary } = (await recording.json('scores.json')) as ScoresFile
    assert.deepEqual([v, rule, problems.length], [1, 'compat', 8])
    assert.deepEqual(summary, (await recording.json('report.json')).scores)
    assert.deepEqual(Object.keys(summary.notOffered), ['codeBleu', 'effAtK'])
  })

  it('tells translations that are wrong in different ways apart, not those that print other addresses', async (t) => {
    const plan = [
      sample('a', 'p', '1x'),
      sample('b', 'p', '1y'),
      sample('c', 'p', '1x'),
      sample('d', 'p', '1?'),
      sample('e', 'p', ' '.repeat(2)),
    ]
    const address = (id: string, text: string) =>
      planned({ id, ...original('q'), cppTests: ['wrapper(q, 1);'] }, ['success 1'], [`success ${text}`])
    const scores = await scoresOf(t, [...plan, address('f', 'at 0x7f00'), address('g', 'at 0x7e10')])
    assert.deepEqual(
      scores.problems.map(({ alike }) => alike),
      [
        { groups: [{ lines: [1, 3] }, { lines: [2] }, { lines: [5] }], unknown: 1 },
        { groups: [{ lines: [6, 7] }], unknown: 0 },
      ],
    )
    assert.deepEqual(scores.alike, { translations: 7, behaviours: 4, unknown: 1, problemsByBehaviours: { 1: 1, 3: 1 } })
  })

  it('knows a test again by original and input, where samples have lists of their own', async (t) => {
    const test = (name: string) => `int ${name}[1]; wrapper(p, ${name});`
    const plan = [
      sample('a', 'p', '11', { cppTests: [test('a'), test('b')] }),
      sample('b', 'p', '110', { cppTests: [test('b'), test('c'), test('a')] }),
      sample('c', 'p', '1', { cppTests: [test('a')], cpp: 'void p(int *a) { another(a); }' }),
    ]
    const { choices } = (await scoresOf(t, plan)).problems[0]?.rules.compat ?? {}
    assert.deepEqual(
      choices?.patterns.map(({ lines, passed, failed }) => [lines, passed, failed]),
      [
        [[1], [1, 2], []],
        [[2], [2, 3], [1]],
        [[3], [4], []],
      ],
    )
    assert.deepEqual([choices?.translations, choices?.tests], [3, 4])
  })

  it('counts void tests as no tests, and what is open apart', async (t) => {
    const strict = { ...SPEC, rule: 'strict', passes: ['isolated'] } as const
    const broken = { cppTests: ['wrapper(p, 1);', 'wrapper(p, 2);'] }
    const plan = ['success 1', 'success 2'].map((cuda, at) =>
      planned({ id: at, ...original('p'), ...broken }, ['success 1', 'runtime_error'], [cuda, 'success 1']),
    )
    const scores = await scoresOf(t, plan, { ...strict, passes: [...strict.passes] })
    const { compat, strict: ours } = scores.problems[0]?.rules ?? {}
    assert.deepEqual([compat?.correct, ours?.correct, ours?.open], [0, 1, 0])
    assert.deepEqual([compat?.choices.tests, ours?.choices.tests], [2, 1])
    assert.deepEqual(scores.tester, {
      ...{ originals: 1, tests: 2, decided: 2, compiled: 2, clean: 1 },
      ...{ compiledShare: 1, cleanShare: 0.5, flagsLookedFor: true },
    })
  })

  it('counts mutants by what became of them, by tests that pass on their origin', async (t) => {
    const mutant = (kind: string, origin = 'a') => ({ mutant: { origin, kind } })
    const plan = [
      sample('a', 'p', '110'),
      sample('b', 'p', '010', mutant('bound')),
      sample('c', 'p', '110', mutant('bound')),
      sample('d', 'p', '1?0', mutant('__proto__')),
      sample('e', 'p', 'ccc', mutant('name')),
      sample('f', 'p', '011', mutant('index', 'elsewhere')),
    ]
    const { mutants } = (await scoresOf(t, plan)).rules.compat
    const fates = { killed: 2, alive: 1, stillborn: 1, open: 1 }
    assert.deepEqual({ ...mutants, kinds: null }, { mutants: 5, withOrigin: 4, ...fates, killedShare: 0.666667, kinds: null })
    assert.deepEqual(Object.keys(mutants?.kinds ?? {}).sort(), ['__proto__', 'bound', 'index', 'name'])
    assert.equal(({} as Record<string, unknown>).killed, undefined)
    const [problem] = (await scoresOf(t, plan)).problems
    assert.deepEqual(problem?.rules.compat.mutants[0], { line: 2, kind: 'bound', fate: 'killed', killedBy: [1] })
    assert.equal((await scoresOf(t, plan.slice(0, 1))).rules.compat.mutants, null)
  })

  it('compares translations with their references', async (t) => {
    const { item } = sample('x', 'p', '1')
    const plan = [
      sample('x', 'p', '1', { reference: item.cuda.replaceAll(' ', '\n') }),
      sample('y', 'p', '1', { reference: 'quite different' }),
      sample('z', 'p', '1'),
      sample('w', 'p', '1', { reference: 'x '.repeat(30_000) }),
    ]
    const scores = await scoresOf(t, plan)
    assert.deepEqual(
      scores.problems[0]?.bleu.map(({ line }) => line),
      [1, 2, 4],
    )
    assert.deepEqual([scores.problems[0]?.bleu[0]?.score, scores.problems[0]?.bleu[2]?.score], [1, null])
    assert.deepEqual([scores.bleu?.translations, scores.bleu?.tooLong], [2, 1])
    assert.ok((scores.bleu?.corpus ?? 0) > 0 && (scores.bleu?.corpus ?? 1) < 1)
  })
})

describe('a partial export', () => {
  it('holds back what is pending: nothing of it but that it is', async (t) => {
    const plan = [sample('a', 'p', '1'), sample('b', 'p', '1', { mutant: { origin: 'a', kind: 'bound' } }), sample('c', 'q', '1')]
    const { cid } = await nameProgram(programOf((plan[1] as Planned).item, 'cuda'))
    const recording = await Recording.make(t, { plan, silentOn: (program) => program === cid })
    const files = await recording.files({ partial: true })
    const scores = JSON.parse(String(files.get('scores.json'))) as ScoresFile
    const [first, second] = scores.problems
    assert.deepEqual([first?.alike, first?.rules.compat.cells], [{ groups: [], unknown: 2 }, ['.', '.']])
    assert.deepEqual(
      [first?.rules.compat.correct, first?.rules.compat.open, first?.rules.compat.mutants[0]?.fate],
      [0, 2, 'open'],
    )
    assert.deepEqual([second?.alike.groups, scores.tester.originals], [[{ lines: [3] }], 1])
    assert.match(String(files.get('matrix.csv')), /^p,[a-z0-9]+,1,a,compat,pending,pending\r$/m)
    assert.equal(JSON.parse(String(files.get('report.json'))).progress.at(-1)[1], 1)
  })
})

describe('matrix.csv', () => {
  it('has the cells of every translation, problem by problem, under both rules', async (t) => {
    const plan = [sample('a', 'p', '10'), sample('b', 'q', '1'), sample('c', 'p', '?1'), sample('say "x",\ny', 'q', '1')]
    const text = String((await (await Recording.make(t, { plan })).files()).get('matrix.csv'))
    const rows = csv(text)
    assert.deepEqual(rows[0], ['problem', 'tests', 'line', 'id', 'rule', 'judgement', 'test 1', 'test 2'])
    const cells = rows.slice(1).map(([problem, , line, id, rule, ...rest]) => [problem, line, id, rule, ...rest])
    assert.deepEqual(
      cells.filter(([, , , rule]) => rule === 'compat'),
      [
        ['p', '1', 'a', 'compat', 'different', 'pass', 'fail'],
        ['p', '3', 'c', 'compat', 'undecided', 'unknown', 'pass'],
        ['q', '2', 'b', 'compat', 'equivalent', 'pass', ''],
        ['q', '4', 'say "x",\ny', 'compat', 'equivalent', 'pass', ''],
      ],
    )
    assert.equal(cells.filter(([, , , rule]) => rule === 'strict').length, 4)
    assert.equal(rows[1]?.[1], rows[3]?.[1], 'the same tests have the same name')
  })
})

/** Reads RFC 4180. */
function csv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}
