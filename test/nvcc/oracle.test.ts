import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { CompileBudget } from '../../sandbox/executor/compiler.ts'
import type { NvccOracle } from '../../sandbox/executor/nvcc-oracle.ts'
import { openOracle } from '../../sandbox/executor/open-oracle.ts'
import { sample } from '../support/sample.ts'
import { bothWays, NO_NVCC, oracleHere, partsHere } from './fixture.ts'
import { cuda, ROWS } from './programs.ts'

/** Each takes a whole compile of nvcc. */
const STRIDE = 2

suite('nvcc asked the cheap way says what a whole compile says', { skip: NO_NVCC, timeout: 900_000 }, () => {
  let oracle: NvccOracle
  before(async () => {
    oracle = await oracleHere()
  })
  for (const { id, program, refusedAt } of sample(ROWS, STRIDE)) {
    test(id, async () => {
      const { cheap, whole } = await bothWays(oracle, program)
      const wanted = refusedAt === null ? 'accepted' : 'refused'
      assert.deepEqual([cheap.kind, whole.kind], [wanted, wanted], JSON.stringify({ cheap, whole }).slice(0, 600))
    })
  }

  test('a decision is kept, a refusal with its words', async () => {
    const program = cuda({ code: `// ${Math.random()}\n`, wrapper: '' })
    const [first, second] = [new CompileBudget(), new CompileBudget()]
    const { signal } = new AbortController()
    const decided = await oracle.decide(program, [0], first, signal)
    assert.deepEqual(await oracle.decide(program, [0], second, signal), decided)
    assert.equal(decided.kind === 'refused' && decided.diagnostics.includes('run'), true)
    assert.ok(first.usedMs > 0)
    assert.equal(second.usedMs, 0)
  })

  test('one that does not work with the g++ here does not decide, and says so', async () => {
    const parts = await partsHere()
    const equipment = { ...parts.equipment, id: `another ${Math.random()}` }
    const toolchain = { ...parts.toolchain, compiler: '/bin/sh' }
    const { oracle: none, source } = await openOracle({ ...parts, equipment, toolchain }, 'where-possible')
    assert.equal(none, null)
    assert.equal(source.nvcc, null)
    assert.match(source.says, /does not work with/)
  })
})

test('left out it does not decide', async () => {
  const { oracle, source } = await openOracle(await partsHere(), 'never')
  assert.equal(oracle, null)
  assert.equal(await source.trialMs(), null)
})
