// The prelude of the host executor: what the reference includes, then the harness. Precompiled.
#pragma once
#include "harness/standard.h"
#include "harness/wrapper.h"
#include "harness/run.h"
#include "harness/run_host.h"
