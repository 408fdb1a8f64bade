import type { Feature } from './build.ts'
import { checkFeatures } from './check-features.ts'

/** What the runtime's interface has beyond allocating, copying and launching, and number types from headers. */
const FEATURES: Feature[] = [
  {
    id: 'managed variables are seen by both',
    code: `#include <cooperative_groups.h>
#include <cuda_bf16.h>
namespace cg = cooperative_groups;
__managed__ int counter = 5; __device__ __managed__ float levels[3] = {1, 2, 3};
__global__ void bump() { counter += 2; levels[1] = 7; }`,
    test: `cout << counter; bump<<<1, 1>>>(); cudaDeviceSynchronize(); cout << counter << levels[1] << levels[2]; counter = 1; bump<<<1, 1>>>(); cudaDeviceSynchronize();
int h, g; cudaMemcpyFromSymbol(&h, counter, 4); h += 10; cudaMemcpyToSymbol(counter, &h, 4); bump<<<1, 1>>>(); cudaDeviceSynchronize(); void *p; cudaGetSymbolAddress(&p, counter); cudaMemcpy(&g, p, 4, cudaMemcpyDeviceToHost); cout << " " << h << " " << counter << " " << g;`,
    prints: '5773 13 15 15',
  },
  {
    id: 'static and dynamic shared memory are limited together, and the program goes on',
    code: `__global__ void both(int *o) { __shared__ int s[8192]; extern __shared__ int d[]; s[threadIdx.x] = 1; d[threadIdx.x] = 2; __syncthreads(); o[0] = s[0] + d[0]; }`,
    test: `int *d, h = 7; cudaMalloc(&d, 4); auto tell = [&] { cout << cudaGetErrorName(cudaGetLastError()) << " "; cudaMemcpy(&h, d, 4, cudaMemcpyDeviceToHost); cudaMemset(d, 0, 4); cout << h << endl; };
both<<<2, 64, 16384>>>(d); tell(); both<<<2, 64, 16388>>>(d); tell(); both<<<2, 64, 256>>>(d); tell();
cudaFuncSetAttribute(both, cudaFuncAttributeMaxDynamicSharedMemorySize, 49152); both<<<1, 64, 16388>>>(d); tell(); both<<<1, 64, 16384>>>(d); tell();`,
    prints: 'cudaSuccess 3\ncudaErrorInvalidValue 0\ncudaSuccess 3\ncudaSuccess 3\ncudaSuccess 3\n',
  },
  {
    id: 'more threads than a kernel says it has: not launched, and the program goes on',
    code: 'template <int N> __global__ void __launch_bounds__(2 * N, 1) bounded(int *p) { __syncthreads(); p[0] += 1; }',
    test: `int *d, h; cudaMalloc(&d, 4); bounded<32><<<3, 64>>>(d); bounded<32><<<3, 65>>>(d); cout << cudaGetErrorName(cudaGetLastError()) << cudaDeviceSynchronize();
bounded<32><<<3, 2>>>(d); cudaMemcpy(&h, d, 4, cudaMemcpyDeviceToHost); cout << h;`,
    prints: 'cudaErrorLaunchOutOfResources0198',
  },
  {
    id: 'a template launched with braces',
    code: 'struct Pair { int a; float b; }; template <class T> __global__ void of_pair(T *o, Pair p, T v) { o[0] = p.a + p.b + v; }',
    test: `float *d, h; cudaMalloc(&d, 4); of_pair<<<1, 1>>>(d, {1, -2.5f}, 3.0f); cudaMemcpy(&h, d, 4, cudaMemcpyDeviceToHost); cout << h;`,
    prints: '1.5',
  },
  {
    id: 'memory that kernels allocate themselves',
    code: `__global__ void keep(int **kept, int *o) { int *p = new int[4]; p[2] = 5; *kept = p; int *q = (int *)malloc(8); q[1] = 4; o[1] = q[1]; free(q); }
__global__ void take(int **kept, int *o) { o[0] = (*kept)[2]; delete[] *kept; }`,
    test: `int *d, h[2], **k; cudaMalloc(&d, 8); cudaMalloc(&k, 8); keep<<<1, 1>>>(k, d); take<<<1, 1>>>(k, d); cudaMemcpy(h, d, 8, cudaMemcpyDeviceToHost); cout << h[0] << h[1];`,
    prints: '54',
  },
  {
    id: 'launches by address',
    code: `__global__ void add_some(float *o, int n, float f) { if (threadIdx.x < n) o[threadIdx.x] += f; } template <class T> __global__ void set_to(T *o, T v) { *o = v; }`,
    test: `float *d, h[3] = {1, 2, 3}; cudaMalloc(&d, 12); cudaMemcpy(d, h, 12, cudaMemcpyHostToDevice); int n = 2; float f = 0.5, v = 9; void *args[] = {&d, &n, &f}, *other[] = {&d, &v};
cout << cudaLaunchKernel((void *)add_some, dim3(1), dim3(4), args, 0, 0) << cudaLaunchKernel((const void *)add_some, 1, 3, args) << cudaLaunchKernel(add_some, 1, 2000, args, 0, nullptr) << cudaGetLastError();
cudaMemcpy(h, d, 12, cudaMemcpyDeviceToHost); cout << " " << h[0] << " " << h[1] << " " << h[2]; cudaLaunchKernel(set_to<float>, 1, 1, other, 0, 0); cudaMemcpy(h, d, 4, cudaMemcpyDeviceToHost); cout << " " << h[0];`,
    prints: '0099 2 3 3 9',
  },
  {
    id: 'partitions by label',
    code: `__global__ void by_label(int *o) { auto warp = cg::tiled_partition<32>(cg::this_thread_block()); auto g = cg::labeled_partition(warp, threadIdx.x % 3); auto b = cg::binary_partition(warp, threadIdx.x < 5);
o[threadIdx.x] = g.size() * 10000 + g.thread_rank() * 100 + b.size(); }`,
    test: 'int *d, h[32]; cudaMalloc(&d, 128); by_label<<<1, 32>>>(d); cudaMemcpy(h, d, 128, cudaMemcpyDeviceToHost); cout << h[0] << " " << h[3] << " " << h[31] << " " << h[29];',
    prints: '110005 110105 111027 100927',
  },
  {
    id: 'volumes',
    code: '__global__ void raise_first(cudaPitchedPtr p) { ((char *)p.ptr)[(threadIdx.z * p.ysize + threadIdx.y) * p.pitch] += 1; }',
    test: `cudaPitchedPtr p; cudaMalloc3D(&p, make_cudaExtent(3, 2, 2)); cudaMemset3D(p, 4, make_cudaExtent(3, 2, 2)); raise_first<<<1, dim3(1, 2, 2)>>>(p); char h[12] = {};
cudaMemcpy3DParms m = {0}; m.srcPtr = p; m.dstPtr = make_cudaPitchedPtr(h, 3, 3, 2); m.extent = make_cudaExtent(3, 2, 2); m.kind = cudaMemcpyDeviceToHost; cout << cudaMemcpy3D(&m) << " "; for (int c : h) cout << c;`,
    prints: '0 544544544544',
  },
  {
    id: 'what a pointer is, functions of the host in a stream, limits',
    test: `cudaPointerAttributes a; int *d, *m, *p, h; cudaMalloc(&d, 4); cudaMallocManaged(&m, 4); cudaMallocHost(&p, 4); for (int *one : {d, m, p, &h}) { cudaPointerGetAttributes(&a, one); cout << a.type; }
*m = 3; cudaLaunchHostFunc(0, [](void *x) { cout << " told " << *(int *)x; }, m); size_t bytes; cudaDeviceGetLimit(&bytes, cudaLimitMallocHeapSize); cout << " " << bytes; int *of_p; cudaHostGetDevicePointer((void **)&of_p, p, 0); cout << (of_p == p);
int g, b; cudaOccupancyMaxPotentialBlockSize(&g, &b, bump, 0, 0); cudaFuncAttributes f; cudaFuncGetAttributes(&f, bump); cout << (b % 32) << f.maxThreadsPerBlock;`,
    prints: '2310 told 3 8388608101024',
  },
  {
    id: 'bfloat16: eight bits of fraction, to nearest even, after each operation',
    code: `__global__ void sum_of(__nv_bfloat16 *o, int n) { __nv_bfloat16 s = 0.0f; for (int i = 0; i < n; i++) s = __hadd(s, __float2bfloat16(1.0f)); o[0] = s; o[1] = __hfma(o[1], o[1], __float2bfloat16(-1.015625f)); }`,
    // 256 + 1 is no bfloat16; of (1 + 2^-7)^2 - (1 + 2^-6) only 2^-14 is left, and nothing had the product been rounded.
    test: `__nv_bfloat16 *d, h[2] = {0.0f, 1.0078125f}; cudaMalloc(&d, 4); cudaMemcpy(d, h, 4, cudaMemcpyHostToDevice); sum_of<<<1, 1>>>(d, 300); cudaMemcpy(h, d, 4, cudaMemcpyDeviceToHost);
cout << __bfloat162float(h[0]) << " " << (__bfloat162float(h[1]) == 0x1p-14f) << " " << __bfloat16_as_ushort(__float2bfloat16(-2.0f)) << " " << (float)__float2bfloat16(257.0f) << " " << (float)__float2bfloat16(259.0f) << " " << (float)__float2bfloat16_rz(259.0f) << " " << (float)__float2bfloat16(3.4e38f) << " " << __bfloat162float(h[0] / h[0]);`,
    prints: '256 1 49152 256 260 258 inf 1',
  },
]

checkFeatures('emulated', FEATURES)
