import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Program } from '../../protocol/index.ts'
import { explainFailure } from '../../sandbox/source/explain.ts'
import { Built, buildTests } from './build.ts'

/** What the emulator has not is said so, and never taken for a fault of the program; what nvcc refuses is one. */
const PROGRAMS: { id: string; code: string; test?: string; status: 'unsupported' | 'compile_error' }[] = [
  {
    id: 'thrust',
    code: '#include <thrust/device_vector.h>\nvoid f() { thrust::device_vector<int> v(3); }',
    status: 'unsupported',
  },
  { id: 'thrust by name alone', code: 'void f(int *p) { thrust::sort(p, p + 3); }', status: 'unsupported' },
  { id: 'cuBLAS', code: '#include <cublas_v2.h>\nvoid f() { cublasHandle_t h; cublasCreate(&h); }', status: 'unsupported' },
  {
    id: 'cuRAND',
    code: '#include <curand_kernel.h>\n__global__ void f(curandState *s) { curand_init(1, 2, 0, s); }',
    status: 'unsupported',
  },
  { id: 'CUB', code: '#include <cub/cub.cuh>\nvoid f() {}', status: 'unsupported' },
  {
    id: 'texture references',
    code: 'texture<float, 1> t; __global__ void f(float *o) { *o = tex1Dfetch(t, 0); }',
    status: 'unsupported',
  },
  {
    id: 'texture objects',
    code: '__global__ void f(cudaTextureObject_t t, float *o) { *o = tex2D<float>(t, 0, 0); }',
    status: 'unsupported',
  },
  { id: 'tensor cores', code: '#include <mma.h>\n__global__ void f() { nvcuda::wmma::fragment<int> a; }', status: 'unsupported' },
  { id: 'PTX', code: '__global__ void f(int *o) { asm("mov.u32 %0, %laneid;" : "=r"(*o)); }', status: 'unsupported' },
  { id: 'graphs', code: 'void f() { cudaGraph_t g; cudaGraphCreate(&g, 0); }', status: 'unsupported' },
  { id: 'SIMD in a word', code: '__global__ void f(unsigned *o) { *o = __vadd4(o[0], o[1]); }', status: 'unsupported' },
  {
    id: 'a template kernel that returns a value',
    code: 'template <class T> __global__ T f(T *o) { return *o; }',
    test: 'int *d; f<int><<<1, 1>>>(d);',
    status: 'compile_error',
  },
  {
    id: 'a kernel that returns a value',
    code: '__global__ int f(int *o) { return *o; }',
    test: 'int *d; f<<<1, 1>>>(d);',
    status: 'compile_error',
  },
  {
    id: 'an oversized array that a block shares',
    code: '__global__ void f(float *o) { __shared__ float big[12289]; o[0] = big[0]; }',
    status: 'compile_error',
  },
  {
    id: 'oversized arrays together',
    code: '__global__ void f(float *o) { __shared__ double a[4000]; __shared__ float b[5000]; o[0] = a[0] + b[0]; }',
    status: 'compile_error',
  },
]

for (const { id, code, test: statements = '', status } of PROGRAMS) {
  test(`${status}: ${id}`, () => {
    const built = buildTests('emulated', code, [statements])
    if (built instanceof Built) {
      built[Symbol.dispose]()
      assert.fail('it compiled')
    }
    const { complaint } = built
    const program: Program = { v: 1, side: 'cuda', code, wrapper: '', tests: [statements] }
    const found = complaint.startsWith('unsupported: ') ? 'unsupported' : explainFailure(program, 'emulated', complaint).status
    assert.equal(found, status, complaint)
  })
}
