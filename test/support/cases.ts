import { writeFile } from 'node:fs/promises'

/** A line of a case file, small and of our own; `wrong` makes the fake sandbox see a translation that is wrong. */
export function line(id: number, options: { wrong?: boolean; tests?: number; [field: string]: unknown } = {}): string {
  const { wrong = false, tests = 2, ...fields } = options
  const inputs = (name: string) => Array.from({ length: tests }, (_, n) => `int a[] = {${id}, ${n}};\nwrapper(${name}, a, 2);`)
  return JSON.stringify({
    id,
    cpp_code: `void f${id}(int *a, int n) { for (int i = 0; i < n; i++) a[i] += ${id}; }`,
    cuda_code: `__global__ void k${id}(int *a, int n) { int i = threadIdx.x; if (i < n) a[i] += ${wrong ? 'WRONG' : id}; }`,
    cuda_wrapper: `void f${id}_cuda(int *a, int n) { int *d; cudaMalloc(&d, n * sizeof(int)); cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice); k${id}<<<1, 32>>>(d, n); cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost); cudaFree(d); }`,
    consistent_cpp_inputs: inputs(`f${id}`),
    consistent_cuda_inputs: inputs(`f${id}_cuda`),
    ...fields,
  })
}

/** Writes a case file of `count` cases, every third one wrong. */
export async function writeCases(file: string, count: number): Promise<string> {
  const lines = Array.from({ length: count }, (_, n) => line(n + 1, { wrong: n % 3 === 2 }))
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}
