// Acts out the CUDA runtime on the CPU, for g++ (C++17). All that programs see, in the order it depends on each other.
//
// How it works
// - A program is two processes: the host runs the test, the device runs kernels. The device is forked before the test
//   begins, so functions have the same addresses in both, while what the host maps later (its stack, its heap) is not
//   there in the device: a host pointer used in a kernel is an illegal address, as on a GPU. See runtime/process.h.
// - Device memory is one shared mapping that only the device may touch at its address; the runtime's copies go through a
//   second mapping. See runtime/arena.h.
// - Threads of a block are fibers that run until they wait; blocks run one after the other, in order. See runtime/block.h.
// - What cannot be acted out ends the test with a line `unsupported REASON` on descriptor 3 and exit code 86. Descriptor 3
//   may be missing: then the line is on standard error alone. See runtime/unsupported.h.
//
// - What programs see declares the runtime and holds only templates of it; the runtime itself is compiled once, not with every
//   program. See runtime/runtime.h.
//
// Every name of ours is in namespace __ks; global names are CUDA's own.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>

#define __CUDACC__ 1
#define __NVCC__ 1
#define __CUDACC_VER_MAJOR__ 12
#define __CUDACC_VER_MINOR__ 4
#define CUDART_VERSION 12040
#define CUDA_VERSION 12040

#include "qualifiers.h"
#include "vectors.h"
#include "builtins.h"
#include "errors.h"
#include "device_properties.h"
#include "api.h"
#include "launch.h"
#include "threads.h"
#include "atomics.h"
#include "intrinsics.h"
#include "math_functions.h"
#include "api_memory.h"
#include "api_device.h"
#include "api_streams.h"
#include "api_pointers.h"
#include "api_volumes.h"
