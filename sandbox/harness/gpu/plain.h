// Before a program that would change what surrounds it: the wrapper stands in the unit, and the loader hears of nothing but the end.
#pragma once
#include <cuda_runtime.h>
#include "../harness/standard.h"
#include "../harness/wrapper.h"
#include "../isolated/table.h"
