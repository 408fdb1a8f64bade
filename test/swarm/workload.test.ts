import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Workload } from '../../coordinator/index.ts'
import type { CellWord, ExecutorName, Program, RunLimits } from '../../protocol/index.ts'
import { type ExecuteOptions, type Execution, type Sandbox, UNMEASURED } from '../../sandbox/index.ts'
import { FakeSandbox } from '../support/fake-sandbox.ts'
import { scratch } from '../support/scratch.ts'
import { ended, results, SPEC, TestSwarm } from '../support/swarm.ts'

/**
 * A workload of another kind: arithmetic in the usual notation, and its translation into postfix notation; a test is a value of
 * x. Blanks mean nothing, and one value on which both agree is enough.
 */
const ARITHMETIC: Workload = {
  prepare: (item, side) => {
    const [text, tests] = side === 'cpp' ? [item.cpp.replaceAll(' ', ''), item.cppTests] : [item.cuda, item.cudaTests]
    return { v: 1, side, code: text, wrapper: '', tests }
  },
  judge: (tests) => {
    const words = tests.map(({ cpp, cuda }): CellWord => {
      const [left, right] = [cpp.plain, cuda.plain]
      if (left === null || right === null) return 'unknown'
      return left.status === 'success' && right.status === 'success' && left.output === right.output ? 'pass' : 'fail'
    })
    const word = words.includes('pass') ? 'equivalent' : 'different'
    return { compat: word, strict: word, cells: words.map((cell) => ({ compat: cell, strict: cell })) }
  },
}

/** Its third function: works out an expression. */
class Calculator implements Sandbox {
  readonly executors: readonly ExecutorName[] = ['host', 'emulated']
  readonly #any = new FakeSandbox()

  environment(executor: ExecutorName) {
    return this.#any.environment(executor)
  }

  async execute({ side, code, tests }: Program, executor: ExecutorName, _: RunLimits, __: ExecuteOptions): Promise<Execution> {
    const work = side === 'cpp' ? infix : postfix
    const runs = tests.map((x) => {
      const output = Buffer.from(String(work(code, Number(x))))
      return { status: 'success' as const, output, findings: [], detail: '', wallMs: 1, measured: UNMEASURED }
    })
    return { environment: this.environment(executor), tests: runs, compileMs: 1 }
  }
}

/** Sums of products of x and numbers, such as `2*x+1`. */
function infix(text: string, x: number): number {
  const value = (factor: string) => (factor === 'x' ? x : Number(factor))
  const terms = text.split('+').map((term) => term.split('*').map(value))
  return terms.map((factors) => factors.reduce((product, factor) => product * factor)).reduce((sum, term) => sum + term)
}

/** The same as `2 x * 1 +`. */
function postfix(text: string, x: number): number {
  const stack: number[] = []
  for (const word of text.split(' ')) {
    if (word !== '+' && word !== '*') stack.push(word === 'x' ? x : Number(word))
    else {
      const [right = Number.NaN, left = Number.NaN] = [stack.pop(), stack.pop()]
      stack.push(word === '+' ? left + right : left * right)
    }
  }
  return stack[0] ?? Number.NaN
}

const pair = (id: string, CPP: string, CUDA: string) =>
  JSON.stringify({ id, CPP, CUDA, CUDA_WRAPPER: '-', consistent_cpp_inputs: ['1', '2'], consistent_cuda_inputs: ['1', '2'] })

const PAIRS = [
  pair('right', '2*x+1', '2 x * 1 +'),
  pair('the same original, written otherwise', '2 * x + 1', '1 2 x * +'),
  pair('right for one value of the two', '2*x+1', '3'),
  pair('wrong', '2*x+1', 'x 7 *'),
]

describe('another workload', { timeout: 600_000 }, () => {
  it('is three functions: the same coordinator and nodes verify arithmetic in two notations, over a restart too', async (t) => {
    const folder = await scratch(t)
    const swarm = await TestSwarm.start(t, folder, { workload: ARITHMETIC })
    const file = join(folder, 'pairs.jsonl')
    await writeFile(file, `${PAIRS.join('\n')}\n`)
    const client = await swarm.researcher()
    const round = await swarm.submit(client, file, SPEC)
    for (const name of ['a', 'b', 'c']) await swarm.join(name, new Calculator(), 2)
    const progress = await ended(client, round)
    assert.deepEqual(progress.judgements, { equivalent: 3, different: 1, invalid: 0, undecided: 0 })
    assert.equal(progress.tasks.total, 5, 'one original, by whatever blanks, and four translations')
    const before = (await results(client, round)).get('outcomes.jsonl') ?? ''
    const cells = before
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).tests.map(({ compat }: { compat: string }) => compat))
    assert.deepEqual(cells, [
      ['pass', 'pass'],
      ['pass', 'pass'],
      ['pass', 'fail'],
      ['fail', 'fail'],
    ])
    await swarm.restartCoordinator()
    const again = await results(await swarm.researcher(), round)
    assert.equal(again.get('outcomes.jsonl'), before)
  })
})
