import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import {
  encodeReport,
  type Finding,
  type Flag,
  type Pass,
  ROUND_DEFAULTS,
  type RoundSpec,
  StrictPass,
} from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import type { Behaviour } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, TestSwarm } from '../support/swarm.ts'

const SPEC: RoundSpec = { ...ROUND_DEFAULTS, rule: 'strict', passes: [...StrictPass.options], v: 1, name: 'strict' }

/** What a program does in a pass, written short: status, output or value, and findings as `!flag`. */
type Script = Partial<Record<Pass, string>>

const CLEAN: Script = { plain: 'success 1', isolated: 'success 1=1', sanitized: 'success', races: 'success' }

/** Cases whose two programs do as they are told, with what the strict rule must say and the passes the translation gets. */
const CASES: {
  id: string
  source?: 'CUDA'
  cpp?: Script
  cuda?: Script
  compat: string
  strict: string
  why: string
  translation: string[]
}[] = [
  { id: 'clean', compat: 'equivalent', strict: 'equivalent', why: '', translation: ['isolated', 'sanitized', 'races'] },
  {
    id: 'not the same bytes, within the tolerance',
    cuda: { isolated: 'success 1=1.00001' },
    compat: 'equivalent',
    strict: 'equivalent',
    why: '',
    translation: ['isolated', 'sanitized', 'races'],
  },
  {
    id: 'differs beyond six digits',
    cuda: { isolated: 'success 1=1.001' },
    compat: 'equivalent',
    strict: 'different',
    why: 'equal as printed, not at full precision (test 1)',
    translation: ['isolated'],
  },
  {
    id: 'no kernel work',
    cuda: { isolated: 'success 1=1 !no-kernel-work' },
    compat: 'equivalent',
    strict: 'different',
    why: 'the translation is flagged no-kernel-work (test 1)',
    translation: ['isolated', 'sanitized', 'races'],
  },
  {
    id: 'race and overrun',
    cuda: { sanitized: 'success !undefined-behaviour', races: 'success !race' },
    compat: 'equivalent',
    strict: 'different',
    why: 'the translation is flagged race, undefined-behaviour (test 1)',
    translation: ['isolated', 'sanitized', 'races'],
  },
  {
    id: 'the original is undefined',
    cpp: { sanitized: 'success !undefined-behaviour' },
    compat: 'equivalent',
    strict: 'invalid',
    why: 'the original is flagged undefined-behaviour (test 1)',
    translation: ['isolated', 'sanitized', 'races'],
  },
  {
    id: 'the original is the CUDA side, and undefined',
    source: 'CUDA',
    cuda: { races: 'success !race' },
    compat: 'equivalent',
    strict: 'invalid',
    why: 'the original is flagged race (test 1)',
    translation: ['isolated', 'sanitized'],
  },
  {
    id: 'prints what nobody wrote',
    cuda: { isolated: 'success 7=1' },
    compat: 'equivalent',
    strict: 'different',
    why: 'outputs differ beside what is compared',
    translation: ['isolated'],
  },
  {
    id: 'does not compile',
    cuda: { plain: 'compile_error' },
    compat: 'different',
    strict: 'different',
    why: '',
    translation: [],
  },
  {
    id: 'ends before the harness has reported',
    cuda: { isolated: 'runtime_error' },
    compat: 'equivalent',
    strict: 'different',
    why: 'the translation did not succeed apart from the harness (test 1)',
    translation: ['isolated'],
  },
  {
    id: 'cannot be isolated',
    cuda: { isolated: 'unsupported' },
    compat: 'equivalent',
    strict: 'undecided',
    why: 'a strict pass came to no decision (test 1)',
    translation: ['isolated'],
  },
]

/** Says what the script in the program's first comment says for the pass. */
const scripted: Behaviour = (program, _test, _executor, pass) => {
  const script = JSON.parse(program.code.slice(2).split('\n', 1)[0] ?? '{}') as Script
  const [status, ...words] = (script[pass] ?? 'success').split(' ')
  const findings = words.filter((word) => word.startsWith('!')).map((word) => finding(word.slice(1) as Flag))
  const said = words.find((word) => !word.startsWith('!')) ?? ''
  return { status: status as 'success', output: outputOf(pass, said), findings }
}

