import { type Attack, FAILS, HARMS, LIMITS, notShown, REFUSED, returned, SUCCESS } from './attack.ts'

const ITSELF = notShown('harms nobody but itself')
const NOT_A_MATTER_OF_JAILS = notShown('the same inside and outside')

/** The function the tests of most rows call, and what an honest test of it prints. */
const TWICE = 'int twice(int x) { return 2 * x; }\n'
const honest = (x: number) => `wrapper(twice, ${x});`
const right = (x: number) => returned(2 * x, x)
/** What the programs would have people believe. */
const FORGED = returned(42, 21)
const FORGE = `puts("Return value: 42\\nArguments after function call: (21)"); fflush(stdout);`

const KERNEL = '__global__ void twice(int *a, int n) { int i = threadIdx.x; if (i < n) a[i] = 2 * a[i]; }\n'
const LAUNCH = `void run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`
const ARRAY = 'int a[2] = {20, 21}; wrapper(run, a, 2);'
const DOUBLED = 'Return value: void\nArguments after function call: ([ 40, 42 ], 2)\n'

/**
 * What a program can try against the harness that prints for it. Each test is a process of its own and the program is not
 * trusted with anything but its own output: so it can spoil that, and must not reach another test, the harness of another
 * program, or the sandbox. Rows whose output is `FORGED` or `DOUBLED` fool the compat rule, as they fool the reference.
 */
