import type { Feature } from './build.ts'
import { checkFeatures } from './check-features.ts'

const NAME = 'auto name = [](cudaError_t e) { cout << cudaGetErrorName(e) << endl; };\n'

/** Device memory, copies and the errors they return. */
const FEATURES: Feature[] = [
  {
    id: 'allocations are zero, 512 bytes apart, and used again when freed',
    test: `char *a, *b, *c, *d; cudaMalloc(&a, 1); cudaMalloc((void **)&b, 513); cudaMalloc(&c, 4);
cout << b - a << " " << c - b << " "; cudaFree(b); cudaMalloc(&d, 100); cout << (d == b) << " ";
char h = 7; cudaMemcpy(&h, a, 1, cudaMemcpyDeviceToHost); cout << int(h) << endl;`,
    prints: '512 1024 1 0\n',
  },
  {
    id: 'copies that do not fit are refused and change nothing',
    test: `${NAME}int *d; int h[4] = {1, 2, 3, 4}; cudaMalloc(&d, 16);
name(cudaMemcpy(d, h, 20, cudaMemcpyHostToDevice)); name(cudaGetLastError()); name(cudaGetLastError());
name(cudaMemcpy(h, h, 16, cudaMemcpyHostToDevice)); name(cudaMemcpy(d, h, 16, cudaMemcpyDeviceToHost));
name(cudaMemcpy(d, h, 16, (cudaMemcpyKind)9)); name(cudaMemcpy(d, h, 0, cudaMemcpyHostToDevice));
name(cudaMemcpy(d, h, 16, cudaMemcpyDefault)); cout << h[0] << endl;`,
    prints:
      'cudaErrorInvalidValue\ncudaErrorInvalidValue\ncudaSuccess\ncudaErrorInvalidValue\ncudaErrorInvalidValue\ncudaErrorInvalidMemcpyDirection\ncudaSuccess\ncudaSuccess\n1\n',
  },
  {
    id: 'freeing twice, or what was never allocated, is an error',
    test: `${NAME}int *d; int h; cudaMalloc(&d, 4); name(cudaFree(d)); name(cudaFree(d)); name(cudaFree(&h)); name(cudaFree(nullptr));`,
    prints: 'cudaSuccess\ncudaErrorInvalidValue\ncudaErrorInvalidValue\ncudaSuccess\n',
  },
  {
    id: 'more than any GPU has is out of memory',
    test: `${NAME}int *d = (int *)1; int n = -1; name(cudaMalloc(&d, n * sizeof(int))); cout << (d == nullptr) << endl; name(cudaMalloc(&d, 4));`,
    prints: 'cudaErrorMemoryAllocation\n1\ncudaSuccess\n',
  },
  {
    id: 'memset, rows with a pitch, device to device',
    test: `unsigned char *d, *e, h[6]; size_t pitch; cudaMallocPitch(&d, &pitch, 3, 2); cudaMemset2D(d, pitch, 5, 3, 2);
cudaMalloc(&e, 6); cudaMemset(e, 255, 6); cudaMemcpy(e, d, 2, cudaMemcpyDeviceToDevice); cudaMemcpy(h, e, 3, cudaMemcpyDeviceToHost);
cudaMemcpy2D(h + 3, 3, d, pitch, 3, 1, cudaMemcpyDeviceToHost);
cout << pitch; for (int v : h) cout << " " << v; cout << endl;`,
    prints: '512 5 5 255 5 5 5\n',
  },
  {
    id: 'managed and page-locked memory is everybody’s',
    code: '__global__ void add_one(int *a, int *b) { a[threadIdx.x] += 1; b[threadIdx.x] += a[threadIdx.x]; }',
    test: `int *m, *p; cudaMallocManaged(&m, 8); cudaMallocHost(&p, 8); m[0] = 1; m[1] = 2; p[0] = p[1] = 10;
add_one<<<1, 2>>>(m, p); cudaDeviceSynchronize(); cout << m[0] << m[1] << " " << p[0] << " " << p[1]; cudaFree(m); cudaFreeHost(p);`,
    prints: '23 12 13',
  },
  {
    id: 'variables of the device',
    code: `__constant__ float weights[3]; __device__ int counter = 5; static __device__ double table[2] = {1.5, 2.5};
__global__ void use_variables(float *out) { out[0] = weights[0] + weights[2]; out[1] = counter; counter++; out[2] = table[1]; table[0] = 9; }`,
    test: `float w[3] = {1, 2, 3}, *d, out[3]; cudaMemcpyToSymbol(weights, w, sizeof w); float two = 7; cudaMemcpyToSymbol(weights, &two, 4, 8);
cudaMalloc(&d, 12); use_variables<<<1, 1>>>(d); cudaMemcpy(out, d, 12, cudaMemcpyDeviceToHost);
int c; cudaMemcpyFromSymbol(&c, counter, sizeof c); double *t, td; cudaGetSymbolAddress((void **)&t, table);
cudaMemcpy(&td, t, 8, cudaMemcpyDeviceToHost); cout << out[0] << " " << out[1] << " " << out[2] << " " << c << " " << td << endl;
cout << cudaMemcpyToSymbol(weights, w, 13) << endl;`,
    prints: '8 5 2.5 6 9\n1\n',
  },
  {
    id: 'a host pointer in a kernel is an illegal address, and the error sticks',
    code: '__global__ void touch(int *p) { p[threadIdx.x] = 1; }',
    test: `${NAME}int on_stack[4] = {}; auto *on_heap = new int[4](); int *d; cudaMalloc(&d, 16); touch<<<1, 4>>>(d);
name(cudaDeviceSynchronize()); touch<<<1, 4>>>(on_heap); name(cudaGetLastError()); name(cudaDeviceSynchronize());
name(cudaMemcpy(on_stack, d, 16, cudaMemcpyDeviceToHost)); name(cudaGetLastError()); name(cudaGetLastError()); name(cudaMalloc(&d, 4));
cout << on_heap[0] << on_stack[0] << endl;`,
    prints:
      'cudaSuccess\ncudaSuccess\ncudaErrorIllegalAddress\ncudaErrorIllegalAddress\ncudaErrorIllegalAddress\ncudaErrorIllegalAddress\ncudaErrorIllegalAddress\n00\n',
  },
  {
    id: 'a large host array in a kernel is illegal too',
    test: `${NAME}vector<int> v(1 << 20); touch<<<1, 4>>>(v.data()); name(cudaDeviceSynchronize());`,
    prints: 'cudaErrorIllegalAddress\n',
  },
  {
    id: 'null in a kernel is illegal, an overrun of some bytes is not',
    test: `${NAME}int *d, *e; cudaMalloc(&d, 4); touch<<<1, 64>>>(d); name(cudaDeviceSynchronize()); touch<<<1, 1>>>(nullptr); name(cudaDeviceSynchronize());`,
    prints: 'cudaSuccess\ncudaErrorIllegalAddress\n',
  },
  {
    id: 'far past all allocations is illegal',
    test: `${NAME}int *d; cudaMalloc(&d, 4); touch<<<1, 1>>>(d + (4 << 20)); name(cudaDeviceSynchronize());`,
    prints: 'cudaErrorIllegalAddress\n',
  },
  {
    id: 'streams, events and asynchronous copies',
    test: `cudaStream_t s, t; cudaStreamCreate(&s); cudaStreamCreateWithFlags(&t, cudaStreamNonBlocking); cudaEvent_t a, b; cudaEventCreate(&a); cudaEventCreate(&b);
int h[2] = {1, 2}, *d; cudaMallocAsync(&d, 8, s); cudaMemcpyAsync(d, h, 8, cudaMemcpyHostToDevice, s); cudaEventRecord(a, s); touch<<<1, 1, 0, s>>>(d + 1);
cudaEventRecord(b, s); cudaStreamWaitEvent(t, b, 0); cudaMemcpyAsync(h, d, 8, cudaMemcpyDeviceToHost, s); cudaEventSynchronize(b); cudaStreamSynchronize(s);
float ms = -1; cudaEventElapsedTime(&ms, a, b); cout << h[0] << h[1] << (ms >= 0); cudaStreamDestroy(s); cudaEventDestroy(a); cudaFreeAsync(d, t);`,
    prints: '111',
  },
  {
    id: 'devices and their properties',
    test: `int n, v; cudaGetDeviceCount(&n); cudaDeviceProp p; cudaGetDeviceProperties(&p, 0); cudaDeviceGetAttribute(&v, cudaDevAttrWarpSize, 0); size_t f, t; cudaMemGetInfo(&f, &t);
cout << n << p.warpSize << v << " " << p.maxThreadsPerBlock << (f <= t) << cudaSetDevice(0) << cudaSetDevice(1) << " " << cudaGetErrorString(cudaGetLastError());`,
    prints: '13232 102410101 invalid device ordinal',
  },
  {
    id: 'reset gives fresh memory',
    test: `int *d, h; cudaMalloc(&d, 4); cudaMemset(d, 1, 4); cudaDeviceReset(); cudaMalloc(&d, 4); cudaMemcpy(&h, d, 4, cudaMemcpyDeviceToHost); cout << h;`,
    prints: '0',
  },
]

checkFeatures('emulated', FEATURES)
