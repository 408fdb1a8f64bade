// Errors, devices, limits and attributes.
#pragma once
#include <cstring>
#include "../api_device.h"
#include "allocations.h"
#include "submit.h"

inline cudaError_t cudaGetLastError() {
  cudaError error = __ks::last_error;
  __ks::last_error = __ks::stuck_error;
  return error;
}

inline cudaError_t cudaPeekAtLastError() { return __ks::last_error; }
inline cudaError_t cudaDeviceSynchronize() { return __ks::wait_for_device(); }
inline cudaError_t cudaThreadSynchronize() { return __ks::wait_for_device(); }
inline cudaError_t cudaDeviceReset() {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  // New allocations must be zero again, as in a new process.
  madvise((void *)__ks::ALIAS_BASE, __ks::arena_bytes, MADV_REMOVE);
  while (__ks::allocations.count > 0) __ks::allocations.remove(__ks::allocations.items[0].start);
  return cudaSuccess;
}

inline cudaError_t cudaThreadExit() { return cudaDeviceReset(); }
inline cudaError_t cudaGetDeviceCount(int *count) {
  *count = 1;
  return cudaSuccess;
}

inline cudaError_t cudaGetDevice(int *device) {
  *device = 0;
  return cudaSuccess;
}

inline cudaError_t cudaSetDevice(int device) { return device == 0 ? cudaSuccess : __ks::remember(cudaErrorInvalidDevice); }
inline cudaError_t cudaSetDeviceFlags(unsigned) { return cudaSuccess; }
inline cudaError_t cudaChooseDevice(int *device, const cudaDeviceProp *) { return cudaGetDevice(device); }
inline cudaError_t cudaDriverGetVersion(int *version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

inline cudaError_t cudaRuntimeGetVersion(int *version) { return cudaDriverGetVersion(version); }
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device) {
  if (device != 0) return __ks::remember(cudaErrorInvalidDevice);
  __ks::start_device();
  memset(properties, 0, sizeof *properties);
  strcpy(properties->name, "Emulated CUDA device");
  properties->totalGlobalMem = __ks::device_bytes();
  properties->sharedMemPerBlock = __ks::DEFAULT_SHARED_BYTES;
  properties->sharedMemPerBlockOptin = __ks::MAX_DYNAMIC_SHARED_BYTES;
  properties->sharedMemPerMultiprocessor = __ks::MAX_DYNAMIC_SHARED_BYTES + 1024;
  properties->regsPerBlock = properties->regsPerMultiprocessor = 65536;
  properties->warpSize = 32;
  properties->memPitch = 0x7fffffff;
  properties->maxThreadsPerBlock = properties->maxThreadsDim[0] = properties->maxThreadsDim[1] = 1024;
  properties->maxThreadsDim[2] = 64;
  properties->maxGridSize[0] = 0x7fffffff;
  properties->maxGridSize[1] = properties->maxGridSize[2] = 65535;
  properties->clockRate = 1000000;
  properties->totalConstMem = 65536;
  properties->major = 8;
  properties->textureAlignment = 512;
  properties->multiProcessorCount = 16;
  properties->canMapHostMemory = properties->concurrentKernels = properties->unifiedAddressing = properties->managedMemory = 1;
  properties->concurrentManagedAccess = 1;
  properties->memoryClockRate = 1000000;
  properties->memoryBusWidth = 256;
  properties->l2CacheSize = 4 << 20;
  properties->maxThreadsPerMultiProcessor = 2048;
  return cudaSuccess;
}

inline cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device) {
  cudaDeviceProp p;
  if (cudaError error = cudaGetDeviceProperties(&p, device)) return error;
  switch (attribute) {
    case cudaDevAttrMaxThreadsPerBlock: *value = p.maxThreadsPerBlock; break;
    case cudaDevAttrMaxBlockDimX: *value = p.maxThreadsDim[0]; break;
    case cudaDevAttrMaxBlockDimY: *value = p.maxThreadsDim[1]; break;
    case cudaDevAttrMaxBlockDimZ: *value = p.maxThreadsDim[2]; break;
    case cudaDevAttrMaxGridDimX: *value = p.maxGridSize[0]; break;
    case cudaDevAttrMaxGridDimY: *value = p.maxGridSize[1]; break;
    case cudaDevAttrMaxGridDimZ: *value = p.maxGridSize[2]; break;
    case cudaDevAttrMaxSharedMemoryPerBlock: *value = (int)p.sharedMemPerBlock; break;
    case cudaDevAttrTotalConstantMemory: *value = (int)p.totalConstMem; break;
    case cudaDevAttrWarpSize: *value = p.warpSize; break;
    case cudaDevAttrMaxRegistersPerBlock: *value = p.regsPerBlock; break;
    case cudaDevAttrClockRate: *value = p.clockRate; break;
    case cudaDevAttrMultiProcessorCount: *value = p.multiProcessorCount; break;
    case cudaDevAttrConcurrentKernels: *value = p.concurrentKernels; break;
    case cudaDevAttrMaxThreadsPerMultiProcessor: *value = p.maxThreadsPerMultiProcessor; break;
    case cudaDevAttrComputeCapabilityMajor: *value = p.major; break;
    case cudaDevAttrComputeCapabilityMinor: *value = p.minor; break;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor: *value = (int)p.sharedMemPerMultiprocessor; break;
    case cudaDevAttrManagedMemory: *value = p.managedMemory; break;
    case cudaDevAttrConcurrentManagedAccess: *value = p.concurrentManagedAccess; break;
    case cudaDevAttrCooperativeLaunch: *value = 0; break;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = (int)p.sharedMemPerBlockOptin; break;
    default: __ks::unsupported("device attribute %d", (int)attribute);
  }
  return cudaSuccess;
}

inline cudaError_t cudaDeviceSetLimit(cudaLimit, size_t) { return cudaSuccess; }
inline cudaError_t cudaDeviceGetLimit(size_t *value, cudaLimit limit) {
  switch (limit) {
    case cudaLimitStackSize: *value = 1024; return cudaSuccess;
    case cudaLimitPrintfFifoSize: *value = __ks::PRINT_BYTES; return cudaSuccess;
    case cudaLimitMallocHeapSize: *value = 8 << 20; return cudaSuccess;
  }
  return __ks::remember(cudaErrorInvalidValue);
}

inline cudaError_t cudaDeviceSetCacheConfig(cudaFuncCache) { return cudaSuccess; }
inline cudaError_t cudaDeviceSetSharedMemConfig(cudaSharedMemConfig) { return cudaSuccess; }
