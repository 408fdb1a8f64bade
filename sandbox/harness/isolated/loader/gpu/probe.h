// The loader's own kernels (probe.cu).
#pragma once
#include <cuda_runtime_api.h>

extern "C" {
// Runs a kernel of known result on the device and waits for it. An error of CUDA's, or cudaErrorUnknown where the result is wrong.
cudaError_t __ks_known_kernel();
// How many of these bytes are not 0, which a kernel counts.
cudaError_t __ks_count_left(const void *place, size_t bytes, unsigned long long *left);
// A kernel of ours that writes past the end of its memory, for a checker to find.
cudaError_t __ks_overrun();
}
