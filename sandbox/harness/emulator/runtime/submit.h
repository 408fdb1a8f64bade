// Takes a launch from the host to the device, unless a GPU would refuse it.
#pragma once
#include <cstring>
#include "managed.h"
#include "status.h"

namespace __ks {

// Kernels that asked for more dynamic shared memory than everyone has (cudaFuncSetAttribute).
struct SharedAllowance {
  const void *kernel;
  size_t bytes;
};
inline SharedAllowance shared_allowances[64];
inline unsigned shared_allowance_count = 0;

// How much dynamic shared memory a kernel may have that asked; 0 when it did not. A kernel launched by a call has no name here:
// the largest allowance of any counts.
inline size_t shared_allowance(const void *kernel) {
  size_t most = 0;
  for (unsigned i = 0; i < shared_allowance_count; i++) {
    const SharedAllowance &one = shared_allowances[i];
    if ((kernel == nullptr || one.kernel == kernel) && one.bytes > most) most = one.bytes;
  }
  return most;
}

inline cudaError allow_shared(const void *kernel, int bytes) {
  if (bytes < 0 || (size_t)bytes > MAX_DYNAMIC_SHARED_BYTES) return remember(cudaErrorInvalidValue);
  if (shared_allowance_count == sizeof shared_allowances / sizeof *shared_allowances) unsupported("too many kernels with an attribute");
  shared_allowances[shared_allowance_count++] = {kernel, (size_t)bytes};
  return cudaSuccess;
}

inline cudaError check_launch(const Launch &launch) {
  const dim3 &grid = launch.grid, &block = launch.block;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || block.x == 0 || block.y == 0 || block.z == 0) return cudaErrorInvalidConfiguration;
  if (grid.x > 0x7fffffff || grid.y > 65535 || grid.z > 65535) return cudaErrorInvalidConfiguration;
  if (block.x > 1024 || block.y > 1024 || block.z > 64) return cudaErrorInvalidConfiguration;
  if (block.x * block.y * block.z > MAX_BLOCK_THREADS) return cudaErrorInvalidConfiguration;
  size_t allowance = shared_allowance(launch.kernel);
  if (launch.shared_bytes > (allowance > DEFAULT_SHARED_BYTES ? allowance : DEFAULT_SHARED_BYTES)) return cudaErrorInvalidValue;
  return cudaSuccess;
}

// Kernels are compiled for processors that fuse a * b + c (since 2013). Without it another result would be no fault of theirs.
inline void need_fused_multiply_add() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("fma")) unsupported("a kernel on a processor without fused multiply-add");
#endif
}

inline void launch_now(const Launch &launch, const void *arguments, size_t bytes) {
  control->launch = launch;
  memcpy(control->arguments, arguments, bytes);
  control->refused = cudaSuccess;
  show_managed_to_device();
  witness::launching();
  bool answered = ask_device(Request::run);
  witness::launched();
  if (!answered) return;
  show_managed_to_host();
  remember(control->refused);
}

inline void submit(Launch launch, const void *arguments, size_t bytes) {
  start_device();
  if (in_device) unsupported("a kernel that launches kernels");
  need_fused_multiply_add();
  if (stuck_error != cudaSuccess) return void(remember(stuck_error));
  launch.most_shared_bytes = shared_allowance(launch.kernel) > 0 ? MAX_DYNAMIC_SHARED_BYTES : DEFAULT_SHARED_BYTES;
  if (cudaError refused = check_launch(launch)) return void(remember(refused));
  if (bytes > MAX_ARGUMENT_BYTES) unsupported("%zu bytes of kernel arguments", bytes);
  if (!late::launch(launch, arguments, bytes)) launch_now(launch, arguments, bytes);
}

} // namespace __ks
