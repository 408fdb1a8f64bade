// The prelude of the isolated pass on the host executor. Precompiled.
#pragma once
#include "../harness/standard.h"
#include "call.h"
