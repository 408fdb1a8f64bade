// The prelude of the isolated pass on the emulated executor. Precompiled.
//
// The runtime is the loader's. The linker is told (elsewhere.list) that others may define what is named like it, and the loader,
// which does, comes first. So nothing that the program defines takes part in copies, launches or errors.
#pragma once
#include "../harness/standard.h"
#include "../emulator/system.h"
#include "../emulator/cuda.h"
#include "call.h"
#include "shared.h"
