import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { RunLimits, TestStatus } from '../../protocol/index.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { patience } from '../support/patience.ts'
import { LIMITS, plainSandbox, runAll, runOne, SHORT } from './fixture.ts'

interface Row {
  id: string
  test: string
  status: TestStatus
  output?: string
  detail?: RegExp
  limits?: RunLimits
}

const ROWS: Row[] = [
  { id: 'prints and ends', test: 'puts("hello");', status: 'success', output: 'hello\n' },
  { id: 'prints nothing', test: '', status: 'success', output: '' },
  {
    id: 'prints bytes that are no text',
    test: 'fwrite("\\xff\\0\\xfe", 1, 3, stdout);',
    status: 'success',
    output: '\u{fffd}\0\u{fffd}',
  },
  { id: 'exit code', test: 'puts("before"); exit(3);', status: 'runtime_error', output: 'before\n', detail: /^exit code 3$/ },
  { id: 'forged exit 137', test: '_exit(137);', status: 'runtime_error', detail: /137/ },
  { id: 'forged exit 124', test: '_exit(124);', status: 'runtime_error', detail: /124/ },
  { id: 'forged exit 125', test: '_exit(125);', status: 'runtime_error', detail: /125/ },
  { id: 'abort', test: 'abort();', status: 'runtime_error', detail: /SIGABRT/ },
  { id: 'null pointer', test: 'volatile int *p = nullptr; *p = 1;', status: 'runtime_error', detail: /SIGSEGV/ },
  { id: 'kills itself', test: 'kill(getpid(), SIGKILL); pause();', status: 'runtime_error', detail: /SIGKILL/ },
  {
    id: 'endless recursion',
    test: 'struct R { static int r(int n) { volatile char c[4096]; c[n % 4096] = 1; return r(n + 1) + c[0]; } }; R::r(0);',
    status: 'runtime_error',
    detail: /SIGSEGV/,
  },
  { id: 'endless loop', test: 'for (volatile int x = 0;;) x = x + 1;', status: 'timeout', output: '', limits: SHORT },
  {
    id: 'sleeps, deaf to SIGTERM',
    test: 'signal(SIGTERM, SIG_IGN); puts("x"); for (;;) pause();',
    status: 'timeout',
    output: '',
    limits: SHORT,
  },
  {
    id: 'exactly the output limit',
    test: "std::cout << std::string(65536, 'x');",
    status: 'success',
    output: 'x'.repeat(65_536),
  },
  { id: 'one byte over', test: "std::cout << std::string(65537, 'x');", status: 'output_limit', output: 'x'.repeat(65_536) },
  { id: 'endless line', test: 'for (;;) putchar(120);', status: 'output_limit', output: 'x'.repeat(65_536) },
  { id: 'flood of complaints', test: 'for (;;) fputs("x", stderr);', status: 'output_limit' },
  {
    id: 'says unsupported',
    test: 'dprintf(3, "unsupported texture objects\\n");',
    status: 'unsupported',
    detail: /^texture objects$/,
  },
  { id: 'floods the report', test: 'for (;;) dprintf(3, "supported ");', status: 'output_limit' },
  { id: 'does not compile', test: 'this is no C++;', status: 'compile_error', detail: /error/ },
]

suite('how a test ends', { timeout: patience(60_000) }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await plainSandbox()
  })

  for (const { id, test: code, status, output, detail, limits } of ROWS) {
    test(`${id}: ${status}`, async () => {
      const run = await runOne(sandbox, code, limits ?? LIMITS)
      assert.equal(run.status, status, run.detail)
      if (output !== undefined) assert.equal(run.text, output)
      if (detail !== undefined) assert.match(run.detail, detail)
    })
  }

  test('a test that ends badly does not stop the others', async () => {
    const runs = await runAll(sandbox, '', ['puts("a");', 'abort();', 'puts("c");'])
    assert.deepEqual(
      runs.map((run) => run.status),
      ['success', 'runtime_error', 'success'],
    )
  })

  test('a test that does not compile does not stop the others', async () => {
    const runs = await runAll(sandbox, 'int f() { return 1; }', ['printf("%d", f());', 'g();', 'printf("%d", f() + 1);'])
    const seen = runs.map(({ status, output }) => [status, Buffer.from(output).toString()])
    assert.deepEqual(seen, [
      ['success', '1'],
      ['compile_error', ''],
      ['success', '2'],
    ])
  })

  test('code that does not compile is the end of every test', async () => {
    const runs = await runAll(sandbox, 'int f() { return }', ['f();', 'f();'])
    assert.deepEqual(
      runs.map((run) => run.status),
      ['compile_error', 'compile_error'],
    )
  })

  test('what cannot be composed is unsupported', async () => {
    const runs = await runAll(sandbox, '//unsupported dynamic parallelism', ['', ''])
    assert.deepEqual(
      runs.map((run) => run.status),
      ['unsupported', 'unsupported'],
    )
  })

  test('an executor that is not here is a fault, not a verdict', async () => {
    const program = { v: 1 as const, side: 'cuda' as const, code: 'x', wrapper: '', tests: ['x'] }
    const { signal } = new AbortController()
    await assert.rejects(sandbox.execute(program, 'gpu', LIMITS, { signal }), { code: 'toolchain' })
  })
})
