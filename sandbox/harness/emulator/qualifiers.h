// The words CUDA adds to declarations.
#pragma once

// A GPU's compiler fuses a * b + c in device code, and only there. g++ does the same where the processor has the instruction,
// so it is told of it function by function; `flatten` takes what a kernel calls into the kernel, as a GPU's compiler does, so
// that products and sums meet which stand in different functions. A function of both host and device loses its mark in
// translation: it is fused where a kernel takes it in, and stays as it is for the host. See docs/emulator.md.
#if defined(__x86_64__)
#define __KS_FUSED target("fma")
#else
#define __KS_FUSED optimize("fp-contract=fast")
#endif
#define __global__ __attribute__((__KS_FUSED, flatten))
#define __device__ __attribute__((__KS_FUSED))
#define __host__
#define __constant__
#define __managed__ __attribute__((section("ks_managed")))
#define __grid_constant__
// Blocks run one after the other, so one copy is enough. A block finds in it what the last one left, as on a GPU.
#define __shared__ static
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
// Not always_inline: a lambda in a kernel is not marked, and g++ would refuse to take a marked function into it.
#define __forceinline__ inline
#define __inline_hint__
#define __device_builtin__
#define __builtin_align__(bytes) __align__(bytes)
#define CUDARTAPI
#define CUDART_CB
