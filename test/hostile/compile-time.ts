import { type Attack, HARMS, notShown, onHost, REFUSED, returned, SUCCESS } from './attack.ts'

const TOO_LARGE = notShown('would take all memory of the machine')
const HARMLESS = notShown('costs the compiler time, and nobody else anything')
const DOUBLING = `#define A0 0,0
#define A1 A0,A0,A0,A0,A0,A0,A0,A0,A0,A0
#define A2 A1,A1,A1,A1,A1,A1,A1,A1,A1,A1
#define A3 A2,A2,A2,A2,A2,A2,A2,A2,A2,A2
#define A4 A3,A3,A3,A3,A3,A3,A3,A3,A3,A3
#define A5 A4,A4,A4,A4,A4,A4,A4,A4,A4,A4
#define A6 A5,A5,A5,A5,A5,A5,A5,A5,A5,A5
#define A7 A6,A6,A6,A6,A6,A6,A6,A6,A6,A6
#define A8 A7,A7,A7,A7,A7,A7,A7,A7,A7,A7
`
/** Each function holds four copies of the one before it. */
const INLINED = Array.from({ length: 16 }, (_, n) => {
  const call = `f${n}(x)`
  return `__attribute__((always_inline)) inline int f${n + 1}(int x) { return ${call} + ${call} * x - ${call} / (x + 1) + ${call}; }`
}).join('\n')

/** Of these, every machine with a node has some. */
const INSTALLED = ['bwrap', 'ls', 'env', 'id', 'python3', 'perl', 'ssh', 'curl', 'sudo', 'git', 'gdb', 'nvcc'].flatMap((name) =>
  ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'].map((folder) => `${folder}/${name}`),
)
const BESIDE = [
  ...[
    '/usr/lib/os-release',
    '/usr/lib/ssl/openssl.cnf',
    '/usr/lib/ssl/certs/ca-certificates.crt',
    '/usr/lib/python3/dist-packages/apt_pkg.pyi',
  ],
  ...[
    '/usr/lib/python3.11/os.py',
    '/usr/lib/python3.12/os.py',
    '/usr/lib/locale/C.utf8/LC_CTYPE',
    '/usr/libexec/sudo/sudoers.so',
  ],
  ...[
    '/usr/share/common-licenses/GPL-3',
    '/usr/share/zoneinfo/UTC',
    '/usr/share/dict/words',
    '/usr/local/lib/node_modules/npm/package.json',
  ],
]
const FOREIGN_HEADERS = [
  'openssl/ssl.h',
  'zlib.h',
  'boost/version.hpp',
  'Eigen/Dense',
  'python3.11/Python.h',
  'sqlite3.h',
  'curses.h',
  'cuda.hpp',
]

function asks(what: string, names: readonly string[]): string {
  const quoted = (name: string) => (name.startsWith('/') ? `"${name}"` : `<${name}>`)
  return `#if ${names.map((name) => `__has_include(${quoted(name)})`).join(' || ')}\n  puts("ESCAPED ${what}");\n#endif`
}

/** The same tried on nvcc's tools, where nvcc decides what compiles; where it does not, g++ has the text after the emulator. */
function onDevice(row: Pick<Attack, 'id' | 'name' | 'tries' | 'code' | 'ends' | 'control'> & Partial<Attack>): Attack {
  return {
    side: 'cuda',
    wrapper: 'void run(int n) { int *d; cudaMalloc(&d, 1 << 16); if (n > 1) attack<<<1, 1>>>(d); cudaFree(d); }',
    tests: ['wrapper(run, 1);'],
    ...row,
  }
}

const AS_ABOVE = notShown('the row of the C++ side shows it')

