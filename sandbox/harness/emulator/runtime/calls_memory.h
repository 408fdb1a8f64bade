// cudaMalloc, cudaMemcpy and their like.
#pragma once
#include "../api_memory.h"
#include "copies.h"

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

inline bool both_touch(const void *address) { return place_of(address, 1) == Place::both; }

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
inline cudaError_t cudaMallocManaged(void **pointer, size_t bytes, unsigned) {
  if (bytes == 0) return __ks::remember(cudaErrorInvalidValue);
  return __ks::allocate_to(pointer, bytes, __ks::Memory::managed);
}

inline cudaError_t cudaHostAlloc(void **pointer, size_t bytes, unsigned) {
  return __ks::allocate_to(pointer, bytes, __ks::Memory::pinned);
}

inline cudaError_t cudaMallocHost(void **pointer, size_t bytes, unsigned) { return cudaHostAlloc(pointer, bytes, 0); }
inline cudaError_t cudaMallocPitch(void **pointer, size_t *pitch, size_t width, size_t height) {
  if (pitch == nullptr) return __ks::remember(cudaErrorInvalidValue);
  *pitch = __ks::Allocations::step_up(width);
  return cudaMalloc(pointer, *pitch * height);
}

inline cudaError_t cudaFree(void *pointer) { return __ks::release(pointer, false); }
inline cudaError_t cudaFreeAsync(void *pointer, cudaStream_t) { return cudaFree(pointer); }
inline cudaError_t cudaFreeHost(void *pointer) { return __ks::release(pointer, true); }
// Page-locked memory is where it is allocated; there is none that becomes so later.
inline cudaError_t cudaHostRegister(void *, size_t, unsigned) { __ks::unsupported("cudaHostRegister"); }
inline cudaError_t cudaHostUnregister(void *) { return __ks::remember(cudaErrorInvalidValue); }
inline cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind) {
  return __ks::copy(to, from, bytes, kind);
}

inline cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return __ks::copy(to, from, bytes, kind, stream, __ks::Wait::no);
}

inline cudaError_t cudaMemset(void *to, int value, size_t bytes) { return __ks::fill(to, value, bytes); }
inline cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream) {
  return __ks::fill(to, value, bytes, stream);
}

inline cudaError_t cudaMemcpy2D(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                                cudaMemcpyKind kind) {
  return __ks::copy_rows(to, to_pitch, from, from_pitch, width, height, kind, nullptr, __ks::Wait::yes);
}

inline cudaError_t cudaMemcpy2DAsync(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t height,
                                     cudaMemcpyKind kind, cudaStream_t stream) {
  return __ks::copy_rows(to, to_pitch, from, from_pitch, width, height, kind, stream, __ks::Wait::no);
}

inline cudaError_t cudaMemset2D(void *to, size_t pitch, int value, size_t width, size_t height) {
  if (!__ks::rows_fit(pitch, width)) return __ks::remember(cudaErrorInvalidPitchValue);
  for (size_t row = 0; row < height; row++) {
    if (cudaError error = __ks::fill((char *)to + row * pitch, value, width)) return error;
  }
  return cudaSuccess;
}

inline cudaError_t cudaMemGetInfo(size_t *free_bytes, size_t *total_bytes) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  *total_bytes = *free_bytes = __ks::device_bytes();
  for (size_t i = 0; i < __ks::allocations.count; i++) *free_bytes -= __ks::Allocations::step_up(__ks::allocations.items[i].bytes);
  return cudaSuccess;
}

inline cudaError_t cudaMemPrefetchAsync(const void *, size_t, int, cudaStream_t) { return __ks::wait_for_device(); }
inline cudaError_t cudaMemAdvise(const void *, size_t, cudaMemoryAdvise, int) { return __ks::wait_for_device(); }
