import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { resultFiles } from '../../coordinator/results/index.ts'
import { PIECE_BYTES } from '../../coordinator/results/pieces.ts'
import { nameProgram, peerIdOf, programOf, RESULT_FILES, type RoundSpec } from '../../protocol/index.ts'
import { JUDGED, linesOf, PLAN, type Planned, planned, Recording, SPEC } from './recording.ts'

const NOTHING = { status: null, output: null, flags: [] }
const STRICT: RoundSpec = { ...SPEC, rule: 'strict', passes: ['isolated', 'sanitized', 'races'] }

describe('outcomes.jsonl', () => {
  it('has a line a case, in input order, with every cell', async (t) => {
    const lines = await (await Recording.make(t)).lines('outcomes.jsonl')
    assert.deepEqual(
      lines.map(({ line, id, judgement }) => [line, id, judgement.compat, judgement.strict]),
      PLAN.map(({ item }, n) => [n + 1, item.id, JUDGED[n], 'undecided']),
    )
    const success = (output: string) => ({ status: 'success', output, flags: [] })
    assert.deepEqual(lines[0], {
      line: 1,
      id: 63,
      problem: 'seven',
      judgement: { compat: 'equivalent', strict: 'undecided' },
      tests: ['7\n', '8\n'].map((text) => ({ cpp: success(text), cuda: success(text), compat: 'pass', strict: 'unknown' })),
    })
    assert.deepEqual(lines[1].tests[1], { cpp: success('2'), cuda: success('3'), compat: 'fail', strict: 'unknown' })
    assert.deepEqual(lines[2].tests[0].cuda, { status: 'compile_error', output: '', flags: [] })
    assert.deepEqual(lines[5].tests[0].cuda, success(' 7 \r\n'))
    assert.deepEqual(lines[6].tests, [])
    assert.deepEqual(lines[7].tests, [{ cpp: success('1'), cuda: NOTHING, compat: 'unknown', strict: 'unknown' }])
  })

  it('writes the fields in the order in which they are described', async (t) => {
    const plan = [planned({ id: 1 }, ['success a'], ['success a'])]
    const text = String((await (await Recording.make(t, { plan })).files()).get('outcomes.jsonl'))
    const side = '{"status":"success","output":"a","flags":[]}'
    assert.equal(
      text,
      `{"line":1,"id":1,"problem":"problem 1","judgement":{"compat":"equivalent","strict":"undecided"},"tests":[{"cpp":${side},"cuda":${side},"compat":"pass","strict":"unknown"}]}\n`,
    )
  })
})

describe('valid_translations.jsonl', () => {
  it("has the equivalent pairs, with the inputs of the original's side", async (t) => {
    const lines = await (await Recording.make(t)).lines('valid_translations.jsonl')
    const expected = [0, 3, 5].map((n) => {
      const { cpp, cuda, wrapper, source, cppTests, cudaTests } = (PLAN[n] as Planned).item
      const inputs = source === 'cpp' ? cppTests : cudaTests
      return {
        CUDA: cuda,
        CPP: cpp,
        CUDA_WRAPPER: wrapper,
        source: source === 'cpp' ? 'CPP' : 'CUDA',
        valid_unit_tests_inputs: inputs,
      }
    })
    assert.deepEqual(Object.keys(lines[0]), ['CUDA', 'CPP', 'CUDA_WRAPPER', 'source', 'valid_unit_tests_inputs'])
    assert.deepEqual(lines, expected)
  })

  it("follows the round's rule", async (t) => {
    const plan = [...PLAN, planned({ id: 'nearly' }, ['success 1'], ['success 1.00001'])]
    for (const [spec, valid] of [
      [SPEC, false],
      [STRICT, true],
    ] as const) {
      const lines = await (await Recording.make(t, { spec, plan })).lines('valid_translations.jsonl')
      assert.equal(lines.length, valid ? 4 : 3)
      assert.equal(
        lines.some(({ CUDA }) => CUDA.includes('k_nearly')),
        valid,
      )
    }
  })
})

