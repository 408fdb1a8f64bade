import type { Flag, Program } from '../../../protocol/index.ts'

/** A program for compute-sanitizer, and which flag it must have in each of its passes; null for none. */
export interface Faulty {
  id: string
  program: Program
  finds: { sanitized: Flag | null; races: Flag | null }
}

/** Host side of programs whose kernels are wrong: 64 numbers there, 64 results back. */
export const wrapper = (launch: string) => `void run(int *o, const int *a) {
  int *d, *r;
  cudaMalloc(&d, 256); cudaMalloc(&r, 256);
  cudaMemcpy(d, a, 256, cudaMemcpyHostToDevice); cudaMemset(r, 0, 256);
  ${launch}
  cudaMemcpy(o, r, 256, cudaMemcpyDeviceToHost);
  cudaFree(d); cudaFree(r);
}`
/** One of them, counted from 1. */
export const TEST = 'int a[64], o[64]; for (int i = 0; i < 64; i++) a[i] = i + 1; wrapper(run, o, a);'
const NOTHING = { sanitized: null, races: null }

const row = (id: string, body: string, finds: Faulty['finds'], launch = 'k<<<1, 64>>>(r, d);'): Faulty => ({
  id,
  program: {
    ...{ v: 1, side: 'cuda' },
    code: `__global__ void k(int *o, const int *a) {\n${body}\n}`,
    wrapper: wrapper(launch),
    tests: [TEST],
  },
  finds,
})

/** Faults that the two passes are there for, and their neighbours without one. */
export const FAULTY: readonly Faulty[] = [
  row('in bounds', '  o[threadIdx.x] = a[threadIdx.x];', NOTHING),
  row('writes past an allocation', '  o[threadIdx.x + 64] = a[threadIdx.x];', { sanitized: 'undefined-behaviour', races: null }),
  row(
    'reads an address that is not aligned',
    '  o[0] = *(const int *)((const char *)a + 1);',
    { sanitized: 'undefined-behaviour', races: null },
    'k<<<1, 1>>>(r, d);',
  ),
  row(
    'reads what nobody has written',
    '  o[threadIdx.x] = a[threadIdx.x];',
    { sanitized: 'undefined-behaviour', races: null },
    'int *u; cudaMalloc(&u, 256); k<<<1, 64>>>(r, u); cudaFree(u);',
  ),
  row(
    'shared memory without a barrier',
    '  __shared__ int s[64];\n  s[threadIdx.x] = a[threadIdx.x];\n  o[threadIdx.x] = s[63 - threadIdx.x];',
    { sanitized: null, races: 'race' },
  ),
  row(
    'shared memory with one',
    '  __shared__ int s[64];\n  s[threadIdx.x] = a[threadIdx.x];\n  __syncthreads();\n  o[threadIdx.x] = s[63 - threadIdx.x];',
    NOTHING,
  ),
]
