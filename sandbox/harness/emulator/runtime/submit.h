// Takes a launch from the host to the device, unless a GPU would refuse it.
#pragma once
#include <cstring>
#include "status.h"

namespace __ks {

constexpr size_t DEFAULT_DYNAMIC_SHARED_BYTES = 48 * 1024;

// Kernels that asked for more dynamic shared memory than everyone has (cudaFuncSetAttribute).
struct SharedAllowance {
  const void *kernel;
  size_t bytes;
};
inline SharedAllowance shared_allowances[64];
inline unsigned shared_allowance_count = 0;

// A kernel launched by a call has no name here: the largest allowance of any counts.
inline size_t allowed_shared_bytes(const void *kernel) {
  size_t most = DEFAULT_DYNAMIC_SHARED_BYTES;
  for (unsigned i = 0; i < shared_allowance_count; i++) {
    const SharedAllowance &one = shared_allowances[i];
    if ((kernel == nullptr || one.kernel == kernel) && one.bytes > most) most = one.bytes;
  }
  return most;
}

inline cudaError check_launch(const Launch &launch) {
  const dim3 &grid = launch.grid, &block = launch.block;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 || block.y == 0 || block.z == 0) return cudaErrorInvalidConfiguration;
  if (grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535) return cudaErrorInvalidConfiguration;
  if (block.x > 1024 || block.y > 1024 || block.z > 64) return cudaErrorInvalidConfiguration;
  if (block.x * block.y * block.z > MAX_BLOCK_THREADS) return cudaErrorInvalidConfiguration;
  if (launch.shared_bytes > allowed_shared_bytes(launch.kernel)) return cudaErrorInvalidValue;
  return cudaSuccess;
}

inline void submit(const Launch &launch, const void *arguments, size_t bytes) {
  start_device();
  if (in_device) unsupported("a kernel that launches kernels");
  if (stuck_error != cudaSuccess) return void(remember(stuck_error));
  if (cudaError refused = check_launch(launch)) return void(remember(refused));
  if (bytes > MAX_ARGUMENT_BYTES) unsupported("%zu bytes of kernel arguments", bytes);
  control->launch = launch;
  memcpy(control->arguments, arguments, bytes);
  witness::launching();
  ask_device(Request::run);
  witness::launched();
}

} // namespace __ks
