// What a pointer is to the runtime, and kernels that are launched by their address.
#pragma once
#include "../api_pointers.h"
#include "copies.h"
#include "submit.h"

inline cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *pointer) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  if (attributes == nullptr) return __ks::remember(cudaErrorInvalidValue);
  void *at = const_cast<void *>(pointer);
  const __ks::Allocation *allocation = __ks::allocations.find((uintptr_t)pointer);
  if (allocation == nullptr) {
    bool device = __ks::find_variable((uintptr_t)pointer) != nullptr, managed = __ks::is_managed_variable((uintptr_t)pointer);
    if (managed) *attributes = {cudaMemoryTypeManaged, 0, at, at};
    else if (device) *attributes = {cudaMemoryTypeDevice, 0, at, nullptr};
    else *attributes = {cudaMemoryTypeUnregistered, -2, nullptr, nullptr};
  } else if (allocation->kind == __ks::Memory::device) *attributes = {cudaMemoryTypeDevice, 0, at, nullptr};
  else if (allocation->kind == __ks::Memory::managed) *attributes = {cudaMemoryTypeManaged, 0, at, at};
  else *attributes = {cudaMemoryTypeHost, 0, at, at};
  return cudaSuccess;
}

namespace __ks {

// Kernels by address, for those that lost their type on the way.
struct KnownKernel {
  const void *kernel;
  AddressLaunch launch;
};
inline KnownKernel known_kernels[64];
inline unsigned known_kernel_count = 0;

inline void remember_kernel(const void *kernel, AddressLaunch launch) {
  if (known_kernel_count < sizeof known_kernels / sizeof *known_kernels) known_kernels[known_kernel_count++] = {kernel, launch};
}

inline cudaError launch_kernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  if (cudaError stuck = device_status()) return stuck;
  for (unsigned i = 0; i < known_kernel_count; i++) {
    if (known_kernels[i].kernel != kernel) continue;
    cudaError before = last_error;
    last_error = cudaSuccess;
    known_kernels[i].launch(kernel, grid, block, arguments, shared, stream);
    cudaError mine = last_error;
    if (mine == cudaSuccess) last_error = before;
    return mine;
  }
  unsupported("a launch of a kernel that is known by its address alone");
}

} // namespace __ks

inline cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  return __ks::launch_kernel(kernel, grid, block, arguments, shared, stream);
}
