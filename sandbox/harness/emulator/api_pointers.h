// What a pointer, a kernel, or a kernel's launch by pointer is to the runtime.
#pragma once
#include <type_traits>
#include "runtime/copies.h"
#include "runtime/submit.h"

enum cudaMemoryType {
  cudaMemoryTypeUnregistered = 0,
  cudaMemoryTypeHost = 1,
  cudaMemoryTypeDevice = 2,
  cudaMemoryTypeManaged = 3,
};
struct cudaPointerAttributes {
  cudaMemoryType type;
  int device;
  void *devicePointer;
  void *hostPointer;
};

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

// Registers and binaries are a GPU's own; the rest is what launches are held to.
struct cudaFuncAttributes {
  size_t sharedSizeBytes, constSizeBytes, localSizeBytes;
  int maxThreadsPerBlock, numRegs, ptxVersion, binaryVersion, cacheModeCA, maxDynamicSharedSizeBytes, preferredShmemCarveout;
};
template <class F>
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes *attributes, F kernel) {
  if (cudaError stuck = __ks::wait_for_device()) return stuck;
  *attributes = {};
  attributes->maxThreadsPerBlock = 1024;
  attributes->numRegs = 32;
  attributes->ptxVersion = attributes->binaryVersion = 80;
  size_t allowance = __ks::shared_allowance((const void *)kernel);
  attributes->maxDynamicSharedSizeBytes = (int)(allowance > 0 ? allowance : __ks::DEFAULT_SHARED_BYTES);
  attributes->preferredShmemCarveout = -1;
  return cudaSuccess;
}

namespace __ks {

// Launches a kernel whose arguments are told by their addresses, once its type is known.
template <class... P, size_t... I>
void launch_by_addresses(void (*kernel)(P...), dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream,
                         std::index_sequence<I...>) {
  (void)arguments;
  launch(kernel).on(grid, block, shared, stream)(*static_cast<std::decay_t<P> *>(arguments[I])...);
}

using AddressLaunch = void (*)(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream);

template <class... P>
void launch_known(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  launch_by_addresses((void (*)(P...))kernel, grid, block, arguments, shared, stream, std::index_sequence_for<P...>());
}

// Kernels by address, for those that lost their type on the way. Programs that ask for it name theirs at the end of their text.
struct KnownKernel {
  const void *kernel;
  AddressLaunch launch;
};
inline KnownKernel known_kernels[64];
inline unsigned known_kernel_count = 0;

template <class... P>
bool know_kernel(void (*kernel)(P...)) {
  if (known_kernel_count < sizeof known_kernels / sizeof *known_kernels) {
    known_kernels[known_kernel_count++] = {(const void *)kernel, launch_known<P...>};
  }
  return true;
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

inline cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared = 0, cudaStream_t stream = nullptr) {
  return __ks::launch_kernel(kernel, grid, block, arguments, shared, stream);
}
template <class... P>
cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 block, void **arguments, size_t shared = 0, cudaStream_t stream = nullptr) {
  __ks::know_kernel(kernel);
  return __ks::launch_kernel((const void *)kernel, grid, block, arguments, shared, stream);
}
// A grid of one block is all that can wait for itself; cooperative_groups says so where a larger one tries.
template <class K>
cudaError_t cudaLaunchCooperativeKernel(K kernel, dim3 grid, dim3 block, void **arguments, size_t shared = 0, cudaStream_t stream = nullptr) {
  return cudaLaunchKernel(kernel, grid, block, arguments, shared, stream);
}
