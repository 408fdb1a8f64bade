// What a pointer, a kernel, or a kernel's launch by pointer is to the runtime.
#pragma once
#include <type_traits>
#include <utility>
#include "api_runtime.h"

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

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes *attributes, const void *pointer);

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

template <class... P>
void launch_known(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared, cudaStream_t stream) {
  launch_by_addresses((void (*)(P...))kernel, grid, block, arguments, shared, stream, std::index_sequence_for<P...>());
}

// For those that lost their type on the way: programs that ask for it name their kernels at the end of their text.
template <class... P>
bool know_kernel(void (*kernel)(P...)) {
  remember_kernel((const void *)kernel, launch_known<P...>);
  return true;
}

} // namespace __ks

cudaError_t cudaLaunchKernel(const void *kernel, dim3 grid, dim3 block, void **arguments, size_t shared = 0, cudaStream_t = nullptr);
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
