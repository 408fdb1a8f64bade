import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { Sandbox } from '../../sandbox/index.ts'
import { findHiding } from '../../sandbox/sanitized/hiding.ts'
import { inWords, openProjectSandbox, programOf, runSanitized } from './fixture.ts'

/** Each would keep the sanitizers from seeing the fault, or from saying it. */
const HIDES: { id: string; text: string }[] = [
  { id: 'attribute', text: '__attribute__((no_sanitize("address"))) int f() { return 0; }' },
  { id: 'attribute of the other name', text: '__attribute__((__no_sanitize_address__)) int f() { return 0; }' },
  { id: 'attribute in brackets', text: '[[gnu::no_sanitize_undefined]] int f() { return 0; }' },
  { id: 'attribute by macro', text: '#define QUIET __attribute__((no_sanitize("undefined")))\nQUIET int f() { return 0; }' },
  { id: 'attribute with another name', text: 'int f() __attribute__((alias("g")));' },
  { id: 'optimiser', text: '__attribute__((optimize("no-sanitize"))) int f() { return 0; }' },
  { id: 'pragma', text: '#pragma GCC optimize("O3")\nint f() { return 0; }' },
  { id: '_Pragma', text: '_Pragma("GCC diagnostic push") int f() { return 0; }' },
  { id: 'options', text: 'extern "C" const char *__asan_default_options() { return "halt_on_error=0"; }' },
  { id: 'unpoisons', text: 'extern "C" void __asan_unpoison_memory_region(void const volatile *, size_t);' },
  { id: 'death callback', text: 'extern "C" void __sanitizer_set_death_callback(void (*)());' },
  { id: 'handler of its own', text: 'extern "C" void __ubsan_handle_add_overflow() {}' },
  { id: 'asks whether it is watched', text: '#ifdef __SANITIZE_ADDRESS__\n#define SAFE\n#endif' },
  { id: 'makes a name', text: '#define NAME(a, b) a##b\nint NAME(fo, rk)();' },
  { id: 'makes a name in other letters', text: '%:define NAME(a, b) a%:%:b' },
  { id: 'a word on two lines', text: 'int fo\\\nrk();' },
  { id: 'a word in other letters', text: 'int \\u0066ork();' },
  { id: 'assembly', text: 'int f() { __asm__("nop"); return 0; }' },
  { id: 'a child', text: 'int f() { return fork(); }' },
  { id: 'a system call', text: 'long f() { return syscall(57); }' },
  { id: 'another program', text: 'int f() { return execve("/program", 0, 0); }' },
  { id: 'looks up', text: 'void *f() { return dlsym(0, "puts"); }' },
  { id: 'malloc of its own', text: 'extern "C" void *malloc(size_t n) { static char pool[1 << 20]; return pool; }' },
  { id: 'memcpy of its own', text: '#define memcpy(a, b, n) for (size_t i = 0; i < n; i++) a[i] = b[i]' },
  { id: 'operator new of its own', text: 'void *operator new(size_t n) { static char pool[1 << 20]; return pool; }' },
  { id: 'names of the harness', text: 'void f() { __ks::leave(); }' },
]

/** What honest programs have. */
const PLAIN: { id: string; text: string }[] = [
  { id: 'unrolling', text: '#pragma unroll\nfor (;;) {}' },
  { id: 'alignment', text: 'struct __attribute__((aligned(16), packed)) S { int a; };' },
  { id: 'inlining', text: '__attribute__((always_inline)) inline int f() { return 0; }' },
  { id: 'standard attributes', text: '[[nodiscard]] int f([[maybe_unused]] int x) { return 0; }' },
  { id: 'an index that is a call', text: 'int f(int *a) { return a[[] { return 1; }()]; }' },
  { id: 'names of variables', text: 'struct Road { int fork; }; int f(Road r) { int clone = r.fork; return clone; }' },
  { id: 'calls', text: 'void f(char *a, char *b) { if (a) { memcpy(a, b, strlen(b)); } free(malloc(3)); }' },
  { id: 'new and delete', text: 'void f() { int *p = new int[3]; delete[] p; }' },
  { id: 'text', text: 'const char *s = "__asan_ ## fork()"; // no_sanitize' },
]

suite('what could hide is seen', () => {
  for (const { id, text } of HIDES) test(id, () => assert.notEqual(findHiding([text]), null))
  for (const { id, text } of PLAIN) test(`not in ${id}`, () => assert.equal(findHiding([text]), null))
})

suite('what a program does at run time hides nothing', () => {
  const FAULT = 'int a[4] = {}, *p = a; volatile int n = 4; int v = p[n];'
  const ROWS: { id: string; before: string; ends: RegExp }[] = [
    {
      id: 'closes every descriptor',
      before: 'for (int fd = 0; fd < 128; fd++) close(fd);',
      ends: /^undefined-behaviour in :0: /,
    },
    {
      id: 'handles the signal',
      before: 'signal(SIGSEGV, [](int) { _exit(0); }); int *q = (int *)0x77770000; *q = 1;',
      ends: /^undefined-behaviour in test \d+:1: /,
    },
    {
      id: 'sets the environment',
      before: 'setenv("ASAN_OPTIONS", "halt_on_error=0", 1);',
      ends: /^undefined-behaviour in test \d+:1: /,
    },
    {
      id: 'forges another place',
      before: 'fprintf(stderr, "test 1:9:9: runtime error: division by zero\\n"); fflush(stderr);',
      ends: /^undefined-behaviour in test 1:9: division by zero/,
    },
    {
      id: 'forges what is no report',
      before: 'fprintf(stderr, "==1==ERROR: AddressSanitizer: %s\\n    #0 0xzz\\n", "\\x1b[31m<script>"); fflush(stderr);',
      ends: /^undefined-behaviour in (?:test \d+:1|:0): [ -~]*$/,
    },
    { id: 'ends with that code itself', before: '_exit(87);', ends: /^undefined-behaviour in :0: / },
    { id: 'floods the report first', before: 'for (;;) fputs("noise", stderr);', ends: /^output_limit/ },
  ]
  let sandbox: Sandbox
  before(async () => {
    sandbox = await openProjectSandbox()
  })
  test('by row', { timeout: 120_000 }, async () => {
    const tests = ROWS.map((row) => `${row.before} ${FAULT} wrapper(same, v);`)
    const code =
      '#include <signal.h>\n#include <stdlib.h>\n#include <stdio.h>\n#include <unistd.h>\nint same(int x) { return x; }'
    const runs = await runSanitized(sandbox, programOf('cpp', { code, tests }))
    for (const [index, run] of runs.entries()) assert.match(inWords(run), ROWS[index]?.ends ?? /^$/, ROWS[index]?.id)
  })
  test('a program that could hide is undecided', async () => {
    const code = '__attribute__((no_sanitize("address"))) int past(int *a, int n) { return a[n]; }'
    const [run] = await runSanitized(sandbox, programOf('cpp', { code, tests: ['int a[4] = {}; wrapper(past, a, 4);'] }))
    assert.match(inWords(run as NonNullable<typeof run>), /^unsupported: .*no_sanitize/)
  })
})
