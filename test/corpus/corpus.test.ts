import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { parseCaseLine } from '../../protocol/case.ts'
import { createSandbox, type Sandbox, type TestRun } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { buildCorpus, linesFile, readCorpus } from './build.ts'
import { readPrograms } from './read.ts'
import { runEmulated } from './run.ts'

const corpus = readCorpus()
const known = corpus.filter(({ fails }) => fails !== null)

/** What "emulated like a GPU" promises: words of which each must be among some program's features. */
const FEATURES = [
  'steps of 512 bytes',
  'launch limits',
  'cudaGetLastError',
  '__launch_bounds__',
  'overload set',
  '__constant__',
  'cudaMemcpyToSymbol',
  'cudaMemcpyFromSymbol',
  'cudaMallocManaged',
  '__managed__',
  'cooperative groups',
  'cg::reduce',
  '__shfl_xor_sync',
  '__ballot_sync',
  '__match_any_sync',
  'printf in a kernel',
  'assert in a kernel',
  'kernel templates',
  'lambdas',
  'functors',
  'structures with arrays by value',
  '3-D blocks',
  'dynamic shared memory',
  '__syncthreads_count',
  'streams',
  'cudaMallocPitch',
  'cudaMemcpy2D',
  'cudaMemset',
  '__device__ variables',
  'half precision',
  'is fused',
  '__popc',
  '__mulhi',
  '__byte_perm',
  '__funnelshift_l',
  '__float_as_int',
  'recursion',
  'malloc',
  'goto',
  'structure of device arrays',
  'scan',
  'histogram',
  'stencil',
  'sorting',
  'BFS',
  'sparse',
  'solver',
]

describe('the corpus', () => {
  test('is built from its sources, with the outputs that plain g++ gives', () => {
    assert.equal(readFileSync(linesFile, 'utf8'), buildCorpus(readPrograms()), 'run: node test/corpus/build.ts')
  })

  test('has at least 80 programs, each with a test, and none twice', () => {
    assert.ok(corpus.length >= 80)
    assert.ok(corpus.every((one) => one.consistent_outputs.length === one.consistent_cuda_inputs.length))
    assert.ok(corpus.every((one) => one.consistent_outputs.length > 0))
    assert.equal(new Set(corpus.map((one) => one.cuda_code + one.cuda_wrapper)).size, corpus.length)
  })

  test('is read as cases', () => {
    const lines = readFileSync(linesFile, 'utf8').trimEnd().split('\n')
    for (const [index, line] of lines.entries()) {
      assert.equal(parseCaseLine(line, { file: 'corpus.jsonl', line: index + 1 }, () => '').id, corpus[index]?.id)
    }
  })

  test('covers what is emulated', () => {
    const features = corpus.flatMap((one) => one.features).join('; ')
    assert.deepEqual(
      FEATURES.filter((feature) => !features.includes(feature)),
      [],
    )
  })

  test('launches a kernel in every program', () => {
    for (const { id, cuda_wrapper } of corpus) assert.match(cuda_wrapper, /<<</, id)
  })
})

/** The outputs a test should have, and has. */
function difference(one: { consistent_outputs: string[] }, tests: TestRun[]): string | null {
  for (const [index, { status, detail, output }] of tests.entries()) {
    const text = Buffer.from(output).toString('utf8')
    if (status !== 'success') return `test ${index + 1}: ${status} ${detail.slice(0, 300)}`
    if (text !== one.consistent_outputs[index]) {
      return `test ${index + 1} printed\n${text.slice(0, 800)}and not\n${one.consistent_outputs[index]?.slice(0, 800)}`
    }
  }
  return null
}

describe('the corpus, emulated', () => {
  const found = new Map<string, string | null>()
  let sandbox: Sandbox

  before(async () => {
    // What compiles is asked elsewhere (compile/kinds.test.ts).
    sandbox = await createSandbox({ cacheDir: CACHE, nvcc: 'never' })
    await runEmulated(sandbox, corpus, (one, tests) => found.set(one.id, difference(one, tests)))
  })

  for (const { id, fails } of corpus) {
    if (fails !== null) continue
    test(id, () => assert.equal(found.get(id), null))
  }

  for (const { id, fails } of known) {
    test(`${id} still fails: ${fails}`, () => {
      assert.notEqual(found.get(id), null, 'right now: take the line "fails" out of its file and build again')
    })
  }
})
