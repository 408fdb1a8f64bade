import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { type Case, compatEqual, type Pass, parseCaseLine, programOf, ROUND_DEFAULTS, type Side } from '../../protocol/index.ts'
import { createSandbox, type Sandbox, type TestRun } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { patience } from '../support/patience.ts'
import { sample } from '../support/sample.ts'
import { NO_KERNEL, NOT_AS_RECORDED, UNDEFINED } from './known.ts'

const FILE = new URL('../../../shared/data/babeltower/eval-dev.jsonl', import.meta.url)
const { signal } = new AbortController()
/** Programs at a time: as many as a node of two cores runs. */
const AT_A_TIME = 2
/** Of those that are not known to print something else. */
const STRIDE = 3

interface RecordedCase {
  item: Case
  outputs: string[]
}

function readRecorded(): RecordedCase[] {
  let text = ''
  try {
    text = readFileSync(FILE, 'utf8')
  } catch {
    return []
  }
  const hash = (code: string) => createHash('sha256').update(code).digest('hex')
  return text.split('\n').flatMap((line, index) => {
    if (line === '') return []
    const item = parseCaseLine(line, { file: 'eval-dev.jsonl', line: index + 1 }, hash)
    return [{ item, outputs: (JSON.parse(line) as { consistent_outputs: string[] }).consistent_outputs }]
  })
}

const recorded = readRecorded()
const absent = recorded.length === 0 ? 'no recorded cases beside this folder' : false

describe('cases with outputs recorded on a GPU', { timeout: patience(600_000), skip: absent }, () => {
  let sandbox: Sandbox
  before(async () => {
    // What compiles is asked elsewhere (corpus/compile/kinds.test.ts).
    sandbox = await createSandbox({ cacheDir: CACHE, nvcc: 'never' })
  })

  const run = async (item: Case, side: Side, pass: Pass): Promise<TestRun[]> => {
    const executor = side === 'cpp' ? 'host' : 'emulated'
    return (await sandbox.execute(programOf(item, side), executor, ROUND_DEFAULTS.limits, { signal, pass })).tests
  }

  it('print what was recorded on both sides, but for those that are known', async () => {
    const other: string[] = []
    const isKnown = ({ item }: RecordedCase) => NOT_AS_RECORDED.some((test) => test.startsWith(`${item.id}/`))
    const cases = [...recorded.filter(isKnown), ...sample(recorded, STRIDE).filter((one) => !isKnown(one))]
    await each(cases, async ({ item, outputs }) => {
      const [cpp, cuda] = [await run(item, 'cpp', 'plain'), await run(item, 'cuda', 'plain')]
      for (const [test, output] of outputs.entries()) {
        if (!isOutput(cpp[test], output) || !isOutput(cuda[test], output)) other.push(`${item.id}/${test + 1}`)
      }
    })
    assert.deepEqual(other.sort(), NOT_AS_RECORDED.toSorted())
  })

  it('are flagged undefined where they are known to be, with the line', async () => {
    const found: string[] = []
    const sides = [...new Set(UNDEFINED.map((row) => row.split(' ').slice(0, 2).join(' ')))]
    await each(sides, async (name) => {
      const [id, side] = name.split(' ') as [string, Side]
      const tests = await run(caseOf(Number(id)), side, 'sanitized')
      for (const [test, { findings }] of tests.entries()) {
        for (const { file, line } of findings) found.push(`${id} ${side} ${test + 1} ${file}:${line}`)
      }
    })
    assert.deepEqual(found.sort(), UNDEFINED.toSorted())
  })

  it('are flagged where their wrapper launches no kernel', async () => {
    await each(NO_KERNEL, async (id) => {
      const tests = await run(caseOf(id), 'cuda', 'isolated')
      const flagged = tests.filter(({ findings }) => findings.some(({ flag }) => flag === 'no-kernel-work'))
      assert.ok(flagged.length > 0, `case ${id}`)
    })
  })
})

function caseOf(id: number): Case {
  return recorded.find(({ item }) => item.id === id)?.item as Case
}

function isOutput(run: TestRun | undefined, output: string): boolean {
  return run?.status === 'success' && compatEqual(run.output, Buffer.from(output))
}

/** Does something with each, `AT_A_TIME` of them at once. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items]
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
}
