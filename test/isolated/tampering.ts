import { ARRAY, DOUBLE, type Row, wrapperOf } from './rows.ts'

const TWICE = 'int twice(int x) { return 2 * x; }\n'
const FORGE = 'puts("Return value: 42\\nArguments after function call: (21)"); fflush(stdout);'
const CALL = 'wrapper(twice, 21);'
const LATE = 'runtime_error' as const
const HELD = ['unsupported', 'compile_error'] as const

/** Programs against the harness of this pass, beyond those of test/hostile: none may end well. */
export const TAMPERING: readonly Row[] = [
  {
    id: 'H1 defines wrapper',
    side: 'cpp',
    code: `${TWICE}#define wrapper(f, x) ${FORGE}\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  {
    id: 'H1 defines the function’s name',
    side: 'cpp',
    code: `${TWICE}#define twice other\nint other(int) { return 42; }\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  {
    id: 'H1 defines it on a continued line',
    side: 'cpp',
    code: `${TWICE}#def\\\nine twice(x) other\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  {
    id: 'H1 defines a word of the language',
    side: 'cpp',
    code: `${TWICE}#define static extern\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  { id: 'H1 by a pragma', side: 'cpp', code: `${TWICE}#pragma pop_macro("wrapper")\n`, tests: [CALL], ends: ['unsupported'] },
  {
    id: 'H1 in the letters of old keyboards',
    side: 'cpp',
    code: `${TWICE}%:define twice other\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  { id: 'H1 leaves a bracket open', side: 'cpp', code: `${TWICE}namespace mine {\n`, tests: [CALL], ends: ['unsupported'] },
  { id: 'H1 leaves a comment open', side: 'cpp', code: `${TWICE}/* what follows\n`, tests: [CALL], ends: ['unsupported'] },
  {
    id: 'H1 leaves a raw string open',
    side: 'cpp',
    code: `${TWICE}const char *rest = R"x(\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  { id: 'H1 leaves a declaration open', side: 'cpp', code: `${TWICE}template <int N>\n`, tests: [CALL], ends: [HELD] },
  {
    id: 'H1 has the copies do the work by another memmove',
    side: 'cuda',
    code: `extern "C" void *memmove(void *to, const void *from, size_t n) noexcept { for (size_t i = 0; i < n; i++) ((char *)to)[i] = ((const char *)from)[i]; if (n == 12) for (int i = 0; i < 3; i++) ((int *)to)[i] *= 2; return to; }\n__global__ void twice(int *, int) {}\n`,
    wrapper: wrapperOf('twice'),
    tests: [ARRAY],
    ends: ['success'],
  },
  {
    id: 'H2 ends in a constructor',
    side: 'cpp',
    code: `${TWICE}static struct Early { Early() { ${FORGE} _Exit(0); } } early;\n`,
    tests: [CALL],
    ends: [LATE],
    says: [/ended before its test/],
  },
  {
    id: 'H2 exits in a constructor',
    side: 'cpp',
    code: `${TWICE}static struct Early { Early() { ${FORGE} exit(0); } } early;\n`,
    tests: [CALL],
    ends: [LATE],
  },
  {
    id: 'H3 ends in a destructor',
    side: 'cpp',
    code: `${TWICE}static struct Last { ~Last() { ${FORGE} _Exit(0); } } last;\n`,
    tests: [CALL],
    ends: [LATE],
  },
  { id: 'H3 ends in a handler', side: 'cpp', code: TWICE, tests: [`atexit([] { ${FORGE} _Exit(0); }); ${CALL}`], ends: [LATE] },
  {
    id: 'H4 names the harness',
    side: 'cpp',
    code: `${TWICE}namespace __ks { int mine; }\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  {
    id: 'H4 names the harness in pieces',
    side: 'cpp',
    code: `${TWICE}#define JOIN(a, b) a##b\nnamespace JOIN(__k, s) { int mine; }\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  {
    id: 'H4 names the harness over two lines',
    side: 'cpp',
    code: `${TWICE}namespace __\\\nks { int mine; }\n`,
    tests: [CALL],
    ends: ['unsupported'],
  },
  {
    id: 'H4 brings an entry of its own',
    side: 'cpp',
    code: `${TWICE}extern "C" void *other() __asm__("__ks_" "entry");\nvoid *other() { return nullptr; }\n`,
    tests: [CALL],
    ends: [HELD],
  },
  {
    id: 'H7 closes every descriptor',
    side: 'cpp',
    code: `${TWICE}#include <unistd.h>\n`,
    tests: [`for (int fd = 0; fd < 4096; fd++) close(fd); ${CALL}`],
    ends: [LATE],
  },
  {
    id: 'H7 reports by itself',
    side: 'cpp',
    code: `${TWICE}#include <unistd.h>\n`,
    tests: ['for (int fd = 3; fd < 128; fd++) dprintf(fd, "0000 report\\nvalues 0\\n0000 end\\n"); _Exit(0);'],
    ends: [LATE],
  },
  {
    id: 'H9 ends before the call',
    side: 'cpp',
    code: TWICE,
    tests: [`exit(0); ${CALL}`, `_Exit(0); ${CALL}`, `return 0; ${CALL}`, `return 3; ${CALL}`],
    ends: [LATE, LATE, 'success', LATE],
    flags: [[], [], ['vacuous-test'], []],
  },
  {
    id: 'H9 ends in the call',
    side: 'cuda',
    code: DOUBLE,
    wrapper: `#include <unistd.h>\n${wrapperOf('twice', '', '_exit(0);')}`,
    tests: [ARRAY],
    ends: [LATE],
  },
  {
    // Known to be open: what shares a process with the loader can look for its nonce.
    id: 'H10 finds the nonce in memory and reports by itself',
    side: 'cpp',
    code: `${TWICE}#include <string>
#include <unistd.h>
static std::string find_nonce() {
  for (char *at = (char *)sbrk(0) - 65, *least = at - 130 * 1024; at > least; at--) {
    int digits = 0;
    while (digits < 64 && isxdigit((unsigned char)at[digits])) digits++;
    if (digits == 64 && at[64] == 0) return std::string(at, 64);
  }
  return "";
}
static void forge() {
  std::string nonce = find_nonce();
  puts("Return value: 42\\nArguments after function call: (21)");
  fflush(stdout);
  dprintf(100, "%s report\\ncalled 1\\nvalues 30\\ncall\\nreturn int 42\\narg int 21\\n%s end\\n", nonce.c_str(), nonce.c_str());
  _Exit(0);
}
`,
    tests: ['forge();'],
    ends: ['success'],
  },
]
