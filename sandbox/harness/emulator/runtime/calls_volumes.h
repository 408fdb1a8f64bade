// Memory of three dimensions.
#pragma once
#include "../api_volumes.h"
#include "copies.h"

inline cudaPitchedPtr make_cudaPitchedPtr(void *pointer, size_t pitch, size_t x, size_t y) { return {pointer, pitch, x, y}; }
inline cudaExtent make_cudaExtent(size_t width, size_t height, size_t depth) { return {width, height, depth}; }
inline cudaPos make_cudaPos(size_t x, size_t y, size_t z) { return {x, y, z}; }
inline cudaError_t cudaMalloc3D(cudaPitchedPtr *pitched, cudaExtent extent) {
  if (pitched == nullptr) return __ks::remember(cudaErrorInvalidValue);
  *pitched = {nullptr, 0, extent.width, extent.height};
  return cudaMallocPitch(&pitched->ptr, &pitched->pitch, extent.width, extent.height * extent.depth);
}

namespace __ks {

inline char *row_of(const cudaPitchedPtr &volume, const cudaPos &from, size_t y, size_t z) {
  return (char *)volume.ptr + ((from.z + z) * volume.ysize + from.y + y) * volume.pitch + from.x;
}

} // namespace __ks

inline cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms *p) {
  if (p->srcArray != nullptr || p->dstArray != nullptr) __ks::unsupported("arrays of textures");
  const cudaExtent &size = p->extent;
  if (size.width == 0 || size.height == 0 || size.depth == 0) return __ks::wait_for_device();
  if (size.width > p->srcPtr.pitch || size.width > p->dstPtr.pitch) return __ks::remember(cudaErrorInvalidPitchValue);
  for (size_t z = 0; z < size.depth; z++) {
    for (size_t y = 0; y < size.height; y++) {
      char *to = __ks::row_of(p->dstPtr, p->dstPos, y, z), *from = __ks::row_of(p->srcPtr, p->srcPos, y, z);
      if (cudaError error = __ks::copy(to, from, size.width, p->kind)) return error;
    }
  }
  return cudaSuccess;
}

inline cudaError_t cudaMemcpy3DAsync(const cudaMemcpy3DParms *p, cudaStream_t) { return cudaMemcpy3D(p); }
inline cudaError_t cudaMemset3D(cudaPitchedPtr volume, int value, cudaExtent extent) {
  for (size_t z = 0; z < extent.depth; z++) {
    for (size_t y = 0; y < extent.height; y++) {
      if (cudaError error = __ks::fill(__ks::row_of(volume, {0, 0, 0}, y, z), value, extent.width)) return error;
    }
  }
  return cudaSuccess;
}
