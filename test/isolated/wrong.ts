import { ARRAY, DOUBLE, type Row, wrapperOf } from './rows.ts'

const S = 'success' as const

/** Wrong in ways that print what a right program prints, or that the plain pass cannot tell. Ids as in the project's list. */
export const WRONG: readonly Row[] = [
  {
    id: 'H6 the kernel does nothing, the host does the work',
    side: 'cuda',
    code: '__global__ void twice(int *, int) {}\n',
    wrapper: 'void run(int *a, int n) {\n  twice<<<1, 32>>>(a, n);\n  for (int i = 0; i < n; i++) a[i] *= 2;\n}',
    tests: [ARRAY],
    ends: [S],
    flags: [['no-kernel-work']],
    says: [/^wrapper:2 nothing that a kernel wrote has come to the host$/],
  },
  {
    id: 'H6 no kernel is launched',
    side: 'cuda',
    code: DOUBLE,
    wrapper: '\n\nvoid run(int *a, int n) { for (int i = 0; i < n; i++) a[i] *= 2; }',
    tests: [ARRAY],
    ends: [S],
    flags: [['no-kernel-work']],
    says: [/^wrapper:3 no kernel has run$/],
  },
  {
    id: 'H6 the host does the work on device memory that it has written itself',
    side: 'cuda',
    code: '__global__ void twice(int *, int) {}\n',
    wrapper: wrapperOf('twice', 'for (int i = 0; i < n; i++) a[i] *= 2;'),
    tests: [ARRAY],
    ends: [S],
    flags: [['no-kernel-work']],
  },
  {
    id: 'H6 a kernel writes something, the host the result',
    side: 'cuda',
    code: '__global__ void mark(int *a, int) { a[0] = 7; }\n',
    wrapper: `void run(int *a, int n) {
  int *d, seen;
  cudaMalloc(&d, 4);
  mark<<<1, 1>>>(d, n);
  cudaMemcpy(&seen, d, 4, cudaMemcpyDeviceToHost);
  for (int i = 0; i < n; i++) a[i] *= 2;
  cudaFree(d);
}`,
    tests: [ARRAY],
    ends: [S],
    flags: [['no-kernel-work']],
    says: [/^wrapper:4 of argument 1 \(a\) 3 of 3 changed elements come from no kernel$/],
  },
  {
    id: 'H6 one element of many is a kernel’s',
    side: 'cuda',
    code: '__global__ void one(int *a, int) { a[0] *= 2; }\n',
    wrapper: wrapperOf('one', 'std::vector<int> b(a, a + n);', 'for (int i = 1; i < n; i++) a[i] = 2 * b[i];'),
    tests: [ARRAY],
    ends: [S],
    flags: [['no-kernel-work']],
    says: [/2 of 3 changed elements/],
  },
  {
    id: 'H6 the host returns what it has worked out itself',
    side: 'cuda',
    code: '__global__ void nothing(int *) {}\n',
    wrapper: 'int run(int n) { nothing<<<1, 1>>>(nullptr); return 2 * n; }',
    tests: ['wrapper(run, 21);'],
    ends: [S],
    flags: [['no-kernel-work']],
  },
  {
    id: 'W3 the output is never written, and right by luck of zeros',
    side: 'cuda',
    code: '__global__ void nothing(int *, int) {}\n',
    wrapper: `void run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  nothing<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`,
    tests: ['int a[2] = {1, 2};\n\nwrapper(run, a, 2);'],
    ends: [S],
    flags: [['undefined-behaviour', 'no-kernel-work']],
    says: [/^test 1:3 element 0 of argument 1 \(a\) depends on memory that nobody has written$/],
  },
  {
    id: 'W3 right by luck of a buffer that held the answer and was freed',
    side: 'cuda',
    code: `${DOUBLE}__global__ void nothing(int *, int) {}\n`,
    wrapper: `void run(int *a, int n) {
  int *d, *e;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<1, 32>>>(d, n);
  cudaFree(d);
  cudaMalloc(&e, n * sizeof(int));
  nothing<<<1, 32>>>(e, n);
  cudaMemcpy(a, e, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(e);
}`,
    tests: [ARRAY],
    ends: [S],
    flags: [['undefined-behaviour', 'no-kernel-work']],
  },
  {
    id: 'W3 a part of the output is never written',
    side: 'cuda',
    code: '__global__ void most(int *a, int n) { int i = threadIdx.x; if (i < n - 1) a[i] = i; }\n',
    wrapper: `void run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  most<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`,
    tests: [ARRAY],
    ends: [S],
    flags: [['undefined-behaviour']],
    says: [/^test 1:2 element 2 of argument 1 \(a\)/],
  },
  {
    id: 'W3 from memory a block shares, which is never written',
    side: 'cuda',
    code: '__global__ void shared(int *a, int n) {\n  __shared__ int s[32];\n  int i = threadIdx.x;\n  __syncthreads();\n  if (i < n) a[i] += s[i];\n}\n',
    wrapper: wrapperOf('shared'),
    tests: [ARRAY],
    ends: [S],
    flags: [['undefined-behaviour']],
  },
  {
    id: 'W3 the same of a size that the launch says',
    side: 'cuda',
    code: '__global__ void shared(int *a, int n) {\n  extern __shared__ int s[];\n  int i = threadIdx.x;\n  if (i < n) a[i] += s[i];\n}\n',
    wrapper: wrapperOf('shared').replace('32>>>', '32, 128>>>'),
    tests: [ARRAY],
    ends: [S],
    flags: [['undefined-behaviour']],
  },
  {
    id: 'W3 on the host, from the heap',
    side: 'cpp',
    code: 'int run(int n) { int *p = new int[n]; int s = p[n - 1]; delete[] p; return s; }',
    tests: ['wrapper(run, 100);'],
    ends: [S],
    flags: [['undefined-behaviour']],
    says: [/^test 1:1 what is returned depends/],
  },
  {
    id: 'W3 on the host, from the heap after free',
    side: 'cpp',
    code: 'int run(int n) { int *p = new int[8]; p[3] = n; delete[] p; int *q = new int[8]; return q[3]; }',
    tests: ['wrapper(run, 42);'],
    ends: [S],
    flags: [['undefined-behaviour']],
  },
  {
    id: 'W9 a launch over the limits',
    side: 'cuda',
    code: DOUBLE,
    wrapper: wrapperOf('twice').replace('<<<1, 32>>>', '<<<1, 4096>>>'),
    tests: [ARRAY],
    ends: [S],
    flags: [['cuda-error', 'no-kernel-work']],
    says: [/^wrapper:6 cudaErrorInvalidConfiguration is pending/],
  },
  {
    id: 'W9 a host pointer in a kernel',
    side: 'cuda',
    code: DOUBLE,
    wrapper: 'void run(int *a, int n) { twice<<<1, 32>>>(a, n); cudaDeviceSynchronize(); cudaGetLastError(); }',
    tests: [ARRAY],
    ends: [S],
    flags: [['cuda-error', 'no-kernel-work']],
    says: [/cudaErrorIllegalAddress/],
  },
  {
    id: 'W9 the last launch fails and nobody waits for it',
    side: 'cuda',
    code: `${DOUBLE}__global__ void bad(int *a) { a[1 << 28] = 1; }\n`,
    wrapper: wrapperOf('twice', '', 'bad<<<1, 1>>>(d);').replace('cudaFree(d);', ''),
    tests: [ARRAY],
    ends: [S],
    flags: [['cuda-error']],
  },
  {
    id: 'a test that calls nothing',
    side: 'cpp',
    code: 'int f(int x) { return x; }',
    tests: ['', 'f(1);', 'wrapper(f, 1);'],
    ends: [S, S, S],
    flags: [['vacuous-test'], ['vacuous-test'], []],
    says: [/^test 1:0 /],
  },
  {
    id: 'another answer every time',
    side: 'cpp',
    code: '#include <ctime>\nlong f() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_nsec + t.tv_sec * 1000000000L; }',
    tests: ['wrapper(f);'],
    ends: [S],
    flags: [['nondeterministic']],
  },
]
