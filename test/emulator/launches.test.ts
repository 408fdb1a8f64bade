import type { Feature } from './build.ts'
import { checkFeatures } from './check-features.ts'

/** Launches in every form, and what a GPU refuses. */
const FEATURES: Feature[] = [
  {
    id: 'three-dimensional grids and blocks',
    code: `__global__ void where(int *out) {
  int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  out[block * blockDim.x * blockDim.y * blockDim.z + thread] = block * 100 + threadIdx.x + 10 * threadIdx.y + 5 * threadIdx.z;
}
template <class T> vector<T> fetch(T *d, int n) { vector<T> v(n); cudaMemcpy(v.data(), d, n * sizeof(T), cudaMemcpyDeviceToHost); return v; }
template <class T> T *fresh(int n) { T *d; cudaMalloc(&d, n * sizeof(T)); return d; }
template <class T> void show(const vector<T> &v) { for (auto x : v) cout << x << " "; cout << endl; }`,
    test: `int *d = fresh<int>(16); where<<<dim3(2, 1, 1), dim3(2, 2, 2)>>>(d); show(fetch(d, 16));`,
    prints: '0 1 10 11 5 6 15 16 100 101 110 111 105 106 115 116 \n',
  },
  {
    id: 'templates, given and deduced',
    code: `template <typename T, int N> __global__ void scale(T *a, T by) { if (threadIdx.x < N) a[threadIdx.x] = by * N; }
template <typename T> __global__ void fill_with(T *a, T v, int n) { int i = threadIdx.x; if (i < n) a[i] = v; }
template <typename T> void run_scale(T *d) { scale<T, 2><<<1, 4>>>(d, T(1.5)); }`,
    test: `float *d = fresh<float>(4); scale<float, 3><<<1, 4>>>(d, 2); show(fetch(d, 4)); fill_with<<<1, 2>>>(d, 0.5f, 4); show(fetch(d, 4)); run_scale(d); show(fetch(d, 4));`,
    prints: '6 6 6 0 \n0.5 0.5 6 0 \n3 3 6 0 \n',
  },
  {
    id: 'arguments convert as in a call',
    code: '__global__ void typed(float *out, float f, unsigned char c, long long l, const int *maybe) { out[0] = f; out[1] = c; out[2] = l; out[3] = maybe == nullptr; }',
    test: `float *d = fresh<float>(4); typed<<<1, 1>>>(d, 2, 259, -1, 0); show(fetch(d, 4)); typed<<<1, 1>>>(d, 1.5, 'a', 2u, NULL); show(fetch(d, 4));`,
    prints: '2 3 -1 1 \n1.5 97 2 1 \n',
  },
  {
    id: 'structures by value',
    code: 'struct Params { float a[3]; int n; double *out; }; __global__ void by_value(Params p, float3 v) { p.out[0] = p.a[2] * p.n + v.y; }',
    test: `Params p{{1, 2, 3}, 4, fresh<double>(1)}; by_value<<<1, 1>>>(p, make_float3(1, 2, 3)); show(fetch(p.out, 1));`,
    prints: '14 \n',
  },
  {
    id: 'default arguments and overloads',
    code: `__global__ void with_default(int *o, int v = 42) { *o = v; }
__global__ void which(int *o) { *o = 1; } __global__ void which(float *o) { *o = 2; }`,
    test: `int *d = fresh<int>(1); float *f = fresh<float>(1); with_default<<<1, 1>>>(d); show(fetch(d, 1)); which<<<1, 1>>>(d); which<<<1, 1>>>(f); show(fetch(d, 1)); show(fetch(f, 1));`,
    prints: '42 \n1 \n2 \n',
  },
  {
    id: 'function pointers, namespaces, macros, a launch without braces',
    code: `namespace deep { namespace er { __global__ void set(int *o, int v) { *o = v; } } }
#define LAUNCH(kernel, n, ...) kernel<<<(n + 255) / 256, 256>>>(__VA_ARGS__)
#define LAUNCH_TWO_LINES(kernel, ...) \\
  kernel<<<1, \\
           1>>>(__VA_ARGS__)
__global__ void add_to(int *o, int v) { if (threadIdx.x == 0) *o += v; }`,
    test: `int *d = fresh<int>(1); deep::er::set<<<1, 1>>>(d, 3); void (*fp)(int *, int) = add_to; fp<<<1, 1>>>(d, 4); (*fp)<<<1, 1>>>(d, 1);
void (*table[])(int *, int) = {add_to, add_to}; table[1]<<<1, 1>>>(d, 1); LAUNCH(add_to, 10, d, 5); LAUNCH_TWO_LINES(add_to, d, 6);
if (true) add_to<<<1, 1>>>(d, 100); else add_to<<<1, 1>>>(d, 200); show(fetch(d, 1));`,
    prints: '120 \n',
  },
  {
    id: 'launches in comments, strings and raw strings are no launches',
    test: `// add_to<<<1, 1>>>(nope);
/* add_to<<<1, 1>>>(nope); */ cout << "k<<<1>>>()" << R"x(a<<<b>>>(c))x" << (1 << 3 >> 2) << endl;`,
    prints: 'k<<<1>>>()a<<<b>>>(c)2\n',
  },
  {
    id: 'static and dynamic shared memory',
    code: `__global__ void reverse(int *a, int n) { __shared__ int s[64]; extern __shared__ int t[]; s[threadIdx.x] = a[threadIdx.x]; t[threadIdx.x] = 10 * a[threadIdx.x];
__syncthreads(); a[threadIdx.x] = s[n - 1 - threadIdx.x] + t[(threadIdx.x + 1) % n]; }
extern __shared__ float4 outer[];
template <class T> __global__ void outer_one(T *a) { extern __shared__ unsigned char raw[]; T *t = (T *)raw; t[threadIdx.x] = threadIdx.x; __syncthreads(); a[threadIdx.x] = t[1 - threadIdx.x] + sizeof(outer[0]); }`,
    test: `int h[4] = {1, 2, 3, 4}, *d = fresh<int>(4); cudaMemcpy(d, h, 16, cudaMemcpyHostToDevice); reverse<<<1, 4, 4 * sizeof(int)>>>(d, 4); show(fetch(d, 4)); outer_one<<<1, 2, 64>>>(d); show(fetch(d, 2));`,
    prints: '24 33 42 11 \n17 16 \n',
  },
  {
    id: 'over the limits nothing runs, and the program goes on',
    code: `__global__ void mark(int *o) { *o = 1; }`,
    test: `int *d = fresh<int>(1); auto tell = [&] { cout << cudaGetErrorName(cudaGetLastError()) << " " << fetch(d, 1)[0] << endl; };
mark<<<1, 1025>>>(d); tell(); mark<<<1, dim3(32, 32, 2)>>>(d); tell(); mark<<<1, dim3(1, 1, 65)>>>(d); tell(); mark<<<0, 1>>>(d); tell(); mark<<<dim3(1, 65536), 1>>>(d); tell();
mark<<<1, 1, 49153>>>(d); tell(); cudaFuncSetAttribute(mark, cudaFuncAttributeMaxDynamicSharedMemorySize, 65536); mark<<<1, 1, 65536>>>(d); tell();`,
    prints: `${'cudaErrorInvalidConfiguration 0\n'.repeat(5)}cudaErrorInvalidValue 0\ncudaSuccess 1\n`,
  },
  {
    id: 'peeking does not clear, reading does',
    test: `int *d = fresh<int>(1); mark<<<0, 1>>>(d); cout << cudaPeekAtLastError() << cudaPeekAtLastError() << cudaGetLastError() << cudaGetLastError() << cudaDeviceSynchronize();`,
    prints: '99900',
  },
  {
    id: 'qualifiers',
    code: `static __forceinline__ __device__ int one() { return 1; } __noinline__ __device__ int two() { return 2; } __host__ __device__ inline int three() { return 3; }
__global__ void __launch_bounds__(128, 2) bounded(int *__restrict__ o) { *o = one() + two() + three(); } extern "C" __global__ void c_name(int *o) { *o += 1; }
struct __align__(16) Aligned { int x; };`,
    test: `int *d = fresh<int>(1); bounded<<<1, 1>>>(d); c_name<<<1, 1>>>(d); show(fetch(d, 1)); cout << three() << alignof(Aligned);`,
    prints: '7 \n316',
  },
  {
    id: 'printf of kernels appears when the host waits',
    code: '__global__ void say(float f) { printf("%d %.2f %s\\n", threadIdx.x, f, "x"); }',
    test: `say<<<1, 2>>>(1.5f); printf("before\\n"); cudaDeviceSynchronize(); printf("after\\n");`,
    prints: 'before\n0 1.50 x\n1 1.50 x\nafter\n',
  },
  {
    id: 'assert and trap in kernels',
    code: '__global__ void claim(int x) { assert(x == 1); } __global__ void stop() { __trap(); }',
    test: `claim<<<1, 1>>>(1); cout << cudaDeviceSynchronize() << " "; claim<<<1, 1>>>(2); cout << cudaDeviceSynchronize() << " " << cudaGetLastError();`,
    prints: '0 710 710',
  },
  {
    id: 'trap',
    test: `stop<<<1, 1>>>(); cout << cudaGetErrorString(cudaDeviceSynchronize());`,
    prints: 'unspecified launch failure',
  },
  {
    id: 'kernels named like functions of the standard library',
    code: '__global__ void fill(int *a, int v) { a[threadIdx.x] = v; } __global__ void copy(const int *from, int *to, int n) { if (threadIdx.x < n) to[threadIdx.x] = from[threadIdx.x]; } __global__ void empty(int *) {}',
    test: 'int *a = fresh<int>(2), *b = fresh<int>(2); fill<<<1, 2>>>(a, 3); copy<<<1, 2>>>(a, b, 1); empty<<<1, 1>>>(a); show(fetch(b, 2));',
    prints: '3 0 \n',
  },
  {
    id: 'many blocks',
    code: '__global__ void count_all(unsigned long long *c) { atomicAdd(c, 1ULL); }',
    test: `auto *d = fresh<unsigned long long>(1); count_all<<<1000, 1024>>>(d); show(fetch(d, 1));`,
    prints: '1024000 \n',
  },
]

checkFeatures('emulated', FEATURES)