describe('training files', () => {
  it('are what LLaMA-Factory calls alpaca, registered in dataset_info.json', async (t) => {
    const files = await (await Recording.make(t)).files()
    const info = JSON.parse(String(files.get('dataset_info.json')))
    assert.deepEqual(Object.keys(info), ['translator_sft', 'tester_sft'])
    for (const { file_name, formatting, columns } of Object.values<Record<string, never>>(info)) {
      assert.equal(formatting, 'alpaca')
      assert.deepEqual(columns, { prompt: 'instruction', query: 'input', response: 'output', system: 'system' })
      const entries = JSON.parse(String(files.get(file_name as unknown as string)))
      assert.equal(entries.length, 3)
      for (const entry of entries) {
        for (const column of Object.values<string>(columns as unknown as Record<string, string>)) {
          assert.equal(typeof entry[column], 'string', column)
        }
        assert.notEqual(entry.instruction, '')
        assert.notEqual(entry.output, '')
      }
    }
  })

  it("translator: from the original's code to the translation's", async (t) => {
    const entries = await (await Recording.make(t)).json('translator_sft.json')
    const [first, back] = [PLAN[0]?.item, PLAN[3]?.item]
    assert.deepEqual(entries[0], { system: 'Translate.', instruction: first?.cpp, input: '', output: first?.cuda })
    assert.deepEqual(entries[1], { system: 'Translate.', instruction: back?.cuda, input: '', output: back?.cpp })
  })

  it('tester: from the translated side to its tests as plain calls; no pair that was not kept', async (t) => {
    const entries = await (await Recording.make(t)).json('tester_sft.json')
    const [first, back] = [PLAN[0]?.item, PLAN[3]?.item]
    assert.deepEqual(entries[0], {
      system: 'Test.',
      instruction: `${first?.cuda}\n${first?.wrapper}`,
      input: '',
      output:
        '//Input case 1:\nint a[] = {0};\nf_63_cuda(a); // test 0\n//Input case 2:\nint a[] = {1};\nf_63_cuda(a); // test 1',
      target: 'CUDA',
    })
    assert.deepEqual(entries[1], {
      system: 'Test.',
      instruction: back?.cpp,
      input: '',
      output: '//Input case 1:\nint a[] = {0};\nf_back(a); // test 0',
      target: 'CPP',
    })
  })
})

describe('decisions.jsonl', () => {
  it('says how each side was decided, and who said something else', async (t) => {
    const recording = await Recording.make(t, { nodes: 4, liar: true })
    const lines = await recording.lines('decisions.jsonl')
    const { cpp } = lines[0]
    const task = recording.ledger.state.tasks.get(recording.round.cases[0]?.tasks?.cpp as string)
    assert.equal(cpp.task, task?.id)
    assert.equal(cpp.program, recording.round.cases[0]?.programs.cpp)
    assert.deepEqual(cpp.classes, ['host / 1 / g++ 12 / x86-64'])
    assert.deepEqual([cpp.replicas, cpp.agreeing, cpp.wasted, cpp.withheld], [3, 2, 0, false])
    assert.deepEqual(cpp.disagreeing, [recording.names[3]])
    const middle = (task?.votes ?? []).map(({ resources }) => resources.runMs).sort((a, b) => a - b)[1] ?? 0
    assert.deepEqual([cpp.compileMs, cpp.runMs], [10 * middle, middle])
    assert.deepEqual(
      cpp.tests.map(({ status, output, votes }: { status: string; output: string; votes: number }) => [status, output, votes]),
      task?.ballot.cells.map((cell) => [cell?.status, cell?.output, 2]),
    )
    assert.deepEqual(lines[6].cpp, null)
    assert.deepEqual(lines[7].cuda.tests, [null])
  })

  it('states a confidence for what was decided, and why there is none elsewhere', async (t) => {
    const recording = await Recording.make(t)
    const lines = await recording.lines('decisions.jsonl')
    const cell = 1 - 0.028
    const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6, `${a} ${b}`)
    near(lines[0].confidence, cell ** 4)
    near(lines[1].confidence, cell ** 2)
    near(lines[3].confidence, cell ** 2)
    assert.deepEqual([lines[4].confidence, lines[4].confidenceReason], [null, 'undecided'])
    for (const line of await recording.lines('decisions.jsonl', { singleOperator: true })) {
      assert.deepEqual([line.confidence, line.confidenceReason], [null, 'single-operator'])
    }
  })
})

