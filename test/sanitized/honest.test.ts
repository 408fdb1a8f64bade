import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { Program } from '../../protocol/index.ts'
import type { Sandbox } from '../../sandbox/index.ts'
import { inWords, openProjectSandbox, programOf, runSanitized } from './fixture.ts'

/** Programs that use what a GPU has, each to the last byte of what it asked for; every test must end well, unflagged. */
const CUDA: Program = programOf('cuda', {
  code: `
__constant__ float weights[5] = {1, 2, 3, 2, 1};
__device__ int hits[3];
struct Cell { int row; float value; };
template <class T> struct Pair { T a, b; };

__global__ void smooth(const float *in, float *out, int n) {
  __shared__ float tile[36];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  for (int t = threadIdx.x; t < 36; t += blockDim.x) {
    int from = (int)(blockIdx.x * blockDim.x) + t - 2;
    tile[t] = from >= 0 && from < n ? in[from] : 0;
  }
  __syncthreads();
  float sum = 0;
  for (int k = 0; k < 5; k++) sum += tile[threadIdx.x + k] * weights[k];
  if (i < n) out[i] = sum;
}
__global__ void total(const int *in, int *out, int n) {
  extern __shared__ int part[];
  part[threadIdx.x] = (int)threadIdx.x < n ? in[threadIdx.x] : 0;
  __syncthreads();
  for (int step = blockDim.x / 2; step >= 32; step /= 2) {
    if ((int)threadIdx.x < step) part[threadIdx.x] += part[threadIdx.x + step];
    __syncthreads();
  }
  int v = part[threadIdx.x % 32];
  for (int lanes = 16; lanes > 0; lanes /= 2) v += __shfl_down_sync(0xffffffff, v, lanes);
  if (threadIdx.x == 0) *out = v;
}
template <class T> __global__ void swap_all(Pair<T> *pairs, int n) {
  __shared__ T kept[16];
  int i = threadIdx.x;
  if (i < n) kept[i] = pairs[i].a;
  __syncthreads();
  if (i < n) { pairs[i].a = pairs[i].b; pairs[i].b = kept[i]; }
}
__global__ void by_value(Cell cell, Cell *out) {
  Cell local[4];
  for (int k = 0; k < 4; k++) local[k] = {cell.row + k, cell.value};
  __syncthreads();
  if (threadIdx.x < 4) out[threadIdx.x] = local[threadIdx.x];
}
__global__ void count(const int *in, int n) {
  int i = threadIdx.x;
  if (i < n) atomicAdd(&hits[in[i] % 3], 1);
}
__global__ void wrap(int *sum) { atomicAdd(sum, INT_MAX); *sum = __dp4a(0x7f7f7f7f, 0x7f7f7f7f, INT_MAX); }
__global__ void twice(int *m, int n) {
  if ((int)threadIdx.x < n) m[threadIdx.x] *= 2;
  if (threadIdx.x == 0) printf("kernel\\n");
}
__global__ void rows(char *d, size_t pitch, int width, int height) {
  for (int y = threadIdx.x; y < height; y += blockDim.x)
    for (int x = 0; x < width; x++) d[y * pitch + x]++;
}
__device__ int depth(int n) { return n == 0 ? 0 : 1 + depth(n - 1); }
__global__ void deep(int *out) { *out = depth(500); }
__global__ void early(int *d, int n) {
  if ((int)threadIdx.x >= n) return;
  __syncthreads();
  d[threadIdx.x] = 1;
}`,
  wrapper: '',
  tests: [
    'float h[45], *a, *b; for (int i = 0; i < 45; i++) h[i] = i;\ncudaMalloc(&a, sizeof h); cudaMalloc(&b, sizeof h);\ncudaMemcpy(a, h, sizeof h, cudaMemcpyHostToDevice); smooth<<<2, 32>>>(a, b, 45); cudaMemcpy(h, b, sizeof h, cudaMemcpyDeviceToHost);\ncudaFree(a); cudaFree(b);',
    'int h[100] = {3}, *a, *b; cudaMalloc(&a, sizeof h); cudaMalloc(&b, 4); cudaMemcpy(a, h, sizeof h, cudaMemcpyHostToDevice);\ntotal<<<1, 128, 512>>>(a, b, 100); total<<<1, 64, 256>>>(a, b, 64); cudaMemcpy(h, b, 4, cudaMemcpyDeviceToHost);',
    'Pair<double> h[13] = {}, *d; cudaMalloc(&d, sizeof h); cudaMemcpy(d, h, sizeof h, cudaMemcpyHostToDevice);\nswap_all<double><<<1, 16>>>(d, 13); cudaMemcpy(h, d, sizeof h, cudaMemcpyDeviceToHost);',
    'Cell h[4], *d; cudaMalloc(&d, sizeof h); for (int i = 0; i < 3; i++) by_value<<<5, 64>>>(Cell{1, 2}, d); cudaMemcpy(h, d, sizeof h, cudaMemcpyDeviceToHost);',
    'int h[9] = {0, 1, 2, 0, 1, 2, 0, 1, 2}, k[3], *d; cudaMalloc(&d, sizeof h); cudaMemcpy(d, h, sizeof h, cudaMemcpyHostToDevice);\ncount<<<1, 32>>>(d, 9); cudaMemcpyFromSymbol(k, hits, sizeof k); if (k[0] != 3) abort(); float w[5] = {}; cudaMemcpyToSymbol(weights, w, sizeof w);',
    'int h = INT_MAX, *d; cudaMalloc(&d, 4); cudaMemcpy(d, &h, 4, cudaMemcpyHostToDevice); wrap<<<1, 2>>>(d); cudaDeviceSynchronize();',
    'int *m; cudaMallocManaged(&m, 40); for (int i = 0; i < 10; i++) m[i] = i; twice<<<1, 32>>>(m, 10); cudaDeviceSynchronize(); if (m[9] != 18) abort(); cudaFree(m);\nint *p; cudaMallocHost(&p, 12); p[2] = 1; cudaFreeHost(p);',
    'char h[30] = {}, *d; size_t pitch; cudaMallocPitch(&d, &pitch, 10, 3); cudaMemcpy2D(d, pitch, h, 10, 10, 3, cudaMemcpyHostToDevice);\nrows<<<1, 2>>>(d, pitch, 10, 3); cudaMemcpy2D(h, 10, d, pitch, 10, 3, cudaMemcpyDeviceToHost); cudaMemset(d, 0, 3 * pitch); if (h[29] != 1) abort();',
    'int *d; cudaMalloc(&d, 4); deep<<<2, 300>>>(d); cudaDeviceSynchronize();',
    'for (int round = 0; round < 300; round++) { int *d; cudaMalloc(&d, 4 * (round + 1)); early<<<1, 64>>>(d, round < 64 ? round + 1 : 64); cudaFree(d); }',
    'char *d; for (int round = 0; round < 8; round++) { if (cudaMalloc(&d, 700u << 20) != cudaSuccess) abort(); cudaMemset(d + (700u << 20) - 64, 1, 64); cudaFree(d); }',
    'int *d; cudaMalloc(&d, 4); cudaDeviceReset(); cudaMalloc(&d, 64); early<<<1, 16>>>(d, 16); cudaDeviceSynchronize();',
  ],
})

