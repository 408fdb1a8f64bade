import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import type { ScoresSummary } from '../../coordinator/results/scores/scores.ts'
import type { Environment, ExecutorName, RoundSpec } from '../../protocol/index.ts'
import type { Execution, Sandbox } from '../../sandbox/index.ts'
import { audited } from '../audit/archives.ts'
import { auditedInPython } from '../audit/in-python.ts'
import { openProjectSandbox } from '../sanitized/fixture.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'

const COVERAGE: RoundSpec = { ...SPEC, coverage: true }

let real: Sandbox

before(async () => {
  real = await openProjectSandbox()
})

/** Runs the C++ side here and acts the CUDA side out, which coverage says nothing of. */
class HostSandbox extends FakeSandbox {
  readonly asked: string[] = []
  readonly #lacks: readonly string[]
  readonly #says: string | null

  /** @param says what it puts out in place of any coverage */
  constructor({ lacks = [], says = null }: { lacks?: readonly string[]; says?: string | null } = {}) {
    super((_, test) => ({ output: Buffer.from(`${test}`) }))
    this.#lacks = lacks
    this.#says = says
  }

  override environment(executor: ExecutorName): Environment {
    if (executor !== 'host') return super.environment(executor)
    const environment = real.environment('host')
    return { ...environment, passes: environment.passes.filter((pass) => !this.#lacks.includes(pass)) }
  }

  override async execute(...order: Parameters<Sandbox['execute']>): Promise<Execution> {
    const [, executor, , { pass = 'plain' }] = order
    this.asked.push(`${executor}/${pass}`)
    if (executor !== 'host') return await super.execute(...order)
    const done = { ...(await real.execute(...order)), environment: this.environment('host') }
    const output = this.#says === null ? null : Buffer.from(this.#says)
    return pass === 'coverage' && output !== null ? { ...done, tests: done.tests.map((run) => ({ ...run, output })) } : done
  }
}

/** Which lines a call runs through follows from the text. Without lines of a lone brace, which may count or not. */
const GRADE = `int grade(int n) { if (n < 0)
  return -1;
  if (n == 7) abort();
  while (n >= 10)
    n -= 10;
  return n; }`

function caseLine(id: string, cpp: string, inputs: string[], more: object = {}): string {
  return JSON.stringify({
    ...{ id, cpp_code: cpp, cuda_code: `__global__ void ${id}() {}`, cuda_wrapper: `void ${id}_cuda(int n) {}` },
    consistent_cpp_inputs: inputs,
    consistent_cuda_inputs: inputs.map(() => `wrapper(${id}_cuda, 1);`),
    ...more,
  })
}

const INPUTS = ['wrapper(grade, -5);', 'wrapper(grade, 7);', 'wrapper(grade, 5);']
const CASES = [
  caseLine('first', GRADE, INPUTS, { problem: 'grade' }),
  // Another sample of the same original: measured once.
  caseLine('second', GRADE, INPUTS, { problem: 'grade' }),
  caseLine('third', GRADE, ['wrapper(grade, 25);'], { problem: 'grade more' }),
  caseLine('gone', '#include <unistd.h>\nvoid gone(int n) { _exit(0); }', ['wrapper(gone, 1);'], { problem: 'gone' }),
  caseLine('turned', GRADE, ['wrapper(grade, 1);'], { problem: 'turned', source: 'CUDA' }),
]

describe('a round that asks for coverage', { timeout: patience(120_000) }, () => {
  it('says per test and per original what was reached, voted on, archived and audited as any output', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    const without = new HostSandbox({ lacks: ['coverage'] })
    const liar = '{"v":1,"lines":[[1,1,""]]}'
    const sandboxes = [
      new HostSandbox(),
      new HostSandbox(),
      without,
      new HostSandbox({ says: liar }),
      new HostSandbox({ says: 'all' }),
    ]
    for (const [at, sandbox] of sandboxes.entries()) await swarm.join(`node-${at}`, sandbox, 1)
    const file = join(folder, 'cases.jsonl')
    await writeFile(file, CASES.join('\n'))
    const client = await swarm.researcher('researcher', patience(60_000))
    const { round } = await ended(client, await swarm.submit(client, file, COVERAGE))
    const files = await results(client, round)

    assert.ok(!without.asked.includes('host/coverage') && without.asked.includes('host/plain'))
    for (const sandbox of sandboxes) assert.ok(!sandbox.asked.includes('emulated/coverage'))

    const { coverage, tester } = JSON.parse(String(files.get('scores.json'))) as ScoresSummary
    const { branches, taken, branchShare, ...lines } = coverage ?? assert.fail()
    assert.deepEqual(lines, {
      ...{ originals: 3, measured: 2, whole: 0, cleanTests: 4, measuredTests: 3 },
      // Of the first -1 and 5 are clean; they do not reach the loop's line. Of the second 25 does not reach the first return.
      ...{ lines: 12, reached: 10, lineShare: 0.833333, meanLineShare: 0.833333 },
    })
    assert.ok(taken > 0 && taken < branches && branchShare === Number((taken / branches).toFixed(6)))
    assert.equal(tester.clean, 5, 'the test of the original of the CUDA side is clean, too, and not measured')

    const rows = String(files.get('coverage.csv'))
      .trim()
      .split('\r\n')
      .map((row) => row.split(','))
      .map(([problem, line, test, clean, of, reached, , , missed]) => [problem, line, test, clean, of, reached, missed].join(' '))
    assert.deepEqual(rows, [
      'problem line test clean lines reached missed',
      'grade 1 1 yes 6 2 ',
      'grade 1 2 no   ',
      'grade 1 3 yes 6 4 ',
      'grade 1 clean tests yes 6 5 5',
      'grade more 3 1 yes 6 5 ',
      'grade more 3 clean tests yes 6 5 2',
      'gone 4 1 yes   ',
      'gone 4 clean tests yes   ',
    ])

    const [decision] = String(files.get('decisions.jsonl')).split('\n')
    const { passes } = JSON.parse(decision ?? '').cpp
    assert.match(passes.coverage.classes[0], / g\+\+ \d+\.\d+\.\d+ /)
    assert.ok(JSON.parse(decision ?? '').cuda.passes.coverage === undefined)

    const archive: Uint8Array[] = []
    for await (const { name, bytes } of client.fetch(round, { partial: false })) if (name === 'round.car') archive.push(bytes)
    const bytes = Buffer.concat(archive)
    const { cases, tasks, votes, cells } = (await audited(folder, bytes)).checked
    // By code of another's, too, where there is a python3: coverage is one more task of an original, and its outputs are votes like others.
    const foreign = await auditedInPython(folder, bytes)
    if (foreign !== null) assert.deepEqual(foreign, { holds: true, cases, tasks, verdicts: votes, tests: cells, digits: 0 })
    assert.match(String(files.get('report.html')), /"measured":2/)
  })

  it('waits, and says for what, where no node can measure it', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder)
    for (const name of ['a', 'b']) await swarm.join(name, new HostSandbox({ lacks: ['coverage'] }), 1)
    const file = join(folder, 'cases.jsonl')
    await writeFile(file, CASES.slice(2, 3).join('\n'))
    const client = await swarm.researcher('researcher', patience(60_000))
    const round = await swarm.submit(client, file, COVERAGE)
    let came = false
    let judged = 0
    for await (const progress of client.watch(round)) {
      judged = progress.judged
      if (came || progress.unserved === null || !/do the coverage pass on "host" programs/.test(progress.unserved)) continue
      assert.equal(progress.judged, 0)
      came = true
      for (const name of ['c', 'd']) await swarm.join(name, new HostSandbox(), 1)
    }
    assert.deepEqual([came, judged], [true, 1])
  })
})
