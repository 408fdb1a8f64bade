// The words CUDA adds to declarations.
#pragma once

#define __global__
#define __device__
#define __host__
#define __constant__
// Blocks run one after the other, so one copy is enough. A block finds in it what the last one left, as on a GPU.
#define __shared__ static
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __forceinline__ inline __attribute__((always_inline))
#define __inline_hint__
#define __device_builtin__
#define __builtin_align__(bytes) __align__(bytes)
#define CUDARTAPI
#define CUDART_CB
