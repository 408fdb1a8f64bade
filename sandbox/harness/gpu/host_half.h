// What the host's half of a program has in place of what nvcc writes: kernels that launch themselves, and their registration.
// CUDA's headers are read as a C++ compiler reads them, which leaves the marks of functions without a meaning.
#pragma once
#include <cuda_runtime.h>
#include <cmath>
#include <cstdlib>
// As nvcc has them: their functions in the global namespace too.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern "C" {
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared = 0, struct CUstream_st *stream = nullptr);
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream);
void **__cudaRegisterFatBinary(void *image);
void __cudaRegisterFatBinaryEnd(void **image);
void __cudaUnregisterFatBinary(void **image);
void __cudaRegisterFunction(void **image, const char *host, char *device, const char *name, int most_threads, uint3 *thread,
                            uint3 *block, dim3 *block_size, dim3 *grid_size, int *warp_size);
void __cudaRegisterVar(void **image, char *host, char *device, const char *name, int is_extern, size_t size, int constant,
                       int global);
}

// CUDA's headers have these for nvcc only: by their names a variable of the device stands for itself, not for what it holds.
#if !defined(__CUDACC__)
template <class T>
static inline cudaError_t cudaMemcpyToSymbol(const T &symbol, const void *from, size_t bytes, size_t offset = 0,
                                             cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  return ::cudaMemcpyToSymbol((const void *)&symbol, from, bytes, offset, kind);
}
template <class T>
static inline cudaError_t cudaMemcpyToSymbolAsync(const T &symbol, const void *from, size_t bytes, size_t offset = 0,
                                                  cudaMemcpyKind kind = cudaMemcpyHostToDevice, cudaStream_t stream = 0) {
  return ::cudaMemcpyToSymbolAsync((const void *)&symbol, from, bytes, offset, kind, stream);
}
template <class T>
static inline cudaError_t cudaMemcpyFromSymbol(void *to, const T &symbol, size_t bytes, size_t offset = 0,
                                               cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  return ::cudaMemcpyFromSymbol(to, (const void *)&symbol, bytes, offset, kind);
}
template <class T>
static inline cudaError_t cudaMemcpyFromSymbolAsync(void *to, const T &symbol, size_t bytes, size_t offset = 0,
                                                    cudaMemcpyKind kind = cudaMemcpyDeviceToHost, cudaStream_t stream = 0) {
  return ::cudaMemcpyFromSymbolAsync(to, (const void *)&symbol, bytes, offset, kind, stream);
}
template <class T>
static inline cudaError_t cudaGetSymbolAddress(void **place, const T &symbol) {
  return ::cudaGetSymbolAddress(place, (const void *)&symbol);
}
template <class T>
static inline cudaError_t cudaGetSymbolSize(size_t *bytes, const T &symbol) {
  return ::cudaGetSymbolSize(bytes, (const void *)&symbol);
}
// And these take a kernel by its name.
template <class T>
static inline cudaError_t cudaFuncSetAttribute(T *kernel, cudaFuncAttribute attribute, int value) {
  return ::cudaFuncSetAttribute((const void *)kernel, attribute, value);
}
template <class T>
static inline cudaError_t cudaFuncSetCacheConfig(T *kernel, cudaFuncCache config) {
  return ::cudaFuncSetCacheConfig((const void *)kernel, config);
}
template <class T>
static inline cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, T *kernel) {
  return ::cudaFuncGetAttributes(attributes, (const void *)kernel);
}
#endif

// What these say is for the device.
#if !defined(__launch_bounds__)
#define __launch_bounds__(...)
#endif
#if !defined(__grid_constant__)
#define __grid_constant__
#endif

namespace __ks {

// Of a kernel's argument, whatever its type is qualified with.
static inline void *place(const volatile void *argument) { return const_cast<void *>(argument); }

// The body of every kernel on the host.
static inline void launch(const void *kernel, void **arguments) {
  dim3 grid, block;
  size_t shared;
  cudaStream_t stream;
  if (__cudaPopCallConfiguration(&grid, &block, &shared, &stream) != cudaSuccess) return;
  (void)cudaLaunchKernel(kernel, grid, block, arguments, shared, stream);
}

// How CUDA's runtime is told of machine code.
struct Image {
  int magic;
  int version;
  const unsigned long long *data;
  void *other;
};

static void **enrolled_image;

static inline void withdraw() { __cudaUnregisterFatBinary(enrolled_image); }

static inline void **enroll(Image *image) { return __cudaRegisterFatBinary(image); }

static inline void enroll_kernel(void **image, const void *host, const char *name) {
  __cudaRegisterFunction(image, (const char *)host, (char *)name, name, -1, nullptr, nullptr, nullptr, nullptr, nullptr);
}

static inline void enroll_variable(void **image, const void *host, const char *name, size_t bytes, int constant) {
  __cudaRegisterVar(image, (char *)host, (char *)name, name, 0, bytes, constant, 0);
}

static inline void enrolled(void **image) {
  __cudaRegisterFatBinaryEnd(image);
  enrolled_image = image;
  atexit(withdraw);
}

} // namespace __ks
