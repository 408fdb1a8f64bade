// What every program of the emulated executor is linked to: the runtime, and the harness that runs a test. Compiled once for each
// build. Nothing of it is inline here, so that a program which defines one of its functions does not link.
#include "harness/standard.h"
#include "emulator/system.h"
#include "emulator/cuda.h"
#include "harness/run.h"
#define inline
#include "emulator/runtime/runtime.h"
#include "harness/run_emulated.h"
#undef inline
