// The prelude of the emulated executor in the sanitized pass. Precompiled.
#pragma once
#define __KS_SANITIZED 1
#include "options.h"
#include "../emulated.h"
#undef __KS_SANITIZED
