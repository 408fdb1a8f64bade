// Half precision. A half is kept as its sixteen bits; each operation is worked out in float, which is exact enough that
// rounding once to half gives the correctly rounded result.
#pragma once
#include "emulator/half.h"
