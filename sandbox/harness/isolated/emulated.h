// The prelude of the isolated pass on the emulated executor. Precompiled.
//
// The runtime that runs is the loader's. The unit has a copy, none of it taken into other functions; the linker is told
// (elsewhere.list) that others may define all of it, and the loader, which does, comes first. So nothing that the program defines
// takes part in copies, launches or errors.
#pragma once
#include "../harness/standard.h"
#include "system.h"
#define __KS_RUNTIME inline __attribute__((noipa))
#include "../emulator/cuda.h"
#include "call.h"
#include "shared.h"