const HOST: Program = programOf('cpp', {
  code: `
#include <algorithm>
#include <cstring>
#include <map>
unsigned wrap(unsigned a) { return a * 2654435761u + (a << 31) + (1 << 31); }
int shifted(int a) { return a << 3; }
float divided(float a, float b) { return a / b; }
int filled(int *a, int n) { for (int i = 0; i < n; i++) a[i] = i; return a[n - 1]; }
void words(int n) {
  std::map<std::string, vector<int>> m;
  for (int i = 0; i < n; i++) m[std::to_string(i % 7)].push_back(i);
  for (auto &[key, values] : m) std::sort(values.begin(), values.end(), std::greater<int>());
}
int thrown(int n) { vector<int> v(3); return v.at(n); }
int deep(int n) { volatile char room[64]; room[0] = 1; return n == 0 ? room[0] : deep(n - 1) + 1; }
int huge(long n) { void *p = malloc(n); bool none = p == nullptr; free(p); return none; }
void copy_none(int *a, int *b, int n) { memcpy(a, b, n); }
int trailing(int n) { struct Tail { int size, data[1]; } *t = (Tail *)calloc(1, sizeof(Tail) + n * sizeof(int)); int *d = t->data; d[n] = 1; int s = d[n]; free(t); return s; }`,
  tests: [
    'wrapper(wrap, 4000000000u);',
    'wrapper(shifted, -5);',
    'wrapper(divided, 1.0f, 0.0f);',
    'int a[6]; wrapper(filled, a, 6);',
    'wrapper(words, 500);',
    'wrapper(thrown, 5);',
    'wrapper(deep, 20000);',
    'wrapper(huge, 1L << 50);',
    'int *none = nullptr; copy_none(none, none, 0); wrapper(shifted, 1);',
    'wrapper(trailing, 4);',
  ],
})

let sandbox: Sandbox
before(async () => {
  sandbox = await openProjectSandbox()
})

suite('a program that does nothing undefined is not flagged', () => {
  for (const [name, program] of [
    ['C++', HOST],
    ['CUDA', CUDA],
  ] as const) {
    test(name, { timeout: 300_000 }, async () => {
      const runs = await runSanitized(sandbox, program)
      for (const [index, run] of runs.entries()) assert.equal(inWords(run), 'success: ', `test ${index + 1}`)
      assert.equal(runs.length, program.tests.length)
    })
  }
})
