// Kernels of the loader's own: one whose result is known, to see whether the device computes; one that looks at memory.
#include "probe.h"

__global__ void __ks_known(unsigned *numbers, unsigned count) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < count) numbers[i] = numbers[i] * 2654435761u + i;
}

__global__ void __ks_left(const unsigned char *place, size_t bytes, unsigned long long *left) {
  unsigned long long mine = 0;
  for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < bytes; i += size_t(gridDim.x) * blockDim.x) mine += place[i] != 0;
  if (mine > 0) atomicAdd(left, mine);
}

constexpr unsigned COUNT = 4096, BLOCK = 256;

extern "C" cudaError_t __ks_known_kernel() {
  static unsigned numbers[COUNT];
  for (unsigned i = 0; i < COUNT; i++) numbers[i] = i ^ 0x5bd1e995u;
  unsigned *device = nullptr;
  cudaError_t error = cudaMalloc(&device, sizeof numbers);
  if (error != cudaSuccess) return error;
  error = cudaMemcpy(device, numbers, sizeof numbers, cudaMemcpyHostToDevice);
  if (error == cudaSuccess) {
    __ks_known<<<COUNT / BLOCK, BLOCK>>>(device, COUNT);
    error = cudaGetLastError();
  }
  if (error == cudaSuccess) error = cudaDeviceSynchronize();
  if (error == cudaSuccess) error = cudaMemcpy(numbers, device, sizeof numbers, cudaMemcpyDeviceToHost);
  cudaError_t freed = cudaFree(device);
  if (error == cudaSuccess) error = freed;
  for (unsigned i = 0; error == cudaSuccess && i < COUNT; i++) {
    if (numbers[i] != (i ^ 0x5bd1e995u) * 2654435761u + i) error = cudaErrorUnknown;
  }
  return error;
}

extern "C" cudaError_t __ks_count_left(const void *place, size_t bytes, unsigned long long *left) {
  unsigned long long *count = nullptr;
  cudaError_t error = cudaMalloc(&count, sizeof *count);
  if (error != cudaSuccess) return error;
  error = cudaMemset(count, 0, sizeof *count);
  if (error == cudaSuccess) {
    __ks_left<<<1024, BLOCK>>>((const unsigned char *)place, bytes, count);
    error = cudaGetLastError();
  }
  if (error == cudaSuccess) error = cudaMemcpy(left, count, sizeof *left, cudaMemcpyDeviceToHost);
  cudaError_t freed = cudaFree(count);
  return error == cudaSuccess ? freed : error;
}

extern "C" cudaError_t __ks_overrun() {
  unsigned *device = nullptr;
  cudaError_t error = cudaMalloc(&device, sizeof *device);
  if (error != cudaSuccess) return error;
  __ks_known<<<1, 2>>>(device, 2);
  return cudaDeviceSynchronize();
}
