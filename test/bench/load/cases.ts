import { createHash } from 'node:crypto'
import type { Case } from '../../../protocol/index.ts'

/** Tests of a case, as the reference's Tester writes them. */
const TESTS = 5

/**
 * A case as long as the recorded ones are in the middle (3.5 KB): every one has texts of its own, so that nothing of it is
 * shared with another.
 */
export function loadCase(round: string, index: number): Case {
  const name = `f_${createHash('sha256').update(`${round}/${index}`).digest('hex').slice(0, 16)}`
  const loop = (at: string) => `if (in[${at}] > limit) { out[${at}] = limit; } else { out[${at}] = in[${at}] + ${index}; }`
  return {
    id: index,
    problem: '',
    source: 'cpp',
    cpp: `void ${name}(int *in, int *out, int length, int limit) {\n  for (int i = 0; i < length; i++) {\n    ${loop('i')}\n  }\n}\n`,
    cuda: `__global__ void ${name}_kernel(int *in, int *out, int length, int limit) {\n  int i = blockIdx.x * blockDim.x + threadIdx.x;\n  if (i < length) {\n    ${loop('i')}\n  }\n}\n`,
    wrapper: wrapperOf(name),
    cppTests: testsOf(name, index),
    cudaTests: testsOf(`${name}_invoke`, index),
  }
}

function wrapperOf(name: string): string {
  return `void ${name}_invoke(int *in, int *out, int length, int limit) {
  int *d_in, *d_out;
  cudaMalloc(&d_in, length * sizeof(int));
  cudaMalloc(&d_out, length * sizeof(int));
  cudaMemcpy(d_in, in, length * sizeof(int), cudaMemcpyHostToDevice);
  cudaMemcpy(d_out, out, length * sizeof(int), cudaMemcpyHostToDevice);
  ${name}_kernel<<<(length + 255) / 256, 256>>>(d_in, d_out, length, limit);
  cudaMemcpy(in, d_in, length * sizeof(int), cudaMemcpyDeviceToHost);
  cudaMemcpy(out, d_out, length * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d_in);
  cudaFree(d_out);
}
`
}

function testsOf(name: string, index: number): string[] {
  return Array.from({ length: TESTS }, (_, test) => {
    const values = Array.from({ length: 4 + test }, (_, at) => (index * 31 + test * 7 + at) % 1000)
    const { length } = values
    return `int input${test + 1}[] = {${values.join(', ')}};\nint output${test + 1}[${length}] = {0};\nwrapper(${name}, input${test + 1}, output${test + 1}, ${length}, 500);\n`
  })
}

/** What an honest run of one test prints: the arguments after the call, as the reference prints them. */
export function outputOf(testText: string): string {
  const values = (/\{([\d, ]+)\};/.exec(testText)?.[1] ?? '').split(', ').map(Number)
  const out = values.map((value) => Math.min(value + 1, 500))
  return `Return value: void\nArguments after function call: ([ ${values.join(', ')} ], [ ${out.join(', ')} ], ${values.length}, 500)\n`
}
