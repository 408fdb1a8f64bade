// The prelude of the emulated executor: what the reference includes, the emulator, then the harness. Precompiled.
#pragma once
#include "harness/standard.h"
#include "emulator/cuda.h"
#include "harness/wrapper.h"
#include "harness/run.h"
#include "harness/run_emulated.h"
