// The prelude of the host executor in the coverage pass. Precompiled.
#pragma once
#include "../harness/standard.h"
#include "../harness/wrapper.h"
#include "counters.h"
