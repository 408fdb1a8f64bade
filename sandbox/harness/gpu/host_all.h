// The host's half of a program that needs all of the usual headers. Precompiled.
#pragma once
#include "host_half.h"
#include "../harness/standard.h"
#include "../isolated/call.h"
