import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Program, RunLimits } from '../../protocol/index.ts'
import { createSandbox, type Sandbox, type TestRun } from '../../sandbox/index.ts'
import { TEST, wrapper } from '../gpu-kit/there/faulty.ts'
import { CACHE } from '../support/cache.ts'

const LIMITS: RunLimits = { wallMs: 20_000, memoryBytes: 512 * 1024 ** 2, outputBytes: 1024 ** 2 }

const ROWS: { id: string; code: string; launch?: string; found: string | null }[] = [
  {
    id: 'a sum that nothing guards',
    code: '__global__ void k(int *o, const int *a) {\n  o[0] += a[threadIdx.x];\n}',
    found: 'race code:2',
  },
  {
    id: 'an atomic sum',
    code: '__global__ void k(int *o, const int *a) {\n  atomicAdd(&o[0], a[threadIdx.x]);\n}',
    found: null,
  },
  {
    id: 'shared memory without a barrier',
    code: '__global__ void k(int *o, const int *a) {\n  __shared__ int s[64];\n  s[threadIdx.x] = a[threadIdx.x];\n  o[threadIdx.x] = s[63 - threadIdx.x];\n}',
    // The write that comes after another thread's read is what is seen first.
    found: 'race code:3',
  },
  {
    id: 'the same with one',
    code: '__global__ void k(int *o, const int *a) {\n  __shared__ int s[64];\n  s[threadIdx.x] = a[threadIdx.x];\n  __syncthreads();\n  o[threadIdx.x] = s[63 - threadIdx.x];\n}',
    found: null,
  },
  {
    id: 'blocks that write the same place',
    code: '__global__ void k(int *o, const int *a) {\n  int i = blockIdx.x;\n  o[0] = a[i];\n}',
    launch: 'k<<<2, 1>>>(r, d);',
    found: 'race code:3',
  },
  {
    id: 'an address that is not aligned',
    code: '__global__ void k(int *o, const int *a) {\n  o[0] = *(const int *)((const char *)a + 1);\n}',
    launch: 'k<<<1, 1>>>(r, d);',
    found: 'undefined-behaviour code:2',
  },
]

describe('the races pass', { timeout: 300_000 }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox({ cacheDir: CACHE })
  })

  const runPass = async (code: string, launch: string): Promise<TestRun> => {
    const program: Program = { v: 1, side: 'cuda', code, wrapper: wrapper(launch), tests: [TEST] }
    const { signal } = new AbortController()
    const { tests } = await sandbox.execute(program, 'emulated', LIMITS, { signal, pass: 'races' })
    return tests[0] as TestRun
  }

  for (const { id, code, launch = 'k<<<1, 64>>>(r, d);', found } of ROWS) {
    it(`${id}: ${found ?? 'nothing'}`, async () => {
      const { status, findings, output } = await runPass(code, launch)
      assert.equal(status, 'success')
      assert.equal(output.length, 0)
      assert.deepEqual(
        findings.map(({ flag, file, line }) => `${flag} ${file}:${line}`),
        found === null ? [] : [found],
      )
    })
  }

  it('is not silenced by a program that closes its descriptors before the harness begins', async () => {
    const code = `#include <unistd.h>
static struct Closer { Closer() { close(3); close(2); } } closer;
__global__ void k(int *o, const int *a) { o[0] += a[threadIdx.x]; }`
    const { findings } = await runPass(code, 'k<<<1, 64>>>(r, d);')
    assert.deepEqual(
      findings.map(({ flag }) => flag),
      ['race'],
    )
  })

  it('is not offered a program it could not vouch for', async () => {
    const code = '__attribute__((no_sanitize("thread"))) __global__ void k(int *o, const int *a) { o[0] += a[threadIdx.x]; }'
    assert.equal((await runPass(code, 'k<<<1, 64>>>(r, d);')).status, 'unsupported')
  })
})
