import type { Program } from '../../protocol/index.ts'
import type { Depth } from '../../sandbox/toolchain/nvcc/step.ts'

/** A small program of the CUDA side, and how far nvcc must be asked until it is refused; null where it is accepted. */
export interface Row {
  id: string
  program: Program
  refusedAt: Depth | null
}

const KERNEL = '__global__ void k(int *a, int n) { int i = threadIdx.x; if (i < n) a[i] = 2 * a[i]; }\n'
const WRAPPER = `void run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  k<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`
export const CALL = 'int a[2] = {20, 21}; wrapper(run, a, 2);'

export function cuda({ code = KERNEL, wrapper = WRAPPER, tests = [CALL] }: Partial<Program>): Program {
  return { v: 1, side: 'cuda', code, wrapper, tests: [...tests] }
}

/** The kernel with another body, and what stands before it. */
export function kernel(body: string, before = ''): Program {
  return cuda({ code: `${before}__global__ void k(int *a, int n) { int i = threadIdx.x; ${body} }\n` })
}

/** The wrapper with more at its end. */
function host(more: string, code = KERNEL): Program {
  return cuda({ code, wrapper: WRAPPER.replace('cudaFree(d);', `cudaFree(d); ${more}`) })
}

const accepted = (id: string, program: Program): Row => ({ id, program, refusedAt: null })
const refused = (id: string, refusedAt: Depth, program: Program): Row => ({ id, program, refusedAt })

export const ROWS: readonly Row[] = [
  accepted('a right program', cuda({})),
  accepted('two tests', cuda({ tests: [CALL, 'int b[1] = {1}; wrapper(run, b, 1);'] })),
  accepted(
    'a template nobody uses',
    kernel('a[i] = n;', 'template <class T> __global__ void g(T *a) { a[0] = nothing(a[0]); }\n'),
  ),
  accepted('inline assembly', kernel('asm("mov.s32 %0, %1;" : "=r"(a[i]) : "r"(n));')),
  accepted('a constant of the host', kernel('a[i] = c;', 'const int c = 3;\n')),
  accepted('an int and a float to the power', kernel('a[i] = pow(2, 3) + max(1, 2u);')),
  accepted('a macro of the name of a function', kernel('a[i] = max(i, n);', '#define max(a, b) ((a) > (b) ? (a) : (b))\n')),
  refused('a function of the host in a kernel', 'device', kernel('a[i] = h(n);', 'int h(int x) { return x; }\n')),
  refused('the same through a template', 'device', kernel('a[i] = h(n);', 'template <class T> T h(T x) { return x; }\n')),
  refused('rand in a kernel', 'device', kernel('a[i] = rand();')),
  refused('std::cout in a kernel', 'device', kernel('std::cout << i;')),
  refused('a variable of the host', 'device', kernel('a[i] = g;', 'int g = 3;\n')),
  refused('a method without a mark', 'device', kernel('S s; a[i] = s.f();', 'struct S { int f() { return 1; } };\n')),
  refused('a kernel that returns a value', 'device', cuda({ code: '__global__ int k(int *a, int n) { return 0; }\n' })),
  refused('throw in a kernel', 'device', kernel('throw 1;')),
  refused('an array whose size is an argument', 'device', kernel('int b[n]; b[0] = 1; a[i] = b[0];')),
  refused('shared memory with an initialiser', 'device', kernel('__shared__ int s = 0; a[i] = s;')),
  refused('too much shared memory', 'device', kernel('__shared__ int s[20000]; s[i] = a[i]; __syncthreads(); a[i] = s[n - i];')),
  refused('too much constant memory', 'device', kernel('a[i] = c[n];', '__constant__ int c[40000];\n')),
  refused('assembly that is none', 'device', kernel('asm("bogus.s32 %0, %1;" : "=r"(a[i]) : "r"(n));')),
  refused('a function without a definition', 'device', kernel('a[i] = f(n);', 'extern __device__ int f(int x);\n')),
  refused('atomicAdd on a short', 'device', kernel('atomicAdd((short *)a, 1);')),
  refused('shuffles of old GPUs', 'device', kernel('a[i] = __shfl_down(i, 1);')),
  refused('a launch from a kernel', 'device', kernel('k<<<1, 1>>>(a, n);')),
  refused('a launch with an argument too few', 'device', cuda({ wrapper: WRAPPER.replace('(d, n)', '(d)') })),
  refused('a kernel that is called', 'device', cuda({ wrapper: WRAPPER.replace('<<<1, 32>>>', '') })),
  refused('a pointer of another type', 'device', cuda({ wrapper: WRAPPER.replace('(d, n)', '((float *)d, n)') })),
  refused('a name of mathematics', 'device', kernel('a[i] = 1;', 'int y1 = 3;\n')),
  refused('a test with a name nobody knows', 'device', cuda({ tests: [`${CALL} missing = 1;`] })),
  refused('a test that prints what cannot be printed', 'device', {
    ...cuda({ wrapper: `struct S { int x; };\nvoid take(S s) {}\n${WRAPPER}` }),
    tests: ['S s; wrapper(take, s);'],
  }),
  refused('code for the device alone', 'device', kernel('\n#ifdef __CUDA_ARCH__\nmissing = 1;\n#endif\n')),
  refused('code for the host alone', 'translated', host('\n#ifndef __CUDA_ARCH__\nmissing = 1;\n#endif\n')),
  refused(
    'a function of the device called by the host',
    'translated',
    host('n = f(n);', `__device__ int f(int x) { return x; }\n${KERNEL}`),
  ),
  refused(
    'the same by a macro',
    'translated',
    host('n = F(n);', `__device__ int f(int x) { return x; }\n#define F(x) f(x)\n${KERNEL}`),
  ),
  refused('atomicAdd by the host', 'translated', host('atomicAdd(a, 1);')),
  refused('__syncthreads by the host', 'translated', host('__syncthreads();')),
  refused(
    'a function of the host by its name',
    'translated',
    kernel('a[i] = max(i, n);', '__device__ int max(int a, int b) { return a > b ? a : b; }\n'),
  ),
  refused(
    'a number too large for its place',
    'whole',
    cuda({ tests: ['char c[2] = {300, 1}; int a[1] = {c[0]}; wrapper(run, a, 1);'] }),
  ),
]
