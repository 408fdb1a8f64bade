import type { Flag, Program, RunLimits, TestStatus } from '../../protocol/index.ts'

/** One program in the isolated pass: how each test must end, and what must be found, no more and no less. */
export interface Row {
  id: string
  side: Program['side']
  code: string
  wrapper?: string
  tests: readonly string[]
  ends: readonly (TestStatus | readonly TestStatus[])[]
  /** Test by test. @default nothing is found */
  flags?: readonly (readonly Flag[])[]
  /** What a finding's words must hold, where it matters: place and words of the first test's findings. */
  says?: readonly RegExp[]
  limits?: Partial<RunLimits>
}

/** The smallest honest wrapper of a kernel `KERNEL(int *a, int n)`. */
export const wrapperOf = (kernel: string, before = '', after = '') => `void run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  ${before}
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  ${kernel}<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  ${after}
  cudaFree(d);
}`
export const DOUBLE = '__global__ void twice(int *a, int n) { int i = threadIdx.x; if (i < n) a[i] *= 2; }\n'
export const ARRAY = 'int a[3] = {20, 21, 22};\nwrapper(run, a, 3);'
