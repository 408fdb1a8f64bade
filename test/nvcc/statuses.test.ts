import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { Program, TestStatus } from '../../protocol/index.ts'
import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import { LIMITS } from '../sandbox/fixture.ts'
import { CACHE } from '../support/cache.ts'
import { NO_NVCC } from './fixture.ts'
import { CALL, cuda, kernel } from './programs.ts'

interface Row {
  id: string
  program: Program
  /** Where nvcc decides, and where g++ does. */
  nvcc: TestStatus[]
  gpp: TestStatus[]
  /** Of the first test, where nvcc decides. */
  detail?: RegExp
}

const ROWS: readonly Row[] = [
  { id: 'a right program', program: cuda({}), nvcc: ['success'], gpp: ['success'] },
  {
    id: 'a function of the host in a kernel',
    program: kernel('a[i] = rand();'),
    nvcc: ['compile_error'],
    gpp: ['unsupported'],
    detail: /code\(1\): error: .*rand/,
  },
  {
    id: 'a method of the host in a kernel, which no look at the tokens finds',
    program: kernel('S s; a[i] = s.f();', 'struct S { int f() { return 1; } };\n'),
    nvcc: ['compile_error'],
    gpp: ['success'],
  },
  {
    id: 'a function of the host in a kernel, in a part that is left out',
    program: kernel('\n#if 0\nrand();\n#endif\na[i] = 2 * a[i];'),
    nvcc: ['success'],
    gpp: ['unsupported'],
  },
  {
    id: 'shared memory that nobody uses, more than there is',
    // nvcc leaves it out; the emulator does not see that nobody uses it, and says that it does not know.
    program: kernel('__shared__ int s[20000]; a[i] = 2 * a[i];'),
    nvcc: ['unsupported'],
    gpp: ['compile_error'],
  },
  {
    id: 'what nvcc accepts and the emulator has not',
    program: cuda({ tests: [`cudaGraph_t graph; cudaGraphCreate(&graph, 0); ${CALL}`] }),
    nvcc: ['unsupported'],
    gpp: ['unsupported'],
    detail: /nvcc accepts it/,
  },
  {
    id: 'what the emulator has not, in a program that nvcc refuses',
    program: kernel('asm("bogus.s32 %0, %1;" : "=r"(a[i]) : "r"(n));'),
    nvcc: ['compile_error'],
    gpp: ['unsupported'],
  },
  {
    id: 'one test of three is wrong',
    program: cuda({ tests: [CALL, 'missing = 1;', CALL] }),
    nvcc: ['success', 'compile_error', 'success'],
    gpp: ['success', 'compile_error', 'success'],
  },
  {
    id: 'tests that cannot share a file',
    program: cuda({
      tests: [`\n#define N 2\nint a[N] = {1, 2}; wrapper(run, a, N);`, 'int N = 1; int a[1] = {N}; wrapper(run, a, N);'],
    }),
    nvcc: ['success', 'success'],
    gpp: ['success', 'success'],
  },
  {
    id: 'one test, which could share no file',
    program: cuda({ tests: [`\n#define N 2\nint a[N] = {1, 2}; wrapper(run, a, N);`] }),
    nvcc: ['success'],
    gpp: ['success'],
  },
]

async function statusesOf(sandbox: Sandbox, program: Program) {
  const { tests } = await sandbox.execute(program, 'emulated', LIMITS, { signal: new AbortController().signal })
  return { statuses: tests.map(({ status }) => status), details: tests.map(({ detail }) => detail) }
}

suite('compile status where nvcc decides', { skip: NO_NVCC, timeout: 600_000 }, () => {
  let sandbox: Awaited<ReturnType<typeof createSandbox>>
  before(async () => {
    sandbox = await createSandbox({ cacheDir: CACHE })
  })
  for (const { id, program, nvcc, detail } of ROWS) {
    test(id, async () => {
      const { statuses, details } = await statusesOf(sandbox, program)
      assert.deepEqual(statuses, nvcc, details.join('\n'))
      if (detail !== undefined) assert.match(details[0] ?? '', detail)
    })
  }

  test('the verdict says so, on the CUDA side', () => {
    assert.match(sandbox.environment('emulated').nvcc ?? '', /^\d+\.\d+$/)
    assert.equal(sandbox.environment('emulated').nvcc, sandbox.compileStatus.nvcc)
    assert.equal(sandbox.environment('host').nvcc, null)
  })
})

suite('compile status where g++ decides', { timeout: 600_000 }, () => {
  let sandbox: Awaited<ReturnType<typeof createSandbox>>
  before(async () => {
    sandbox = await createSandbox({ cacheDir: CACHE, nvcc: 'never' })
  })
  for (const { id, program, gpp } of ROWS) {
    test(id, async () => {
      const { statuses, details } = await statusesOf(sandbox, program)
      assert.deepEqual(statuses, gpp, details.join('\n'))
    })
  }

  test('the verdict says so', () => {
    assert.equal(sandbox.environment('emulated').nvcc, null)
    assert.equal(sandbox.compileStatus.nvcc, null)
  })
})
