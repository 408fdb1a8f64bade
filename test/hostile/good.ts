import type { Program } from '../../protocol/index.ts'
import { returned } from './attack.ts'

/** Programs that do as they should, and all they print. They run after and between hostile ones. */
export const GOOD: readonly { program: Program; prints: readonly string[] }[] = [
  {
    program: {
      v: 1,
      side: 'cpp',
      code: 'int sum(int n) { int s = 0; for (int i = 1; i <= n; i++) s += i; return s; }',
      wrapper: '',
      tests: ['wrapper(sum, 4);', 'wrapper(sum, 100);'],
    },
    prints: [returned(10, 4), returned(5050, 100)],
  },
  {
    program: {
      v: 1,
      side: 'cuda',
      code: '__global__ void square(int *a, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) a[i] *= a[i]; }',
      wrapper: `void squares(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  square<<<(n + 31) / 32, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`,
      tests: ['int a[3] = {3, 4, 5}; wrapper(squares, a, 3);'],
    },
    prints: ['Return value: void\nArguments after function call: ([ 9, 16, 25 ], 3)\n'],
  },
]
