import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Program } from '../../protocol/index.ts'
import { type CpuExecutor, compose, composeSingle } from '../../sandbox/source/compose.ts'
import { explainFailure } from '../../sandbox/source/explain.ts'
import { sharesFile } from '../../sandbox/source/tests.ts'

const program = (side: 'cpp' | 'cuda', tests: string[], code = 'void f() {}'): Program => ({
  v: 1,
  side,
  code,
  wrapper: '',
  tests,
})

const SHARING: { id: string; test: string; shares: boolean }[] = [
  { id: 'plain', test: 'int a[] = {1};\nwrapper(f, a); // done', shares: true },
  { id: 'a block', test: '{ wrapper(f); }', shares: true },
  { id: 'braces in strings and comments', test: 'puts("}"); /* { */ wrapper(f);', shares: true },
  { id: 'closes a function and opens another', test: 'wrapper(f); } int g() { return 0;', shares: false },
  { id: 'opens too much', test: 'if (1) { wrapper(f);', shares: false },
  { id: 'a comment left open', test: 'wrapper(f); /* more', shares: false },
  { id: 'a preprocessor line', test: '#define f g\nwrapper(f);', shares: false },
  { id: 'brackets that cross', test: 'f(]);[', shares: false },
]

for (const { id, test: text, shares } of SHARING) {
  test(`shares a file: ${id}`, () => assert.equal(sharesFile(text), shares))
}

test('a unit keeps the line numbers of code and tests', () => {
  const unit = compose(program('cpp', ['a;\nb;', 'c;'], 'one\ntwo'), 'host', 'plain')
  assert.ok(unit.kind === 'unit')
  assert.match(unit.text, /#line 1 "code"\none\ntwo\n/)
  assert.match(unit.text, /#line 1 "test 1"\na;\nb;\n/)
  assert.match(unit.text, /#line 1 "test 2"\nc;\n/)
})

test('one test alone keeps its number', () => {
  const unit = composeSingle(program('cpp', ['a;', 'c;']), 'host', 'plain', 1)
  assert.ok(unit.kind === 'unit')
  assert.match(unit.text, /\{1, __ks_test_1\}/)
  assert.doesNotMatch(unit.text, /test 1"/)
})

test('a program runs on the executor of its side only', () => {
  assert.equal(compose(program('cuda', ['a;']), 'host', 'plain').kind, 'unsupported')
  assert.equal(compose(program('cpp', ['a;']), 'emulated', 'plain').kind, 'unsupported')
})

/** What the compiler says -> what it means. */
const FAILURES: { id: string; output: string; executor?: CpuExecutor; status: 'compile_error' | 'unsupported' }[] = [
  { id: 'a syntax error', output: "code:1:5: error: expected ';' before '}' token", status: 'compile_error' },
  { id: 'an unknown name', output: "code:1:5: error: 'foo' was not declared in this scope", status: 'compile_error' },
  {
    id: 'an unknown runtime function',
    output: "wrapper:3:3: error: 'cudaGraphLaunch' was not declared in this scope",
    status: 'unsupported',
  },
  {
    id: 'an unknown intrinsic',
    output: "code:3:3: error: '__vadd4' was not declared in this scope; did you mean '__dadd_rn'?",
    status: 'unsupported',
  },
  { id: 'a library', output: "code:3:3: error: 'cublasHandle_t' does not name a type", status: 'unsupported' },
  { id: 'a namespace', output: "code:3:3: error: 'thrust' has not been declared", status: 'unsupported' },
  {
    id: 'the same on the C++ side',
    output: "code:3:3: error: 'thrust' has not been declared",
    executor: 'host',
    status: 'compile_error',
  },
  { id: 'a header of CUDA', output: 'code:1:10: fatal error: thrust/sort.h: No such file or directory', status: 'unsupported' },
  {
    id: 'a header of the program',
    output: 'code:1:10: fatal error: utils.h: No such file or directory',
    status: 'compile_error',
  },
  {
    id: 'wrong arguments of a kernel',
    output: "wrapper:2:9: error: no match for call to '(__ks::ConfiguredLaunch<int*>) (float*)'",
    status: 'compile_error',
  },
  {
    id: 'a kernel that is no plain function',
    output: "wrapper:2:9: error: no matching function for call to 'launch(<unresolved overloaded function type>)'",
    status: 'unsupported',
  },
  {
    id: 'a launch of a function that returns a value',
    output: "wrapper:2:9: error: no matching function for call to 'launch(int (&)(int*, int))'",
    status: 'compile_error',
  },
  {
    id: 'a header with a digit',
    output: 'code:1:10: fatal error: cuda_bf16.h: No such file or directory',
    status: 'unsupported',
  },
  { id: 'inside our headers', output: '/include/emulator/threads.h:57:3: error: static assertion failed', status: 'unsupported' },
  {
    id: "a member that the emulator's class has not",
    output: "code:3:3: error: 'struct cudaDeviceProp' has no member named 'uuid'",
    status: 'unsupported',
  },
  { id: 'the linker', output: "/usr/bin/ld: main: undefined reference to `g()'", status: 'compile_error' },
]

for (const { id, output, executor, status } of FAILURES) {
  test(`a failure: ${id}`, () => {
    const explained = explainFailure(program('cuda', []), executor ?? 'emulated', `${output}\n`)
    assert.equal(explained.status, status)
    assert.match(explained.detail, /error|undefined/)
  })
}