/** What a text can try while it is compiled. The compiler has a jail as well, without network and with the toolchain alone. */
export const COMPILE_TIME: readonly Attack[] = [
  onHost({
    id: 'C1',
    name: 'includes a file by its path',
    tries: 'a line of a file of the machine in the complaint about it',
    code: '#include "@home@"\nint attack(int) { return 0; }',
    ends: [REFUSED],
    control: HARMS,
  }),
  onHost({
    id: 'C1',
    name: 'includes a file by a way up',
    tries: 'the same past the folder of headers',
    code: '#include "../../../../../../../..@temporary@"\nint attack(int) { return 0; }',
    ends: [REFUSED],
    control: HARMS,
  }),
  onHost({
    id: 'C1',
    name: 'includes /etc/passwd',
    tries: 'the users of the machine',
    code: '#include "/etc/passwd"\nint attack(int) { return 0; }',
    ends: [REFUSED],
    control: HARMS,
  }),
  onHost({
    id: 'C1',
    name: 'includes a file of the system',
    tries: 'which distribution the machine has, in the complaint about it',
    code: '#include "/usr/lib/os-release"\nint attack(int) { return 0; }',
    ends: [REFUSED],
    control: HARMS,
  }),
  onHost({
    id: 'C2',
    name: 'takes a file into the program',
    tries: 'a file of the machine as bytes of the program, printed when it runs',
    code: `#include <stdio.h>
asm(".data\\n.globl stolen\\nstolen: .incbin \\"@home@\\"\\n.byte 0\\n.text");
extern "C" char stolen[];
int attack(int) { puts(stolen); return 0; }`,
    ends: [REFUSED],
    control: HARMS,
  }),
  onHost({
    id: 'C2',
    name: 'takes a program of the machine into its own',
    tries: 'which version of a program the machine has, byte for byte',
    code: `#include <stdio.h>
asm(".data\\n.globl stolen\\nstolen: .incbin \\"/usr/bin/bwrap\\"\\n.byte 0\\n.text");
extern "C" char stolen[];
int attack(int) { if (stolen[1] == 'E') puts("ESCAPED a program"); return 0; }`,
    ends: [REFUSED],
    control: HARMS,
  }),
  onHost({
    id: 'C3',
    name: 'a program of 1 GiB',
    tries: 'to fill the disk of the machine, and its memory',
    code: 'int huge[1 << 28] = {1};\nint attack(int) { return huge[0]; }',
    ends: [['output_limit', 'memory_limit']],
    control: TOO_LARGE,
  }),
  onHost({
    id: 'C4',
    name: 'includes /dev/zero',
    tries: 'a file without end',
    code: '#include "/dev/zero"\nint attack(int) { return 0; }',
    ends: [['memory_limit', 'compile_error']],
    control: TOO_LARGE,
  }),
  onHost({
    id: 'C5',
    name: 'macros ten times ten times ten',
    tries: 'a text of 200 million numbers from ten lines',
    code: `${DOUBLING}int many[] = {A8};\nint attack(int) { return many[0]; }`,
    ends: [['memory_limit', 'timeout', 'output_limit']],
    compileWallMs: 1_500,
    control: TOO_LARGE,
  }),
  onHost({
    id: 'C6',
    name: 'a flood of complaints',
    tries: 'more text of complaints than anybody can keep',
    code: '#define A a; a; a; a; a; a; a; a;\n#define B A A A A A A A A\n#define C B B B B B B B B\nint attack(int) { C C C C C C C C }',
    ends: [REFUSED],
    control: HARMLESS,
  }),
  onHost({
    id: 'C7',
    name: 'a template that needs the next one',
    tries: 'to have the compiler run out of stack',
    code: 'template <int N> struct T { static const int v = T<N + 1>::v; };\nint attack(int) { return T<0>::v; }',
    ends: [['compile_error', 'memory_limit']],
    control: HARMLESS,
  }),
  onHost({
    id: 'C7',
    name: 'a template that needs two next ones',
    tries: 'to have the compiler work for ever within its depth',
    code: `template <int N, long P> struct T { static const int v = T<N - 1, 2 * P>::v + T<N - 1, 2 * P + 1>::v; };
template <long P> struct T<0, P> { static const int v = 1; };
int attack(int) { return T<40, 0>::v; }`,
    ends: [['timeout', 'memory_limit']],
    compileWallMs: 1_500,
    control: HARMLESS,
  }),
  onHost({
    id: 'C8',
    name: 'functions in functions, four of each',
    tries: 'to have the compiler write for ever',
    code: `inline int f0(int x) { return x + 1; }\n${INLINED}\nint attack(int x) { return f16(x); }`,
    ends: [['timeout', 'memory_limit', 'output_limit']],
    compileWallMs: 1_500,
    control: HARMLESS,
  }),
  {
    id: 'C8',
    name: 'loops unrolled in loops',
    tries: 'the same by pragma, in a kernel',
    side: 'cuda',
    code: `__global__ void attack(int *a) {
#pragma GCC unroll 4096
  for (int i = 0; i < 4096; i++)
#pragma GCC unroll 4096
    for (int j = 0; j < 4096; j++)
#pragma GCC unroll 4096
      for (int k = 0; k < 4096; k++) a[i ^ j] += a[j ^ k] * k;
}`,
    wrapper: 'void run(int n) { int *d; cudaMalloc(&d, 1 << 16); if (n > 1) attack<<<1, 1>>>(d); cudaFree(d); }',
    tests: ['wrapper(run, 1);'],
    // A compiler may refuse to unroll so much, and then there is nothing left of the attack.
    ends: [['timeout', 'memory_limit', 'output_limit', 'success']],
    compileWallMs: 1_500,
    control: HARMLESS,
  },
  onHost({
    id: 'C9',
    name: 'asks what there is',
    tries: 'to learn which files and folders the machine has',
    code: `#include <stdio.h>
int attack(int) {
#if __has_include("@home@") || __has_include("@temporary@") || __has_include("@cache@")
  puts("ESCAPED a file");
#endif
#if __has_include("/etc/hostname") || __has_include("/etc/passwd") || __has_include("/proc/self/environ") || __has_include("/proc/version")
  puts("ESCAPED the system");
#endif
  return 0;
}`,
    ends: [SUCCESS],
    prints: [returned(0, 1)],
    control: HARMS,
  }),
  onHost({
    id: 'C9',
    name: 'asks which programs there are',
    tries: 'to learn what the machine has installed',
    code: `#include <stdio.h>
int attack(int) {
${asks('a program', INSTALLED)}
${asks('what is installed beside the compiler', BESIDE)}
  return 0;
}`,
    ends: [SUCCESS],
    prints: [returned(0, 1)],
    control: HARMS,
  }),
  onHost({
    id: 'C9',
    name: 'asks which headers there are',
    tries: 'to learn what the machine develops, and to compile where others do not',
    code: `#include <stdio.h>
int attack(int) {
${asks('a library', FOREIGN_HEADERS)}
  return 0;
}`,
    ends: [SUCCESS],
    prints: [returned(0, 1)],
    control: notShown('needs a library that not every machine has'),
  }),
  {
    id: 'C10',
    name: 'assembly of a GPU in a kernel',
    tries: 'to have the processor run what was written for another',
    side: 'cuda',
    code: '__global__ void attack(int *a) { int lane; asm volatile("mov.u32 %0, %%laneid;" : "=r"(lane)); a[0] = lane; }',
    wrapper: 'void run(int n) { int *d; cudaMalloc(&d, 4); attack<<<1, 1>>>(d); cudaFree(d); }',
    tests: ['wrapper(run, 1);'],
    ends: [['unsupported']],
    control: notShown('there is nothing to run it on'),
  },
  onHost({
    id: 'C10',
    name: 'assembly of a GPU on the C++ side',
    tries: 'the same of the assembler',
    code: 'int attack(int x) { asm volatile("mov.u32 %0, %%laneid;" : "=r"(x)); return x; }',
    ends: [REFUSED],
    control: notShown('there is nothing to run it on'),
  }),
  onDevice({
    id: 'C1',
    name: 'includes a file by its path, in a kernel’s file',
    tries: 'the same in the complaints of nvcc',
    code: '#include "@home@"\n__global__ void attack(int *a) {}',
    ends: [['compile_error', 'unsupported']],
    control: AS_ABOVE,
  }),
  onDevice({
    id: 'C2',
    name: 'takes a file into a kernel',
    tries: 'the same by the assembly of a GPU',
    code: '__global__ void attack(int *a) { asm volatile(".include \\"@home@\\""); }',
    ends: [['compile_error', 'unsupported']],
    control: notShown('there is nothing to run it on'),
  }),
  onDevice({
    id: 'C3',
    name: 'a kernel’s array of 1 GiB',
    tries: 'the same of the tools of nvcc',
    code: '__device__ int huge[1 << 28] = {1};\n__global__ void attack(int *a) { a[0] = huge[a[1]]; }',
    ends: [['output_limit', 'memory_limit', 'timeout']],
    compileWallMs: 20_000,
    control: TOO_LARGE,
  }),
  onDevice({
    id: 'C4',
    name: 'includes /dev/zero, in a kernel’s file',
    tries: 'the same of nvcc',
    code: '#include "/dev/zero"\n__global__ void attack(int *a) {}',
    ends: [['memory_limit', 'compile_error', 'timeout']],
    compileWallMs: 20_000,
    control: TOO_LARGE,
  }),
  onDevice({
    id: 'C5',
    name: 'macros ten times ten times ten, on the device',
    tries: 'the same of nvcc',
    code: `${DOUBLING}__device__ int many[] = {A8};\n__global__ void attack(int *a) { a[0] = many[a[1]]; }`,
    ends: [['memory_limit', 'timeout', 'output_limit']],
    compileWallMs: 1_500,
    control: TOO_LARGE,
  }),
  onDevice({
    id: 'C6',
    name: 'a flood of complaints about a kernel',
    tries: 'the same by nvcc',
    code: '#define A z; z; z; z; z; z; z; z;\n#define B A A A A A A A A\n#define C B B B B B B B B\n__global__ void attack(int *a) { x; C C C C C C C C }',
    ends: [REFUSED],
    control: HARMLESS,
  }),
  onDevice({
    id: 'C7',
    name: 'a template that needs the next one, in a kernel',
    tries: 'the same of nvcc',
    code: 'template <int N> struct T { static const int v = T<N + 1>::v; };\n__global__ void attack(int *a) { a[0] = T<0>::v; }',
    ends: [['compile_error', 'memory_limit']],
    control: HARMLESS,
  }),
  onDevice({
    id: 'C7',
    name: 'a template that needs two next ones, in a kernel',
    tries: 'the same of nvcc',
    code: `template <int N, long P> struct T { static const int v = T<N - 1, 2 * P>::v + T<N - 1, 2 * P + 1>::v; };
template <long P> struct T<0, P> { static const int v = 1; };
__global__ void attack(int *a) { a[0] = T<40, 0>::v; }`,
    ends: [['timeout', 'memory_limit']],
    compileWallMs: 1_500,
    control: HARMLESS,
  }),
  onDevice({
    id: 'C8',
    name: 'loops unrolled in loops, by the pragma of CUDA',
    tries: 'to have cicc, or ptxas after it, work for ever',
    code: `__global__ void attack(int *a) {
#pragma unroll
  for (int i = 0; i < 4096; i++)
#pragma unroll
    for (int j = 0; j < 4096; j++)
#pragma unroll
      for (int k = 0; k < 4096; k++) a[i ^ j] += a[j ^ k] * k;
}`,
    // g++ does not know the pragma.
    ends: [['timeout', 'memory_limit', 'output_limit', 'success']],
    compileWallMs: 3_000,
    control: HARMLESS,
  }),
]
