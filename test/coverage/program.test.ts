import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type Coverage, decodeCoverage, type Program } from '../../protocol/index.ts'
import type { Sandbox, TestRun } from '../../sandbox/index.ts'
import { LIMITS, openProjectSandbox, programOf } from '../sanitized/fixture.ts'

let sandbox: Sandbox

before(async () => {
  sandbox = await openProjectSandbox()
})

async function measured(program: Program, limits = LIMITS): Promise<TestRun[]> {
  return (await sandbox.execute(program, 'host', limits, { signal: new AbortController().signal, pass: 'coverage' })).tests
}

function coverageOf(run: TestRun | undefined): Coverage | null {
  return run === undefined ? null : decodeCoverage(run.output)
}

/**
 * Lines reached, and those that could have been and were not. Lines with nothing but a brace are left out: whether they count is
 * another matter in every version of the compiler.
 */
function told(run: TestRun | undefined, { code }: Pick<Program, 'code'>): { reached: number[]; missed: number[] } | null {
  const texts = code.split('\n')
  const coverage = coverageOf(run)?.filter(({ line }) => texts[line - 1]?.trim() !== '}')
  if (coverage === undefined) return null
  const lines = (want: boolean) => coverage.flatMap(({ line, reached }) => (reached === want ? [line] : []))
  return { reached: lines(true), missed: lines(false) }
}

/** Which lines a call runs through follows from the text. */
const FUNCTION = `int grade(int points) {
  if (points < 0)
    return -1;
  int grade = 0;
  while (points >= 10) {
    points -= 10;
    grade++;
  }
  return grade;
}`

