// cudaMalloc, cudaMemcpy and their like.
#pragma once
#include <type_traits>
#include "api_runtime.h"

cudaError_t cudaMalloc(void **pointer, size_t bytes);
cudaError_t cudaMallocAsync(void **pointer, size_t bytes, cudaStream_t);
cudaError_t cudaMallocManaged(void **pointer, size_t bytes, unsigned = cudaMemAttachGlobal);
cudaError_t cudaHostAlloc(void **pointer, size_t bytes, unsigned);
cudaError_t cudaMallocHost(void **pointer, size_t bytes, unsigned = 0);
cudaError_t cudaMallocPitch(void **pointer, size_t *pitch, size_t width, size_t height);

template <class T>
cudaError_t cudaMalloc(T **pointer, size_t bytes) {
  return cudaMalloc((void **)(void *)pointer, bytes);
}
template <class T>
cudaError_t cudaMallocAsync(T **pointer, size_t bytes, cudaStream_t stream) {
  return cudaMallocAsync((void **)(void *)pointer, bytes, stream);
}
template <class T>
cudaError_t cudaMallocManaged(T **pointer, size_t bytes, unsigned flags = cudaMemAttachGlobal) {
  return cudaMallocManaged((void **)(void *)pointer, bytes, flags);
}
template <class T>
cudaError_t cudaHostAlloc(T **pointer, size_t bytes, unsigned flags) {
  return cudaHostAlloc((void **)(void *)pointer, bytes, flags);
}
template <class T>
cudaError_t cudaMallocHost(T **pointer, size_t bytes, unsigned flags = 0) {
  return cudaMallocHost((void **)(void *)pointer, bytes, flags);
}
template <class T>
cudaError_t cudaMallocPitch(T **pointer, size_t *pitch, size_t width, size_t height) {
  return cudaMallocPitch((void **)(void *)pointer, pitch, width, height);
}

cudaError_t cudaFree(void *pointer);
cudaError_t cudaFreeAsync(void *pointer, cudaStream_t);
cudaError_t cudaFreeHost(void *pointer);

// Page-locked memory is where it is allocated; there is none that becomes so later.
cudaError_t cudaHostRegister(void *, size_t, unsigned);
cudaError_t cudaHostUnregister(void *);
template <class T>
cudaError_t cudaHostGetDevicePointer(T **device, void *host, unsigned) {
  if (!__ks::both_touch(host)) return __ks::remember(cudaErrorInvalidValue);
  *device = (T *)host;
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t = nullptr);
cudaError_t cudaMemset(void *to, int value, size_t bytes);
cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t = nullptr);

cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height, cudaMemcpyKind kind);
cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height, cudaMemcpyKind kind, cudaStream_t = nullptr);
cudaError_t cudaMemset2D(void *to, size_t pitch, int value, size_t width, size_t height);

namespace __ks {

template <class T>
cudaError copy_to_symbol(const T &symbol, const void *from, size_t bytes, size_t offset, cudaMemcpyKind kind, cudaStream_t stream, Wait wait) {
  if (offset > sizeof symbol || bytes > sizeof symbol - offset) return remember(cudaErrorInvalidValue);
  know_variable(&symbol, sizeof symbol);
  return copy((char *)&symbol + offset, from, bytes, kind, stream, wait);
}
template <class T>
cudaError copy_from_symbol(void *to, const T &symbol, size_t bytes, size_t offset, cudaMemcpyKind kind, cudaStream_t stream, Wait wait) {
  if (offset > sizeof symbol || bytes > sizeof symbol - offset) return remember(cudaErrorInvalidValue);
  know_variable(&symbol, sizeof symbol);
  return copy(to, (const char *)&symbol + offset, bytes, kind, stream, wait);
}

} // namespace __ks

// A variable is named by itself.
template <class T>
cudaError_t cudaGetSymbolAddress(void **address, const T &symbol) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  __ks::know_variable(&symbol, sizeof symbol);
  *address = (void *)&symbol;
  return cudaSuccess;
}
template <class P, class T>
cudaError_t cudaGetSymbolAddress(P **address, const T &symbol) {
  return cudaGetSymbolAddress((void **)(void *)address, symbol);
}
template <class T>
cudaError_t cudaGetSymbolSize(size_t *bytes, const T &symbol) {
  *bytes = sizeof symbol;
  return cudaSuccess;
}
template <class T>
cudaError_t cudaMemcpyToSymbol(const T &symbol, const void *from, size_t bytes, size_t offset = 0,
                               cudaMemcpyKind kind = cudaMemcpyHostToDevice) {
  return __ks::copy_to_symbol(symbol, from, bytes, offset, kind, nullptr, __ks::Wait::yes);
}
template <class T>
cudaError_t cudaMemcpyToSymbolAsync(const T &symbol, const void *from, size_t bytes, size_t offset, cudaMemcpyKind kind,
                                    cudaStream_t stream = nullptr) {
  return __ks::copy_to_symbol(symbol, from, bytes, offset, kind, stream, __ks::Wait::no);
}
template <class T>
cudaError_t cudaMemcpyFromSymbol(void *to, const T &symbol, size_t bytes, size_t offset = 0,
                                 cudaMemcpyKind kind = cudaMemcpyDeviceToHost) {
  return __ks::copy_from_symbol(to, symbol, bytes, offset, kind, nullptr, __ks::Wait::yes);
}
template <class T>
cudaError_t cudaMemcpyFromSymbolAsync(void *to, const T &symbol, size_t bytes, size_t offset, cudaMemcpyKind kind,
                                      cudaStream_t stream = nullptr) {
  return __ks::copy_from_symbol(to, symbol, bytes, offset, kind, stream, __ks::Wait::no);
}

cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes);
cudaError_t cudaMemPrefetchAsync(const void *, size_t, int, cudaStream_t = nullptr);
cudaError_t cudaMemAdvise(const void *, size_t, cudaMemoryAdvise, int);
