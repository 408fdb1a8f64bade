import { ARRAY, DOUBLE, type Row, wrapperOf } from './rows.ts'

const S = 'success' as const

/** Programs that do their work, each in another way: nothing is found in them. */
export const HONEST: readonly Row[] = [
  {
    id: 'plain',
    side: 'cuda',
    code: DOUBLE,
    wrapper: wrapperOf('twice'),
    tests: [ARRAY, 'int b[1] = {0};\nwrapper(run, b, 1);'],
    ends: [S, S],
  },
  {
    id: 'by way of a buffer of the host’s',
    side: 'cuda',
    code: DOUBLE,
    wrapper: `#include <algorithm>
void run(int *a, int n) {
  std::vector<int> h(n);
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<1, 32>>>(d, n);
  cudaMemcpy(h.data(), d, n * sizeof(int), cudaMemcpyDeviceToHost);
  std::copy(h.begin(), h.end(), a);
  cudaFree(d);
}`,
    tests: [ARRAY],
    ends: [S],
  },
  {
    id: 'the host adds up what blocks have added up',
    side: 'cuda',
    code: `__global__ void sum(const float *a, float *part, int n) {
  __shared__ float s[32];
  int i = blockIdx.x * 32 + threadIdx.x;
  s[threadIdx.x] = i < n ? a[i] : 0;
  __syncthreads();
  for (int k = 16; k > 0; k /= 2) {
    if (threadIdx.x < k) s[threadIdx.x] += s[threadIdx.x + k];
    __syncthreads();
  }
  if (threadIdx.x == 0) part[blockIdx.x] = s[0];
}
`,
    wrapper: `void run(const float *a, int n, float *result) {
  int blocks = (n + 31) / 32;
  float *d, *p, *h = (float *)malloc(blocks * 4);
  cudaMalloc(&d, n * 4);
  cudaMalloc(&p, blocks * 4);
  cudaMemcpy(d, a, n * 4, cudaMemcpyHostToDevice);
  sum<<<blocks, 32>>>(d, p, n);
  cudaMemcpy(h, p, blocks * 4, cudaMemcpyDeviceToHost);
  *result = 0;
  for (int i = 0; i < blocks; i++) *result += h[i];
  free(h);
  cudaFree(d);
  cudaFree(p);
}`,
    tests: ['float a[100]; for (int i = 0; i < 100; i++) a[i] = i * 0.5f;\nfloat r[1];\nwrapper(run, a, 100, r);'],
    ends: [S],
  },
  {
    id: 'a flag decides on the host',
    side: 'cuda',
    code: '__global__ void find(const int *a, int n, int *found) { int i = threadIdx.x; if (i < n && a[i] == 7) *found = 1; }\n',
    wrapper: `void run(const int *a, int n, bool *result) {
  int *d, *f, found = 0;
  cudaMalloc(&d, n * 4);
  cudaMalloc(&f, 4);
  cudaMemcpy(d, a, n * 4, cudaMemcpyHostToDevice);
  cudaMemcpy(f, &found, 4, cudaMemcpyHostToDevice);
  find<<<1, 32>>>(d, n, f);
  cudaMemcpy(&found, f, 4, cudaMemcpyDeviceToHost);
  if (found) result[0] = true;
  cudaFree(d);
  cudaFree(f);
}`,
    tests: ['int a[3] = {1, 7, 3};\nbool r[1] = {false};\nwrapper(run, a, 3, r);'],
    ends: [S],
  },
  {
    id: 'steps until nothing changes',
    side: 'cuda',
    code: '__global__ void step(int *a, int n, int *changed) { int i = threadIdx.x; if (i < n && a[i] > 0) { a[i]--; *changed = 1; } }\n',
    wrapper: `int run(int *a, int n) {
  int *d, *c, changed = 1, steps = 0;
  cudaMalloc(&d, n * 4);
  cudaMalloc(&c, 4);
  cudaMemcpy(d, a, n * 4, cudaMemcpyHostToDevice);
  while (changed) {
    cudaMemset(c, 0, 4);
    step<<<1, 32>>>(d, n, c);
    cudaMemcpy(&changed, c, 4, cudaMemcpyDeviceToHost);
    steps++;
  }
  cudaMemcpy(a, d, n * 4, cudaMemcpyDeviceToHost);
  cudaFree(d);
  cudaFree(c);
  return steps;
}`,
    tests: ['int a[3] = {1, 5, 3};\nwrapper(run, a, 3);'],
    ends: [S],
  },
  {
    id: 'managed memory',
    side: 'cuda',
    code: DOUBLE,
    wrapper: `void run(int *a, int n) {
  int *m;
  cudaMallocManaged(&m, n * sizeof(int));
  for (int i = 0; i < n; i++) m[i] = a[i];
  twice<<<1, 32>>>(m, n);
  cudaDeviceSynchronize();
  for (int i = 0; i < n; i++) a[i] = m[i];
  cudaFree(m);
}`,
    tests: [ARRAY],
    ends: [S],
  },
  {
    id: 'page-locked memory',
    side: 'cuda',
    code: DOUBLE,
    wrapper: `void run(int *a, int n) {
  int *h, *d;
  cudaMallocHost(&h, n * sizeof(int));
  memcpy(h, a, n * sizeof(int));
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpyAsync(d, h, n * sizeof(int), cudaMemcpyHostToDevice);
  twice<<<1, 32>>>(d, n);
  cudaMemcpyAsync(h, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaDeviceSynchronize();
  memcpy(a, h, n * sizeof(int));
  cudaFreeHost(h);
  cudaFree(d);
}`,
    tests: [ARRAY],
    ends: [S],
  },
  {
    id: 'variables of the device',
    side: 'cuda',
    code: '__constant__ int factor; __device__ int out[3];\n__global__ void scale(const int *a, int n) { int i = threadIdx.x; if (i < n) out[i] = a[i] * factor; }\n',
    wrapper: `void run(int *a, int n) {
  int *d, two = 2;
  cudaMalloc(&d, n * 4);
  cudaMemcpy(d, a, n * 4, cudaMemcpyHostToDevice);
  cudaMemcpyToSymbol(factor, &two, 4);
  scale<<<1, 32>>>(d, n);
  cudaMemcpyFromSymbol(a, out, n * 4);
  cudaFree(d);
}`,
    tests: [ARRAY],
    ends: [S],
  },
  {
    id: 'a large array, a histogram of zeros set beforehand, several blocks',
    side: 'cuda',
    code: '__global__ void count(const int *a, int n, int *bins) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) atomicAdd(&bins[a[i]], 1); }\n',
    wrapper: `void run(const int *a, int n, int *bins) {
  int *d, *b;
  cudaMalloc(&d, n * 4);
  cudaMalloc(&b, 5000 * 4);
  cudaMemset(b, 0, 5000 * 4);
  cudaMemcpy(d, a, n * 4, cudaMemcpyHostToDevice);
  count<<<(n + 127) / 128, 128>>>(d, n, b);
  cudaMemcpy(bins, b, 5000 * 4, cudaMemcpyDeviceToHost);
  cudaFree(d);
  cudaFree(b);
}`,
    tests: ['int a[300];\nfor (int i = 0; i < 300; i++) a[i] = i % 3 * 2000;\nint bins[5000];\nwrapper(run, a, 300, bins);'],
    ends: [S],
  },
  {
    id: 'an error that is read',
    side: 'cuda',
    code: DOUBLE,
    wrapper: wrapperOf('twice', 'twice<<<1, 2048>>>(d, n); if (cudaGetLastError() == cudaSuccess) return;'),
    tests: [ARRAY],
    ends: [S],
  },
  {
    id: 'templates, constants and functions that tests see',
    side: 'cuda',
    code: '#define N 4\n#define M (N * 2)\ntemplate <class T> __global__ void add(T *a, T b) { a[threadIdx.x] += b; }\nint base = 3;\n',
    wrapper: `template <class T> void run(T *a, int n) {
  T *d;
  cudaMalloc(&d, n * sizeof(T));
  cudaMemcpy(d, a, n * sizeof(T), cudaMemcpyHostToDevice);
  add<T><<<1, n>>>(d, T(1));
  cudaMemcpy(a, d, n * sizeof(T), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`,
    tests: [
      'double a[N] = {0.5, 1};\nwrapper(run<double>, a, N);',
      'std::vector<int> v(M, base);\nwrapper([](std::vector<int> &x, int n) { run(x.data(), n); }, v, M);',
    ],
    ends: [S, S],
  },
  {
    id: 'on the host: vectors, strings, exceptions, everything set',
    side: 'cpp',
    code: `#include <stdexcept>
int sum(std::vector<int> v) { int s = 0; for (int x : v) s += x; return s; }
std::string twice(std::string s) { return s + s; }
int fails(int) { throw std::runtime_error("no"); }
void grow(std::vector<double> &v) { v.push_back(0.1); }
struct Big { int used[4]; };
int local() { Big b; for (int i = 0; i < 4; i++) b.used[i] = i; return b.used[3]; }
`,
    tests: [
      'wrapper(sum, std::vector<int>{1, 2});',
      'std::string s = "ab";\nwrapper(twice, s);',
      'wrapper(fails, 1);',
      'std::vector<double> v{1};\nwrapper(grow, v);',
      'wrapper(local);',
      'int *p = new int[3]();\nwrapper([](int *q) { q[0] = 1; }, p);\nreturn 0;',
    ],
    ends: [S, S, S, S, S, S],
  },
]