function finding(flag: Flag): Finding {
  return { flag, file: 'code', line: 2, what: `told to find ${flag}` }
}

/** In the isolated pass `printed=value`. */
function outputOf(pass: Pass, said: string): Uint8Array {
  if (pass !== 'isolated' || said === '') return Buffer.from(said)
  const [printed = '', value] = said.split('=')
  const values = Buffer.from(`call\nreturn void\narg float ${value}\n`)
  return encodeReport({ v: 1, printed: Buffer.from(printed), values, launches: 1, error: null })
}

async function caseFile(folder: string): Promise<string> {
  const lines = CASES.map(({ id, source, cpp = {}, cuda = {} }, index) => {
    const text = (side: string, script: Script) => `//${JSON.stringify({ ...CLEAN, ...script })}\n${side} of ${id}`
    return line(index, { id, tests: 1, source: source ?? 'CPP', cpp_code: text('C++', cpp), cuda_code: text('CUDA', cuda) })
  })
  const file = join(folder, 'cases.jsonl')
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

async function run(
  t: TestContext,
  { nodes, restart = false }: { nodes: number; restart?: boolean },
): Promise<Map<string, string>> {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  const client = await swarm.researcher()
  const round = await swarm.submit(client, await caseFile(folder), SPEC)
  for (let n = 0; n < nodes; n++) await swarm.addNode(`n${n}`, scripted)
  if (!restart) {
    const last = await ended(client, round)
    assert.equal(last.state, 'aggregated')
    return await results(client, round)
  }
  for await (const { verdicts } of client.watch(round)) if (verdicts > 20) break
  await swarm.restartCoordinator()
  const again = await swarm.researcher()
  await ended(again, round)
  return await results(again, round)
}

const parse = (text: string | undefined) =>
  (text ?? '')
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row))

describe('a round under the strict rule', { timeout: 120_000 }, () => {
  it('judges by what the passes find, and opens a pass only where it matters', async (t) => {
    const files = await run(t, { nodes: 2 })
    const outcomes = parse(files.get('outcomes.jsonl'))
    const decisions = parse(files.get('decisions.jsonl'))
    const report = JSON.parse(files.get('report.json') ?? '')
    for (const [index, { id, compat, strict, why, translation, source }] of CASES.entries()) {
      assert.deepEqual(outcomes[index].judgement, { compat, strict }, id)
      const side = source === 'CUDA' ? 'cpp' : 'cuda'
      assert.deepEqual(Object.keys(decisions[index][side].passes), translation, id)
      const differs = report.rules.cases.find((row: { id: string }) => row.id === id)
      if (id !== 'prints what nobody wrote') assert.deepEqual(differs?.why ?? [], why === '' ? [] : [why], id)
    }
    assert.equal(parse(files.get('valid_translations.jsonl')).length, 2)
  })

  it('explains every flag with its place and its words', async (t) => {
    const files = await run(t, { nodes: 3 })
    const { flags } = JSON.parse(files.get('report.json') ?? '')
    assert.deepEqual(flags.counts, { 'no-kernel-work': 1, race: 2, 'undefined-behaviour': 3 })
    assert.deepEqual(flags.rows[0], {
      line: 4,
      id: 'no kernel work',
      side: 'cuda',
      test: 1,
      flag: 'no-kernel-work',
      file: 'code',
      fileLine: 2,
      what: 'told to find no-kernel-work',
    })
    const [, , , nobodys] = parse(files.get('outcomes.jsonl')).slice(4)
    assert.deepEqual(nobodys.tests[0].cuda.flags, ['undefined-behaviour'])
  })

  it('comes to the same files after a restart in the middle', async (t) => {
    const [one, other] = [await run(t, { nodes: 2 }), await run(t, { nodes: 4, restart: true })]
    for (const name of ['outcomes.jsonl', 'valid_translations.jsonl']) assert.equal(other.get(name), one.get(name))
  })
})
