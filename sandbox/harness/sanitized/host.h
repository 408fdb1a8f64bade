// The prelude of the host executor in the sanitized pass. Precompiled.
#pragma once
#include "options.h"
#include "../harness/standard.h"
#include "../harness/wrapper.h"
#include "../harness/run.h"
#include "run_host.h"