describe('the coverage pass', () => {
  it('says line by line what a test reaches of the code, of all that can be reached', async () => {
    const program = programOf('cpp', {
      code: FUNCTION,
      tests: ['wrapper(grade, -5);', 'wrapper(grade, 5);', 'wrapper(grade, 25);'],
    })
    const [negative, small, large] = (await measured(program)).map((run) => told(run, program))
    assert.deepEqual(negative, { reached: [1, 2, 3], missed: [4, 5, 6, 7, 9] })
    assert.deepEqual(small, { reached: [1, 2, 4, 5, 9], missed: [3, 6, 7] })
    assert.deepEqual(large, { reached: [1, 2, 4, 5, 6, 7, 9], missed: [3] })
  })

  it('says of a condition which ways were taken, and nothing of the ways of exceptions', async () => {
    const code = `#include <string>\nint shorter(int n) {\n  std::string text("a word");\n  return n > 3 && n < (int)text.size() ? 1 : 2;\n}`
    const program = programOf('cpp', { code, tests: ['wrapper(shorter, 1);', 'wrapper(shorter, 5); wrapper(shorter, 1);'] })
    const [one, both] = (await measured(program)).map(coverageOf)
    const branches = (coverage: Coverage | null | undefined, at: number) => coverage?.find(({ line }) => line === at)?.branches
    assert.equal(branches(one, 3), '')
    assert.equal(branches(one, 4)?.length, branches(both, 4)?.length)
    const taken = (text = '') => [...text].filter((way) => way === '1').length
    assert.ok(taken(branches(one, 4)) < taken(branches(both, 4)))
  })

  it('counts neither tests nor harness, and joins the instances of a template', async () => {
    const code = 'template <class T> T larger(T a, T b) {\n  if (a > b)\n    return a;\n  return b;\n}'
    const test = 'int unused = 0;\nif (unused) { cout << 1; }\nwrapper(larger<int>, 1, 2);\nwrapper(larger<double>, 2.0, 1.0);'
    const program = programOf('cpp', { code, tests: [test] })
    const [run] = await measured(program)
    assert.deepEqual(told(run, program), { reached: [1, 2, 3, 4], missed: [] })
  })

  it('gives the same bytes again, and with every other test beside it', async () => {
    const tests = ['wrapper(grade, -5);', 'wrapper(grade, 25);']
    const [, first] = await measured(programOf('cpp', { code: FUNCTION, tests }))
    const [again] = await measured(programOf('cpp', { code: FUNCTION, tests: tests.slice(1) }))
    assert.deepEqual(first?.output, again?.output)
    assert.ok((first?.output.byteLength ?? 0) > 0)
  })

  it('counts what was reached before exit()', async () => {
    const program = programOf('cpp', {
      code: 'void leave(int n) {\n  if (n)\n    exit(0);\n  n = 1;\n}',
      tests: ['leave(1);'],
    })
    const [run] = await measured(program)
    assert.equal(run?.status, 'success')
    assert.deepEqual(told(run, program), { reached: [1, 2, 3], missed: [4] })
  })

  it('measures what a program of several processes and threads reached', async () => {
    const code = `#include <sys/wait.h>
#include <unistd.h>
int apart(int n) {
  if (fork() == 0)
    exit(n + 1);
  int status = 0;
  wait(&status);
  return WEXITSTATUS(status);
}`
    const [run] = await measured(programOf('cpp', { code, tests: ['wrapper(apart, 1);'] }))
    assert.deepEqual(told(run, { code })?.missed, [])
  })

  const HEADERS = '#include <fcntl.h>\n#include <signal.h>\n#include <unistd.h>\n#include <dirent.h>\n'
  const FORGE = (what: string) => `${HEADERS}void f() {\n  ${what}\n}`
  const NOT_MEASURED: { id: string; code: string; status: TestRun['status'] }[] = [
    { id: 'ends by _exit', code: FORGE('_exit(0);'), status: 'success' },
    { id: 'is killed', code: FORGE('raise(SIGKILL);'), status: 'runtime_error' },
    { id: 'aborts', code: FORGE('abort();'), status: 'runtime_error' },
    { id: 'exits with a code', code: FORGE('exit(3);'), status: 'runtime_error' },
    { id: 'closes the descriptor', code: FORGE('close(3);'), status: 'success' },
    {
      id: 'says something else there',
      code: FORGE('if (write(3, "adcg and no more", 16) < 0) abort(); _exit(0);'),
      status: 'success',
    },
    {
      id: 'says nothing that is a counter',
      code: FORGE('for (int i = 0; i < 999; i++) if (write(3, "\\xff\\xff\\xff\\xff", 4) < 0) abort(); _exit(0);'),
      status: 'success',
    },
    {
      id: 'floods it',
      code: FORGE('static char a[1 << 20]; for (;;) if (write(3, a, sizeof a) < 0) abort();'),
      status: 'output_limit',
    },
    { id: 'never ends', code: FORGE('for (;;) pause();'), status: 'timeout' },
    {
      id: 'puts a folder where the counters go',
      code: `${HEADERS}#include <sys/stat.h>\nvoid f() {\n  mkdir("/tmp/unit.gcda", 0);\n}`,
      status: 'success',
    },
    {
      id: 'fills the room where the counters go',
      code: `${HEADERS}void f() {\n  static char a[1 << 20];\n  int to = open("/tmp/x", O_WRONLY | O_CREAT, 0600);\n  while (write(to, a, sizeof a) > 0) {}\n}`,
      status: 'success',
    },
    { id: 'has nothing that can be counted', code: '#define f()', status: 'success' },
  ]

  for (const { id, code, status } of NOT_MEASURED) {
    it(`is not measured, which is not nothing reached: one that ${id}`, async () => {
      const [run] = await measured(programOf('cpp', { code, tests: ['f();'] }), { ...LIMITS, wallMs: 2000 })
      assert.deepEqual({ status: run?.status, output: run?.output.byteLength }, { status, output: 0 }, run?.detail)
      if (status === 'success') assert.match(run?.detail ?? '', /^not measured: /)
    })
  }

  it('is not measured where the round allows no output as long', async () => {
    const [run] = await measured(programOf('cpp', { code: FUNCTION, tests: ['wrapper(grade, 5);'] }), {
      ...LIMITS,
      outputBytes: 40,
    })
    assert.equal(run?.output.byteLength, 0)
  })

  it('ends as the plain run where nothing compiles', async () => {
    const [run] = await measured(programOf('cpp', { code: 'int f() { return x; }', tests: ['wrapper(f);'] }))
    assert.equal(run?.status, 'compile_error')
  })
})
