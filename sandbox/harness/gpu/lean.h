// Before a program that needs few of the usual headers.
#pragma once
#include <cuda_runtime.h>
#include "../harness/lean.h"
#include "call.h"
