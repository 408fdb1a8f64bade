// cudaMalloc, cudaMemcpy and their like.
#pragma once
#include <type_traits>
#include "runtime/copies.h"

namespace __ks {

inline cudaError allocate_to(void **pointer, size_t bytes, Memory kind) {
  if (cudaError stuck = device_status()) return stuck;
  if (pointer == nullptr) return remember(cudaErrorInvalidValue);
  *pointer = nullptr;
  if (bytes == 0) return cudaSuccess;
  void *place = allocate(bytes, kind);
  if (place == nullptr) return remember(cudaErrorMemoryAllocation);
  if (kind != Memory::device) late::shared_memory();
  *pointer = place;
  return cudaSuccess;
}

inline cudaError release(void *pointer, bool of_host) {
  if (cudaError stuck = wait_for_device()) return stuck;
  if (pointer == nullptr) return cudaSuccess;
  const Allocation *allocation = allocations.find((uintptr_t)pointer);
  bool fits = allocation != nullptr && (allocation->kind == Memory::pinned) == of_host && allocation->start == (uintptr_t)pointer;
  if (!fits) return remember(cudaErrorInvalidValue);
  witness::freed((uintptr_t)pointer);
  allocations.remove((uintptr_t)pointer);
  return cudaSuccess;
}

inline bool rows_fit(size_t pitch, size_t width) { return width <= pitch; }

inline cudaError copy_rows(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                           cudaMemcpyKind kind, cudaStream_t stream, Wait wait) {
  if (!rows_fit(to_pitch, width) || !rows_fit(from_pitch, width)) return remember(cudaErrorInvalidPitchValue);
  for (size_t row = 0; row < height; row++) {
    if (cudaError error = copy((char *)to + row * to_pitch, (const char *)from + row * from_pitch, width, kind, stream, wait)) return error;
  }
  return cudaSuccess;
}

} // namespace __ks

inline cudaError_t cudaMalloc(void **pointer, size_t bytes) { return __ks::allocate_to(pointer, bytes, __ks::Memory::device); }
inline cudaError_t cudaMallocAsync(void **pointer, size_t bytes, cudaStream_t) { return cudaMalloc(pointer, bytes); }
inline cudaError_t cudaMallocManaged(void **pointer, size_t bytes, unsigned = cudaMemAttachGlobal) {
  if (bytes == 0) return __ks::remember(cudaErrorInvalidValue);
  return __ks::allocate_to(pointer, bytes, __ks::Memory::managed);
}
inline cudaError_t cudaHostAlloc(void **pointer, size_t bytes, unsigned) {
  return __ks::allocate_to(pointer, bytes, __ks::Memory::pinned);
}
inline cudaError_t cudaMallocHost(void **pointer, size_t bytes, unsigned = 0) { return cudaHostAlloc(pointer, bytes, 0); }
inline cudaError_t cudaMallocPitch(void **pointer, size_t *pitch, size_t width, size_t height) {
  if (pitch == nullptr) return __ks::remember(cudaErrorInvalidValue);
  *pitch = __ks::Allocations::step_up(width);
  return cudaMalloc(pointer, *pitch * height);
}

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

inline cudaError_t cudaFree(void *pointer) { return __ks::release(pointer, false); }
inline cudaError_t cudaFreeAsync(void *pointer, cudaStream_t) { return cudaFree(pointer); }
inline cudaError_t cudaFreeHost(void *pointer) { return __ks::release(pointer, true); }

// Page-locked memory is where it is allocated; there is none that becomes so later.
inline cudaError_t cudaHostRegister(void *, size_t, unsigned) { __ks::unsupported("cudaHostRegister"); }
inline cudaError_t cudaHostUnregister(void *) { return __ks::remember(cudaErrorInvalidValue); }
template <class T>
cudaError_t cudaHostGetDevicePointer(T **device, void *host, unsigned) {
  if (__ks::place_of(host, 1) != __ks::Place::both) return __ks::remember(cudaErrorInvalidValue);
  *device = (T *)host;
  return cudaSuccess;
}

inline cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind) {
  return __ks::copy(to, from, bytes, kind);
}
inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream = nullptr) {
  return __ks::copy(to, from, bytes, kind, stream, __ks::Wait::no);
}
inline cudaError_t cudaMemset(void *to, int value, size_t bytes) { return __ks::fill(to, value, bytes); }
inline cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream = nullptr) {
  return __ks::fill(to, value, bytes, stream);
}

inline cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                                cudaMemcpyKind kind) {
  return __ks::copy_rows(to, to_pitch, from, from_pitch, width, height, kind, nullptr, __ks::Wait::yes);
}
inline cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                                     cudaMemcpyKind kind, cudaStream_t stream = nullptr) {
  return __ks::copy_rows(to, to_pitch, from, from_pitch, width, height, kind, stream, __ks::Wait::no);
}
inline cudaError_t cudaMemset2D(void *to, size_t pitch, int value, size_t width, size_t height) {
  if (!__ks::rows_fit(pitch, width)) return __ks::remember(cudaErrorInvalidPitchValue);
  for (size_t row = 0; row < height; row++) {
    if (cudaError error = __ks::fill((char *)to + row * pitch, value, width)) return error;
  }
  return cudaSuccess;
}

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

inline cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  *total_bytes = *free_bytes = __ks::device_bytes();
  for (size_t i = 0; i < __ks::allocations.count; i++) *free_bytes -= __ks::Allocations::step_up(__ks::allocations.items[i].bytes);
  return cudaSuccess;
}
inline cudaError_t cudaMemPrefetchAsync(const void *, size_t, int, cudaStream_t = nullptr) { return __ks::wait_for_device(); }
inline cudaError_t cudaMemAdvise(const void *, size_t, cudaMemoryAdvise, int) { return __ks::wait_for_device(); }
