// The other half precision: the first sixteen bits of a float.
#pragma once
#include "emulator/bfloat16.h"
