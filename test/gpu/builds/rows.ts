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
  {
    id: 'words of CUDA in strings and comments',
    way: 'fast',
    code: `// __global__ void no() {}\n/* k<<<1, 1>>>(d) */\n${kernel}`,
    host: `const char *said = "touch<<<1, 2>>>(d); __global__ __shared__";\nconst char *raw = R"(touch<<<1, n>>>(d, n);)";\n${host('printf("%s %s\\n", said, raw); touch<<<1, n>>>(d, n);')}`,
  },
  {
    id: 'places in the text',
    way: 'fast',
    code: '__device__ int f(int a) {\n  return a;\n}\n\n__global__ void touch(int *a, int n) {\n  a[threadIdx.x] +=\n    f(n);\n}\nint after() { return __LINE__; }',
    host: host(
      'printf("%s %d %s\\n", __FILE__, __LINE__, __func__); touch<<<\n1,\nn>>>(d, n); printf("%d %d\\n", __LINE__, after());',
    ),
  },
  { id: 'lines that end as on Windows', way: 'fast', code: `${kernel}\r\n// more\r\n`, host: plain.replaceAll('\n', '\r\n') },
  {
    id: 'a macro that checks calls and prints them',
    way: 'fast',
    code: `#define CHECK(call) do { cudaError_t e = call; if (e != cudaSuccess) printf("%s failed\\n", #call); } while (0)\n${kernel}`,
    host: host(
      'touch<<<1, n>>>(d, n); CHECK(cudaGetLastError()); CHECK(cudaMalloc(&d, (size_t)-1)); CHECK(cudaDeviceSynchronize());',
    ),
  },
  {
    id: 'launches inside of other statements',
    way: 'fast',
    code: kernel,
    host: host(
      'auto go = [&] { touch<<<1, n, 0, 0>>>(d, 7); };\n  for (int i = 0; i < 2; touch<<<1, i + 1>>>(d, i), i++) ;\n  switch (n) { case 4: touch<<<1, n>>>(d, n); break; default: touch<<<2, n>>>(d, n); }\n  n > 3 ? touch<<<1, 3>>>(d, 3) : touch<<<1, 4>>>(d, 4);',
    ),
  },
  {
    id: 'launches in a template and in a class of the host',
    way: 'fast',
    code: 'template <class T> __global__ void touch(T *a, int n) { a[threadIdx.x] += n; }',
    host: `template <class T> void go(T *d, int n) { touch<T><<<1, n>>>(d, n); }\nstruct Job { int *d; int n; void go() { touch<<<1, n>>>(d, n); ::go((double *)d, n); } };\n${host('go(d, n); Job job{d, n}; job.go();')}`,
  },
  {
    id: 'an instance that is asked for',
    way: 'fast',
    code: 'template <class T> __global__ void touch(T *a, int n) { a[threadIdx.x] += n; }\ntemplate __global__ void touch<int>(int *, int);\ntemplate __global__ void touch<short>(short *, int);',
    host: plain,
  },
  {
    id: 'a class that counts its copies',
    way: 'own',
    code: 'struct Counted { int a; Counted(int a) : a(a) {} Counted(const Counted &o) : a(o.a) { printf("copied %d\\n", a); } ~Counted() { printf("gone %d\\n", a); } };\n__global__ void touch(int *a, Counted c) { a[0] = 1; }',
    host: host('Counted c(n); touch<<<1, n>>>(d, c); touch<<<1, n>>>(d, Counted(7)); touch<<<1, n>>>(d, n);'),
  },
  {
    id: 'parameters of many types',
    way: 'fast',
    code: 'enum class Kind : char { one, two };\nunion Both { int i; float f; };\nstruct Odd { char a; short b; char c[3]; };\n__global__ void touch(bool b, unsigned char c, Kind k, short s, Both u, Odd o, float4 v, int **p, const volatile int *q, long long l, unsigned n) { p[0][0] = b + c + s + o.b + v.w + l + n + (int)k + u.i; }',
    host: host(
      "Both u; u.f = 1.5f; Odd o = {'a', -2, {1, 2, 3}}; touch<<<1, n>>>(true, 200, Kind::two, -3, u, o, make_float4(1, 2, 3, 4), &d, d, 1LL << 40, n);",
    ),
  },
  {
    id: 'a kernel by the name of a function of the library',
    way: 'fast',
    code: '__global__ void fill(int *a, int n) { a[threadIdx.x] = n; }\n__global__ void copy(int *a, const int *b) { a[threadIdx.x] = b[threadIdx.x]; }',
    host: host('fill<<<1, n>>>(d, n); copy<<<1, n>>>(d, d);'),
  },
  {
    id: 'work before the test begins',
    way: 'own',
    code: `${kernel}\nstruct Early { int *d; Early() { cudaMalloc(&d, 64); touch<<<1, 2>>>(d, 3); cudaFree(d); } };`,
    host: `static Early early;\n${plain}`,
  },
  {
    id: 'what g++ and nvcc have beyond the language',
    way: 'fast',
    code: kernel,
    host: host(
      'int v[n]; for (int i = 0; i < n; i++) v[i] = i;\n  int s = ({ int t = v[2]; t + 1; });\n  struct P { int x, y; } p = {.x = 1, .y = s};\n  auto [x, y] = p;\n  switch (n) { case 1 ... 3: s = 1; break; case 4: s += y; }\n  if constexpr (sizeof(int) == 4) s++;\n  if (int w = s; w > 2) s += w;\n  static int calls = 0; calls++;\n  n = s ?: 1;\n  float f[] = {1.0f / 3, 1e-8, (float)1e30, 0x1p-3f};\n  printf("%d %d %d %a %a %zu %c\\n", s, x, calls, f[0], f[1], sizeof(v) / sizeof(int), \'\\x41\');\n  touch<<<1, n>>>(d, s);',
    ),
  },
  {
    id: 'shared memory of several types, tables, orders to unroll',
    way: 'fast',
    code: '__constant__ int table[4] = {1, 2, 3, 4};\n__device__ int unused[3];\ntemplate <class T> __device__ T *shared() { extern __shared__ char bytes[]; return (T *)bytes; }\n__global__ void touch(int *a, int n) { __shared__ double s[8]; int *t = shared<int>();\n#pragma unroll\nfor (int i = 0; i < 4; i++) { s[i] = table[i]; t[i] = s[i]; }\n__syncthreads(); a[threadIdx.x] += t[0] + s[3]; }',
    host: host('touch<<<1, n, 64>>>(d, n);'),
  },
  {
    id: 'a launch together',
    way: 'fast',
    code: kernel,
    host: host('void *arguments[] = {&d, &n}; cudaLaunchCooperativeKernel((void *)touch, dim3(1), dim3(n), arguments, 0, 0);'),
  },
  {
    id: 'mathematics on the host',
    way: 'fast',
    code: kernel,
    host: host(
      'float x = n / 3.0f; int g = ceil((float)n / 3), r = round(x), t = sqrt(n);\n  printf("%d %d %d %a %a %a %a %a\\n", g, r, t, sqrt(x), exp(x), fmax(x, 2), atan2(x, 1.0), floor(n / 3));\n  touch<<<g, t>>>(d, r);',
    ),
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
  {
    id: 'a launch in the arguments of a macro that prints them',
    way: 'own',
    code: `#define SAY(...) __VA_ARGS__; printf("%s\\n", #__VA_ARGS__)\n${kernel}`,
    host: host('SAY(touch<<<1, n>>>(d, n));'),
  },
  {
    id: 'a name that is pasted',
    way: 'own',
    code: `#define MAKE(a, b) a##b\n${kernel}`,
    host: host('MAKE(to, uch)<<<1, n>>>(d, n);'),
  },
  {
    id: 'a name over two lines',
    way: 'own',
    code: kernel,
    host: host('n = mi\\\nn(n, 3); touch<<<1, n>>>(d, n);'),
  },
  { id: 'a macro by the name of a kernel', way: 'own', code: `#define touch touched\n${kernel}`, host: plain },
  {
    id: 'an order to the compiler',
    way: 'own',
    code: `#pragma pack(push, 1)\nstruct S { char a; double b; };\n#pragma pack(pop)\n__global__ void touch(int *a, S s) { a[0] = s.b; }`,
    host: host("touch<<<1, n>>>(d, S{'a', 2});"),
  },
  {
    id: 'an attribute',
    way: 'own',
    code: kernel,
    host: `[[gnu::noinline]] int same(int a) { return a; }\n${host('n = same(n); touch<<<1, n>>>(d, n);')}`,
  },
  {
    id: 'numbers of half the size',
    way: 'own',
    code: '#include <cuda_fp16.h>\n__global__ void touch(int *a, __half h) { a[0] = __half2float(h); }',
    host: host('touch<<<1, n>>>(d, __float2half(1.5f));'),
  },
  {
    id: 'a kernel that its parameter hides',
    way: 'own',
    code: '__global__ void touch(int *touch, int n) { touch[0] = n; }',
    host: plain,
  },
  {
    id: 'a type that has no name outside',
    way: 'own',
    code: 'namespace { struct S { int a; }; }\ntemplate <class T> __global__ void touch(int *a, T s) { a[0] = s.a; }',
    host: host('touch<<<1, n>>>(d, S{2});'),
  },
  { id: 'the number of a thread on the host', way: 'own', code: kernel, host: host('n = threadIdx.x; touch<<<1, 1>>>(d, n);') },
  {
    id: 'Bessel functions on the host',
    way: 'own',
    code: kernel,
    host: host('float x = n; n = j0(x) * 9; touch<<<1, 1>>>(d, n);'),
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
    id: 'a function of the host by a name that the device has with a better fit',
    code: `double int2double(double a) { return a; }\n${kernel}`,
    host: host('n = int2double(n); touch<<<1, n>>>(d, n);'),
  },
  { id: 'a kernel that launches a kernel', code: `${kernel}\n__global__ void outer(int *a, int n) { touch<<<1, n>>>(a, n); }` },
  {
    id: 'a lambda of the host for a kernel',
    code: 'template <class F> __global__ void touch(int *a, F f) { a[0] = f(a[0]); }',
    host: host('touch<<<1, n>>>(d, [](int v) { return v + 1; });'),
  },
  { id: 'shared memory on the host', code: kernel, host: host('__shared__ int s[4]; s[0] = n; touch<<<1, s[0]>>>(d, n);') },
  { id: 'a function that only the device has, on the host', code: kernel, host: host('atomicAdd(a, n); touch<<<1, 1>>>(d, n);') },
  { id: 'a shape of five', code: kernel, host: host('touch<<<1, n, 0, 0, 0>>>(d, n);') },
  {
    id: 'a function of the device that computes a type',
    code: '__device__ auto f(int a) { return a * 1.5; }\ntemplate <class T = decltype(f(1))> __global__ void touch(int *a, T n) { a[0] = f(n); }',
    host: host('touch<<<1, n>>>(d, 1.0);'),
  },
  { id: 'a main of its own', code: `int main() { return 0; }\n${kernel}` },
  {
    id: 'a type that cannot be printed',
    code: `struct S { int a; };\nS made(int *a) { return S{a[0]}; }\n${kernel}`,
    host: `${plain}\nS other(int *a) { return made(a); }`,
  },
]
