// The prelude of the emulated executor: what the reference includes, the emulator as programs see it, then the harness. Precompiled.
#pragma once
#include "harness/standard.h"
#include "emulator/system.h"
#include "emulator/cuda.h"
#include "harness/wrapper.h"
#include "harness/test.h"
