// What a program's CUDA text stands after when nvcc is asked whether it compiles: what the reference includes, with the real
// headers of CUDA, and the wrapper. Nothing of the emulator.
#pragma once
#include <cuda_runtime.h>
#include "harness/standard.h"
#include "harness/wrapper.h"