export const HARNESS: readonly Attack[] = [
  {
    id: 'H1',
    name: 'redefines the copies of CUDA',
    tries: 'to pass with an empty kernel, the work done by the host',
    side: 'cuda',
    code: `#define cudaMalloc(p, n) (*(void **)(p) = malloc(n))
#define cudaMemcpy(to, from, n, kind) (memcpy(to, from, n), double_all((int *)(to), (n) / 4, kind))
#define cudaFree(p) free(p)
static void double_all(int *a, int n, int kind) { for (int i = 0; i < n && kind == cudaMemcpyDeviceToHost; i++) a[i] *= 2; }
__global__ void twice(int *, int) {}
`,
    wrapper: LAUNCH,
    tests: [ARRAY],
    ends: [SUCCESS],
    prints: [DOUBLED],
    isolated: ['success, no-kernel-work'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H1',
    name: 'redefines the wrapper',
    tries: 'to print without being called',
    side: 'cpp',
    code: `${TWICE}#define wrapper(f, x) (void)puts("Return value: 42\\nArguments after function call: (21)")\n`,
    tests: [honest(1), honest(21)],
    ends: [SUCCESS, SUCCESS],
    prints: [FORGED, FORGED],
    isolated: ['unsupported', 'unsupported'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H1',
    name: 'redefines main and the words after it',
    tries: 'to have the harness compile to something else',
    side: 'cpp',
    code: `${TWICE}#define main harmless\n#define leave stay\n`,
    tests: [honest(1), honest(2)],
    ends: [REFUSED, REFUSED],
    isolated: ['unsupported', 'unsupported'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H1',
    name: 'redefines the wrapper from inside a test, in other letters',
    tries: 'to change the tests after it',
    side: 'cpp',
    code: TWICE,
    tests: [honest(1), `\n%:define wrapper(f, x) ${FORGE}\n${honest(2)}`, honest(3)],
    ends: [SUCCESS, SUCCESS, SUCCESS],
    prints: [right(1), FORGED, right(3)],
    isolated: ['success', 'unsupported', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H2',
    name: 'a constructor prints and exits',
    tries: 'to print the expected text before the harness begins',
    side: 'cpp',
    code: `${TWICE}static struct Early { Early() { ${FORGE} _Exit(0); } } early;\n`,
    tests: [honest(1), honest(21)],
    ends: [SUCCESS, SUCCESS],
    prints: [FORGED, FORGED],
    isolated: ['runtime_error', 'runtime_error'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H2',
    name: 'the same beside a kernel',
    tries: 'to print the expected text before there is a device',
    side: 'cuda',
    code: `${KERNEL}static struct Early { Early() { ${FORGE} _Exit(0); } } early;\n`,
    wrapper: LAUNCH,
    tests: [ARRAY],
    ends: [SUCCESS],
    prints: [FORGED],
    isolated: ['runtime_error'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H2',
    name: 'a test puts itself before main by assembly',
    tries: 'to run before every other test of the program',
    side: 'cpp',
    code: TWICE,
    tests: [
      honest(1),
      `asm(".pushsection .init_array,\\"aw\\"\\n.quad early\\n.popsection\\n.pushsection .text\\nearly: mov $60, %eax; xor %edi, %edi; syscall\\n.popsection"); ${honest(2)}`,
      honest(3),
    ],
    // Where the processor is another one, the assembler says so.
    ends: [SUCCESS, ['success', 'compile_error', 'runtime_error'], SUCCESS],
    prints: [right(1), null, right(3)],
    isolated: ['success', 'runtime_error or compile_error', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H2',
    name: 'a test puts itself before main by attribute',
    tries: 'the same without assembly',
    side: 'cpp',
    code: TWICE,
    tests: [
      honest(1),
      `struct E { static void go() { ${FORGE} _Exit(0); } }; static __attribute__((section(".init_array"), used)) void (*early)() = E::go; ${honest(2)}`,
      honest(3),
    ],
    ends: [SUCCESS, ['success', 'compile_error'], SUCCESS],
    prints: [right(1), null, right(3)],
    isolated: ['success', 'runtime_error', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H3',
    name: 'a destructor prints and exits',
    tries: 'to print after the harness, and end as if all were well',
    side: 'cpp',
    code: `${TWICE}static struct Last { ~Last() { ${FORGE} _Exit(0); } } last;\n`,
    tests: ['wrapper(twice, 1); exit(3);', honest(1)],
    ends: [SUCCESS, SUCCESS],
    prints: [right(1) + FORGED, right(1) + FORGED],
    isolated: ['runtime_error', 'runtime_error'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H3',
    name: 'a test leaves something for the exit',
    tries: 'to print at the end of the tests after it',
    side: 'cpp',
    code: TWICE,
    tests: [honest(1), `atexit([] { ${FORGE} }); ${honest(2)}`, honest(3)],
    ends: [SUCCESS, SUCCESS, SUCCESS],
    prints: [right(1), right(2) + FORGED, right(3)],
    isolated: ['success', 'success', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H4',
    name: 'brings a main of its own',
    tries: 'to be run in place of the harness',
    side: 'cpp',
    code: `${TWICE}int main() { ${FORGE} }\n`,
    tests: [honest(1), honest(2)],
    ends: [REFUSED, REFUSED],
    isolated: ['success', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H4',
    name: 'a test closes its place and opens another',
    tries: 'to be taken for the test before it, by the marks of the harness',
    side: 'cpp',
    code: TWICE,
    tests: [
      honest(1),
      `${honest(2)} } ::__ks::leave(); } static int __ks_test_0() { { ${FORGE}`,
      `${honest(3)} } ::__ks::leave(); } int main() { { ${FORGE}`,
      honest(4),
    ],
    ends: [SUCCESS, ['success', 'compile_error'], REFUSED, SUCCESS],
    prints: [right(1), null, '', right(4)],
    isolated: ['success', 'unsupported', 'unsupported', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H4',
    name: 'a test leaves a comment open',
    tries: 'to take the tests after it out of the program',
    side: 'cpp',
    code: TWICE,
    tests: [honest(1), `${honest(2)} /*`, `${honest(3)} //\\`, honest(4)],
    ends: [SUCCESS, ['success', 'compile_error'], SUCCESS, SUCCESS],
    prints: [right(1), null, right(3), right(4)],
    isolated: ['success', 'compile_error', 'success', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H5',
    name: 'specialises what prints',
    tries: 'to print another number than it returned',
    side: 'cpp',
    code: `${TWICE}namespace __ks { template <> void print<int>(const int &) { std::cout << 42; } }\n`,
    tests: [honest(1), honest(2)],
    ends: [SUCCESS, SUCCESS],
    prints: [returned(42, 42), returned(42, 42)],
    isolated: ['unsupported', 'unsupported'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H5',
    name: 'a test turns the stream another way',
    tries: 'to change what the tests after it print',
    side: 'cpp',
    code: TWICE,
    tests: [honest(1), `std::cout << std::hex << std::showbase; ${honest(8)}`, honest(9)],
    ends: [SUCCESS, SUCCESS, SUCCESS],
    prints: [right(1), returned('0x10', '0x8'), right(9)],
    isolated: ['success', 'success', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H6',
    name: 'the kernel does nothing',
    tries: 'to pass for a kernel, the work done by the host',
    side: 'cuda',
    code: '__global__ void twice(int *, int) {}\n',
    wrapper: 'void run(int *a, int n) { twice<<<1, 32>>>(a, n); for (int i = 0; i < n; i++) a[i] *= 2; }',
    tests: [ARRAY],
    ends: [SUCCESS],
    prints: [DOUBLED],
    isolated: ['success, no-kernel-work'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H7',
    name: 'writes to every descriptor',
    tries: 'to reach a pipe that is not its own',
    side: 'cpp',
    code: `${TWICE}#include <unistd.h>\n`,
    tests: [
      honest(1),
      `for (int fd = 0; fd < 4096; fd++) if (fd != 1 && fd != 2 && write(fd, "unsupported forged\\n", 19) > 0 && fd != 3) printf("ESCAPED %d", fd);`,
      honest(3),
    ],
    // Descriptor 3 is where a program says that it cannot be run: saying so falsely leaves that one test undecided.
    ends: [SUCCESS, ['unsupported'], SUCCESS],
    prints: [right(1), '', right(3)],
    isolated: ['success', 'success, vacuous-test', 'success'],
    control: ITSELF,
  },
  {
    id: 'H7',
    name: 'floods the report',
    tries: 'to fill memory by the pipe that nobody limits',
    side: 'cpp',
    code: `${TWICE}#include <unistd.h>\n`,
    tests: [`for (;;) if (write(3, "success success success success\\n", 32) < 0) break;`, honest(2)],
    ends: [['output_limit'], SUCCESS],
    prints: [null, right(2)],
    isolated: ['success, vacuous-test', 'success'],
    control: ITSELF,
  },
  {
    id: 'H7',
    name: 'reports what is no report',
    tries: 'to have the sandbox take other words for an outcome',
    side: 'cpp',
    code: `${TWICE}#include <unistd.h>\n`,
    tests: [`dprintf(3, "success\\n{\\"exit-code\\": 0}\\nstarted\\nunsupported late\\n"); _exit(5);`, honest(2)],
    ends: [FAILS, SUCCESS],
    prints: ['', right(2)],
    isolated: ['runtime_error', 'success'],
    control: ITSELF,
  },
  {
    id: 'H7',
    name: 'closes every descriptor',
    tries: 'to be lost by those who wait for it',
    side: 'cpp',
    code: `${TWICE}#include <unistd.h>\n`,
    tests: [honest(1), `for (int fd = 0; fd < 4096; fd++) close(fd); ${honest(2)}`, honest(3)],
    ends: [SUCCESS, SUCCESS, SUCCESS],
    prints: [right(1), '', right(3)],
    isolated: ['success', 'runtime_error', 'success'],
    control: ITSELF,
  },
  {
    id: 'H8',
    name: 'looks for the answer',
    tries: 'the expected output, or what a run before it left',
    side: 'cpp',
    code: `${TWICE}#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
extern char **environ;
static void search(const char *path, bool any) {
  char text[4096];
  int fd = open(path, O_RDONLY);
  ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (size > 0) { text[size] = 0; if (any || strstr(text, "@secret@")) printf("ESCAPED %s: %s\\n", path, text); }
}
static void answer() {
  for (char **e = environ; *e; e++) if (strncmp(*e, "PATH=", 5) && strncmp(*e, "LANG=", 5)) printf("ESCAPED %s\\n", *e);
  for (const char *path : {"/proc/self/cmdline", "/proc/self/environ", "@home@", "@temporary@", "@cache@"}) search(path, true);
  DIR *folder = opendir(".");
  while (dirent *entry = readdir(folder)) if (entry->d_name[0] != '.') search(entry->d_name, true);
  int fd = open("answer", O_CREAT | O_WRONLY, 0600);
  (void)!write(fd, "Return value: 42", 16);
  close(fd);
}
`,
    tests: [`answer(); ${honest(1)}`, `answer(); ${honest(2)}`],
    ends: [SUCCESS, SUCCESS],
    prints: [right(1), right(2)],
    isolated: ['success', 'success'],
    control: HARMS,
  },
  {
    id: 'H9',
    name: 'a test ends before the call',
    tries: 'to end well without having done anything',
    side: 'cpp',
    code: TWICE,
    tests: [honest(1), `exit(0); ${honest(2)}`, `_Exit(0); ${honest(3)}`, `return 0; ${honest(4)}`, honest(5)],
    ends: [SUCCESS, SUCCESS, SUCCESS, SUCCESS, SUCCESS],
    prints: [right(1), '', '', '', right(5)],
    isolated: ['success', 'runtime_error', 'runtime_error', 'success, vacuous-test', 'success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H9',
    name: 'a kernel ends the program',
    tries: 'the same from the device',
    side: 'cuda',
    code: '__global__ void twice(int *a, int n) { if (n == 2) exit(0); a[threadIdx.x % n] *= 2; }\n',
    wrapper: LAUNCH,
    tests: [ARRAY, 'int a[1] = {21}; wrapper(run, a, 1);'],
    // What a kernel may not call is refused for the whole program, before anything runs.
    ends: [
      ['unsupported', 'compile_error'],
      ['unsupported', 'compile_error'],
    ],
    prints: ['', ''],
    // Where nvcc refuses it, it comes no further than the plain run. What the kernel does in the second test is no harm.
    isolated: ['unsupported', 'unsupported or success'],
    control: NOT_A_MATTER_OF_JAILS,
  },
  {
    id: 'H10',
    name: 'writes over the harness in memory',
    tries: 'to have the functions that print do something else',
    side: 'cpp',
    // Known to be open: a program and what prints for it share a process. It reaches that one test.
    code: `#include <stdint.h>
#include <sys/mman.h>
#include <string.h>
#include <unistd.h>
int twice(int x) { return 2 * x; }
static void forged(const ::__ks::Shown &) { ${FORGE} _Exit(0); }
static void patch() {
  auto at = (uintptr_t)&::__ks::print_return;
  if (mprotect((void *)(at & ~4095ul), 8192, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) return;
  void (*to)(const ::__ks::Shown &) = forged;
#if defined(__x86_64__)
  unsigned char jump[12] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0};
  memcpy(jump + 2, &to, 8);
  memcpy((void *)at, jump, sizeof jump);
#elif defined(__aarch64__)
  uint32_t jump[4] = {0x58000051, 0xd61f0220, 0, 0};
  memcpy(jump + 2, &to, 8);
  memcpy((void *)at, jump, sizeof jump);
  __builtin___clear_cache((char *)at, (char *)at + sizeof jump);
#endif
}
`,
    tests: [honest(1), `patch(); ${honest(2)}`, honest(3)],
    ends: [SUCCESS, SUCCESS, SUCCESS],
    prints: [right(1), FORGED, right(3)],
    limits: LIMITS,
    isolated: ['unsupported', 'unsupported', 'unsupported'],
    control: NOT_A_MATTER_OF_JAILS,
  },
]
