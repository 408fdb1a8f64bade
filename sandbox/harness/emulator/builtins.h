// What a kernel knows of its place. Set by the device before it runs a thread; constant for the thread.
#pragma once
#include "vectors.h"

namespace __ks {
inline uint3 thread_index, block_index;
inline dim3 block_size, grid_size;
} // namespace __ks

inline constexpr const uint3 &threadIdx = __ks::thread_index;
inline constexpr const uint3 &blockIdx = __ks::block_index;
inline constexpr const dim3 &blockDim = __ks::block_size;
inline constexpr const dim3 &gridDim = __ks::grid_size;
constexpr int warpSize = 32;
