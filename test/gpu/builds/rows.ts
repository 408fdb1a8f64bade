import type { Program } from '../../../protocol/index.ts'

/** A program of a shape of its own, and whether the fast way builds it. */
export interface Row {
  id: string
  way: 'fast' | 'own'
  code: string
  host?: string
  test?: string
}

const HOST = `void run(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  LAUNCH
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`
const TEST = 'int a[4] = {1, 2, 3, 4};\nwrapper(run, a, 4);\n'
const host = (launch: string) => HOST.replace('LAUNCH', launch)
const plain = host('touch<<<1, n>>>(d, n);')
const kernel = '__global__ void touch(int *a, int n) { a[threadIdx.x] += n; }'

export const ROWS: readonly Row[] = [
  { id: 'the smallest', way: 'fast', code: kernel },
  { id: 'a static kernel', way: 'fast', code: `static ${kernel}` },
  { id: 'a kernel of C', way: 'fast', code: `extern "C" ${kernel}` },
  { id: 'a kernel in a namespace', way: 'fast', code: `namespace one { ${kernel} }`, host: host('one::touch<<<1, n>>>(d, n);') },
  {
    id: 'a declaration before the kernel',
    way: 'fast',
    code: `__global__ void touch(int *, int);\n${host('touch<<<1, n>>>(d, n);')}`,
    host: kernel,
  },
  {
    id: 'a template of types and numbers',
    way: 'fast',
    code: 'template <class T, int BY = 2> __global__ void touch(T *a, int n) { a[threadIdx.x] += BY * n; }',
    host: host('touch<int><<<1, n>>>(d, n); touch<int, 5><<<2, n>>>(d, n); touch<<<1, 1>>>((float *)d, n);'),
  },
  {
    id: 'a specialisation',
    way: 'fast',
    code: 'template <class T> __global__ void touch(T *a, int n) { a[0] = n; }\ntemplate <> __global__ void touch<int>(int *a, int n) { a[1] = n; }',
    host: host('touch<int><<<1, n>>>(d, n); touch<float><<<1, n>>>((float *)d, n);'),
  },
  {
    id: 'overloaded kernels',
    way: 'fast',
    code: `${kernel}\n__global__ void touch(float *a, int n) { a[threadIdx.x] -= n; }`,
    host: host('touch<<<1, n>>>(d, n); touch<<<1, n>>>((float *)d, n);'),
  },
  {
    id: 'defaults, arrays, const and restricted pointers',
    way: 'fast',
    code: '__global__ void touch(int a[], const int *__restrict__ b, const int n, double by = 1.5) { a[threadIdx.x] = b[0] * by; }',
    host: host('touch<<<1, n>>>(d, d, n); touch<<<1, n>>>(d, d, n, 2.5);'),
  },
  {
    id: 'a structure by value',
    way: 'fast',
    code: 'struct Pair { char a; double b; };\n__global__ void touch(int *a, Pair p, float3 f) { a[0] = p.a + p.b + f.y; }',
    host: host("touch<<<1, n>>>(d, Pair{'x', 2.5}, make_float3(1, 2, 3));"),
  },
  {
    id: 'shapes, shared bytes and streams',
    way: 'fast',
    code: kernel,
    host: host(
      'dim3 g(2, 3, 1);\n  dim3 b(n, 1);\n  cudaStream_t s;\n  cudaStreamCreate(&s);\n  touch<<<g, b, n * sizeof(int), s>>>(d, n);\n  if (n > 3) touch<<<dim3(1), dim3(n)>>>(d, n); else touch<<<1, 1>>>(d, n);\n  cudaStreamDestroy(s);',
    ),
  },
  {
    id: 'launches that cannot be',
    way: 'fast',
    code: kernel,
    host: host('touch<<<0, n>>>(d, n); touch<<<1, 4096>>>(d, n); touch<<<1, n, 1 << 20>>>(d, n);'),
  },
  {
    id: 'a launch by its address',
    way: 'fast',
    code: kernel,
    host: host('void *arguments[] = {&d, &n}; cudaLaunchKernel((const void *)touch, dim3(1), dim3(n), arguments, 0, 0);'),
  },
  {
    id: 'kernels in a table',
    way: 'fast',
    code: `${kernel}\n__global__ void touch_twice(int *a, int n) { a[threadIdx.x] += 2 * n; }`,
    host: host('void (*all[])(int *, int) = {touch, touch_twice}; for (int i = 0; i < 2; i++) all[i]<<<1, n>>>(d, n);'),
  },
  {
    id: 'variables of the device',
    way: 'fast',
    code: '__constant__ float c[4];\n__device__ int sum = 3;\nstatic __device__ double other[2] = {1, 2};\n__device__ int *where;\n__global__ void touch(int *a, int n) { a[0] = c[1] + sum + other[1] + *where; }',
    host: host(
      'float h[4] = {1, 2, 3, 4};\n  int s = 7, back = 0;\n  void *p; size_t bytes;\n  cudaMemcpyToSymbol(c, h, sizeof(h));\n  cudaMemcpyToSymbol(sum, &s, sizeof(int));\n  cudaMemcpyToSymbol(where, &d, sizeof(d));\n  cudaGetSymbolAddress(&p, other);\n  cudaGetSymbolSize(&bytes, c);\n  cudaMemset(p, (int)bytes, 4);\n  touch<<<1, n>>>(d, n);\n  cudaMemcpyFromSymbol(&back, sum, sizeof(int));\n  a[3] = back;',
    ),
  },
  {
    id: 'functions of the device and of both',
    way: 'fast',
    code: '__device__ int half(int a) { return __float2int_rn(a * 0.5f); }\n__host__ __device__ int twice(int a) { return 2 * a; }\n__global__ void touch(int *a, int n) { a[threadIdx.x] = half(twice(a[threadIdx.x])); }',
    host: `int host_twice(int a) { return 2 * a; }\n${host('touch<<<1, n>>>(d, n); n = host_twice(n) / 2;')}`,
  },
  {
    id: 'bounds of launches, attributes of kernels',
    way: 'fast',
    code: '__global__ void __launch_bounds__(64) touch(int *a, int n) { extern __shared__ int s[]; s[0] = n; a[0] = s[0]; }',
    host: host(
      'cudaFuncAttributes is; cudaFuncGetAttributes(&is, touch); cudaFuncSetAttribute(touch, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536); touch<<<1, n, 65536>>>(d, n);',
    ),
  },
  { id: 'a macro in the shape', way: 'fast', code: `#define THREADS 4\n${kernel}`, host: host('touch<<<1, THREADS>>>(d, n);') },
  {
    id: 'streams and vectors on the host',
    way: 'fast',
    code: kernel,
    host: host('vector<int> v(a, a + n); cout << v.size() << endl; touch<<<1, n>>>(d, n);'),
  },
  { id: 'a function that the host has twice', way: 'own', code: kernel, host: host('n = min(n, 4); touch<<<1, n>>>(d, n);') },
  { id: 'a managed variable', way: 'own', code: `__managed__ int m;\n${kernel}`, host: plain },
  { id: 'a variable in a namespace', way: 'own', code: `namespace one { __device__ int v; }\n${kernel}`, host: plain },
  {
    id: 'a variable of the device that the host names',
    way: 'own',
    code: `__device__ int v[4];\n${kernel}`,
    host: host('touch<<<1, sizeof(v) / sizeof(v[0])>>>(d, n);'),
  },
  { id: 'a kernel without a name to the rest', way: 'own', code: `namespace { ${kernel} }`, host: plain },
  { id: 'a parameter without a name', way: 'own', code: '__global__ void touch(int *a, int) { a[0]++; }', host: plain },
  {
    id: 'a pack of parameters',
    way: 'own',
    code: 'template <class... T> __global__ void touch(T... a) { }',
    host: host('touch<<<1, n>>>(d, n);'),
  },
  {
    id: 'marks in a macro',
    way: 'own',
    code: `#define KERNEL __global__ void\nKERNEL touch(int *a, int n) { a[0] += n; }`,
    host: plain,
  },
  {
    id: 'text for one of the two',
    way: 'own',
    code: `#ifdef __CUDA_ARCH__\n#define BY 2\n#else\n#define BY 3\n#endif\n__global__ void touch(int *a, int n) { a[0] += BY; }`,
    host: plain,
  },
]

