// Before a program that needs all of the usual headers.
#pragma once
#include <cuda_runtime.h>
#include "../harness/standard.h"
#include "../isolated/call.h"
