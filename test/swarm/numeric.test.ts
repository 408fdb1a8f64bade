import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import {
  encodeReport,
  loadIdentity,
  type Pass,
  peerIdOf,
  ROUND_DEFAULTS,
  type RoundSpec,
  StrictPass,
} from '../../protocol/index.ts'
import { line } from '../support/cases.ts'
import type { Behaviour } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, TestSwarm } from '../support/swarm.ts'

const SPEC: RoundSpec = { ...ROUND_DEFAULTS, rule: 'strict', passes: [...StrictPass.options], v: 1, name: 'numeric' }

/** A node whose sums come out a little higher than those of others, relative to the value. */
function adding(relative: number): Behaviour {
  return (program, _test, _executor, pass) => {
    const value = 3 * (1 + relative) * (program.code.includes('WRONG') ? 2 : 1)
    return { output: outputOf(pass, program.code.includes('steady') ? 3 : value) }
  }
}

function outputOf(pass: Pass, value: number): Uint8Array {
  const printed = Buffer.from(`Arguments after function call: (\n${value.toPrecision(6)})\n`)
  if (pass === 'plain') return printed
  if (pass !== 'isolated') return new Uint8Array()
  const values = Buffer.from(`call\nreturn void\narg float ${Math.fround(value)}\n`)
  return encodeReport({ v: 1, printed, values, launches: 1, error: null })
}

const CASES = [
  { id: 'the same digits', cpp_code: 'steady', cuda_code: 'steady translation' },
  { id: 'the last digits differ', cpp_code: 'sum', cuda_code: 'sum translation' },
  { id: 'wrong in any digits', cpp_code: 'sum too', cuda_code: 'WRONG sum' },
]

async function run(t: TestContext, errors: readonly number[], spec: RoundSpec = SPEC) {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  const client = await swarm.researcher()
  const file = join(folder, 'cases.jsonl')
  await writeFile(
    file,
    CASES.map((texts, index) => line(index, { ...texts, tests: 1 }))
      .map((text) => `${text}\n`)
      .join(''),
  )
  const round = await swarm.submit(client, file, spec)
  for (const [n, error] of errors.entries()) await swarm.addNode(`n${n}`, adding(error))
  const last = await ended(client, round)
  assert.equal(last.state, 'aggregated')
  return { folder, swarm, round, progress: last, files: await results(client, round) }
}

const parse = (text: string | undefined) =>
  (text ?? '')
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row))

describe('nodes whose outputs differ in the last digits', { timeout: 120_000 }, () => {
  it('agree under the numeric comparator', async (t) => {
    const { files, progress } = await run(t, [0, 1e-5, 2e-5])
    const outcomes = parse(files.get('outcomes.jsonl'))
    assert.deepEqual(
      outcomes.map(({ judgement }) => judgement),
      [
        { compat: 'equivalent', strict: 'equivalent' },
        // Which of several texts the reference would have seen, nobody can tell.
        { compat: 'undecided', strict: 'equivalent' },
        { compat: 'undecided', strict: 'different' },
      ],
    )
    const report = JSON.parse(files.get('report.json') ?? '')
    assert.deepEqual(report.disagreements, [])
    assert.deepEqual(report.flags.counts, {})
    assert.equal(progress.disagreements, 0)
    const [steady, ...sums] = parse(files.get('decisions.jsonl')).map(({ cpp }) => cpp.tests[0])
    assert.deepEqual([steady.alike, steady.near], [0, false])
    for (const { votes, alike, near } of sums) assert.deepEqual([votes, alike, near], [2, 1, true])
    const why = report.rules.cases.map((row: { why: string[] }) => row.why)
    assert.deepEqual(why[0], ['nodes agree within the tolerance, not on one text (test 1)'])
    assert.equal(parse(files.get('valid_translations.jsonl')).length, 2)
  })

  it('give the same files after the coordinator has read its log anew', async (t) => {
    const { swarm, round, files } = await run(t, [0, 1e-5, 2e-5])
    await swarm.restartCoordinator()
    const again = await results(await swarm.researcher(), round)
    for (const [name, text] of files) assert.equal(again.get(name), text, name)
  })

  it('are not agreed with by one beyond the tolerance, and decide without it', async (t) => {
    const { folder, files } = await run(t, [0, 1e-5, 0.1])
    const report = JSON.parse(files.get('report.json') ?? '')
    const beyond = peerIdOf(await loadIdentity(join(folder, 'n2', 'node.key')))
    for (const { node } of report.disagreements) assert.equal(node, beyond)
    assert.equal(parse(files.get('outcomes.jsonl'))[1].judgement.strict, 'equivalent')
  })

  it('agree on nothing under the exact one', async (t) => {
    const { files } = await run(t, [0, 1e-5, 2e-5], { ...SPEC, compare: { kind: 'exact' } })
    const outcomes = parse(files.get('outcomes.jsonl'))
    assert.deepEqual(outcomes[0].judgement, { compat: 'equivalent', strict: 'equivalent' })
    assert.deepEqual(outcomes[1].judgement, { compat: 'undecided', strict: 'undecided' })
  })
})