export function programOf({ code, host: own = plain, test = TEST }: Row): Program {
  return { v: 1, side: 'cuda', code, wrapper: own, tests: [test] }
}

/** What nvcc refuses and g++ alone would take: neither way may build it. */
export const REFUSED: readonly { id: string; code: string; host?: string }[] = [
  {
    id: 'a function of the host in a kernel',
    code: 'int f(int a) { return a; }\n__global__ void touch(int *a, int n) { a[0] = f(n); }',
  },
  {
    id: 'a function of the device on the host',
    code: `__device__ int f(int a) { return a; }\n${kernel}`,
    host: host('n = f(n); touch<<<1, n>>>(d, n);'),
  },
  { id: 'a kernel that returns', code: '__global__ int touch(int *a, int n) { return n; }' },
  { id: 'a kernel that is called', code: kernel, host: host('touch(d, n);') },
  { id: 'a variable of the host in a kernel', code: 'int v = 3;\n__global__ void touch(int *a, int n) { a[0] = v; }' },
  { id: 'an argument too few', code: kernel, host: host('touch<<<1, n>>>(d);') },
  { id: 'a number that does not fit', code: kernel, host: host('char c[] = {300}; touch<<<1, n + c[0] * 0>>>(d, n);') },
  {
    id: 'a type that cannot be printed',
    code: `struct S { int a; };\nS made(int *a) { return S{a[0]}; }\n${kernel}`,
    host: `${plain}\nS other(int *a) { return made(a); }`,
  },
]