describe('report.json', () => {
  it('counts the round', async (t) => {
    const recording = await Recording.make(t)
    const report = await recording.json('report.json')
    assert.equal(report.round.id, recording.roundName)
    assert.deepEqual(report.round.spec, SPEC)
    assert.equal(report.coordinator, peerIdOf(recording.key))
    assert.equal(report.cases, 9)
    assert.deepEqual(report.judgements.compat, { equivalent: 3, different: 2, invalid: 0, undecided: 4, pending: 0 })
    assert.equal(report.judgements.strict.undecided, 9)
    assert.equal(report.rules.judgements['equivalent / undecided'], 3)
    assert.deepEqual(report.rules.cases[0], {
      line: 1,
      id: 63,
      compat: 'equivalent',
      strict: 'undecided',
      why: ['a strict pass came to no decision (tests 1, 2)'],
    })
    assert.deepEqual(report.statuses.cuda, { success: 7, compile_error: 1, memory_limit: 1, unsupported: 1 })
    assert.deepEqual(report.tests, { total: 11, passed: { compat: 6, strict: 0 } })
    assert.deepEqual(report.translationsCompiled, { compiled: 5, of: 6, ratio: 0.833333 })
    assert.deepEqual(report.work, { tasks: 15, verdicts: 45, replicasPerTask: 3, wastedAssignments: 0 })
    assert.deepEqual(report.disagreements, [])
    assert.deepEqual(report.flags, { counts: {}, rows: [], notListed: 0 })
    assert.equal(report.nodes.length, 3)
    assert.equal(report.nodes[0].environments[0].compiler, 'g++ 12.2.0')
    assert.equal(report.times.wallSeconds, (Date.parse(report.times.ended) - Date.parse(report.times.opened)) / 1000)
    assert.ok(report.notes.some((note: string) => note.includes('compat')))
    assert.ok(report.notes.some((note: string) => note.includes('g++')))
    assert.ok(!report.notes.some((note: string) => note.includes('One operator')))
    const alone = await recording.json('report.json', { singleOperator: true })
    assert.ok(alone.notes.some((note: string) => note.includes('One operator')))
    assert.equal(alone.confidence.reason, 'single-operator')
  })

  it('names the node that lies, with the places, at most a hundred', async (t) => {
    const many = Array.from({ length: 60 }, (_, n) => planned({ id: n }, ['success 1'], ['success 1']))
    const recording = await Recording.make(t, { nodes: 4, liar: true, plan: many })
    const { disagreements, nodes } = await recording.json('report.json')
    assert.equal(disagreements.length, 1)
    const [{ node, cells, places, notListed }] = disagreements
    assert.equal(node, recording.names[3])
    assert.deepEqual([cells, places.length, notListed], [120, 100, 20])
    assert.deepEqual(places.slice(0, 3), [
      { line: 1, side: 'cpp', pass: 'plain', test: 1 },
      { line: 1, side: 'cuda', pass: 'plain', test: 1 },
      { line: 2, side: 'cpp', pass: 'plain', test: 1 },
    ])
    const liar = nodes.find((known: { node: string }) => known.node === node)
    assert.deepEqual([liar.verdicts, liar.agreed, liar.disagreed], [120, 0, 120])
  })
})

/** Those of a round that does not ask for coverage. */
const GIVEN = RESULT_FILES.filter((name) => name !== 'coverage.csv')

describe('result files', () => {
  it('come in a fixed order, in pieces of bounded size, and an empty one is there', async (t) => {
    const big = 'x'.repeat(700_000)
    const plan = [planned({ id: 'big' }, [`success ${big}`], [`success ${big}!`])]
    const recording = await Recording.make(t, { plan })
    const seen: string[] = []
    const components = { ledger: recording.ledger, key: recording.key, coordinator: 'c' }
    for await (const { name, bytes } of resultFiles(components, recording.round, { partial: false, singleOperator: true })) {
      assert.ok(bytes.length <= PIECE_BYTES)
      if (seen.at(-1) !== name) seen.push(name)
    }
    assert.deepEqual(seen, GIVEN)
    assert.equal((await recording.files()).get('valid_translations.jsonl')?.length, 0)
  })

  it('are the same to the byte for the same cases and policy', async (t) => {
    const runs = [
      { id: 'another order', seed: 77 },
      { id: 'more nodes', nodes: 7, seed: 5 },
      { id: 'a liar among them', nodes: 4, liar: true, seed: 9 },
      { id: 'restarted in the middle', seed: 3, restartAfter: 20 },
    ]
    const first = await (await Recording.make(t)).files()
    for (const { id, ...init } of runs) {
      const recording = await Recording.make(t, init)
      const files = await recording.files()
      for (const name of [...RESULT_FILES.slice(0, 5), 'matrix.csv', 'scores.json'])
        assert.deepEqual(String(files.get(name)), String(first.get(name)), `${id}: ${name}`)
      await recording.restart()
      const again = await recording.files()
      for (const name of GIVEN) assert.ok(files.get(name)?.equals(again.get(name) as Buffer), `${id}, started again: ${name}`)
    }
  })

  it('name nobody in the first five, and no address anywhere', async (t) => {
    const plan = PLAN.filter(({ item }) => item.id !== 'split')
    const recording = await Recording.make(t, { plan })
    for (const [name, bytes] of await recording.files()) {
      const text = bytes.toString('latin1')
      assert.ok(!text.includes('203.0.'), name)
      if (RESULT_FILES.indexOf(name as 'report.json') > 4) continue
      for (const secret of [...recording.names, recording.roundName, peerIdOf(recording.key), '2026']) {
        assert.ok(!text.includes(secret), name)
      }
    }
  })
})

describe('a round that has not ended', () => {
  /** Nobody has said anything yet about the translation of the sixth case, which shares its original with the first. */
  const unfinished = async (t: TestContext) => {
    const { cid } = await nameProgram(programOf((PLAN[5] as Planned).item, 'cuda'))
    return await Recording.make(t, { silentOn: (program) => program === cid })
  }

  it('is given out only as partial', async (t) => {
    const recording = await unfinished(t)
    await assert.rejects(recording.files(), { code: 'not-aggregated' })
  })

  it('says what is pending, and keeps what was voted on its programs to itself', async (t) => {
    const recording = await unfinished(t)
    const files = await recording.files({ partial: true })
    const outcomes = linesOf(files.get('outcomes.jsonl'))
    assert.deepEqual(outcomes[5].judgement, { compat: 'pending', strict: 'pending' })
    assert.deepEqual(outcomes[5].tests[0], { cpp: NOTHING, cuda: NOTHING, compat: 'pending', strict: 'pending' })
    // The first case is judged, and its translation prints what the sixth's must print.
    assert.deepEqual(outcomes[0].judgement.compat, 'pending')
    assert.deepEqual(outcomes[0].tests[0].cuda, NOTHING)
    assert.equal(outcomes[3].judgement.compat, 'equivalent')
    assert.equal(typeof outcomes[3].tests[0].cuda.output, 'string')
    const decisions = linesOf(files.get('decisions.jsonl'))
    assert.deepEqual([decisions[0].cpp.withheld, decisions[0].cpp.tests, decisions[0].cpp.replicas], [true, [], 3])
    assert.deepEqual([decisions[5].confidence, decisions[5].confidenceReason], [null, 'pending'])
    assert.deepEqual([decisions[0].cuda.withheld, decisions[0].cuda.tests], [true, []])
    assert.equal(linesOf(files.get('valid_translations.jsonl')).length, 1)
    const report = JSON.parse(String(files.get('report.json')))
    assert.equal(report.round.partial, true)
    assert.equal(report.judgements.compat.pending, 2)
    assert.equal(report.times.ended, null)
    assert.ok(report.notes[0].includes('partial'))
  })
})
