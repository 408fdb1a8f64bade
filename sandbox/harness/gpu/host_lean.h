// The host's half of a program that needs few of the usual headers. Precompiled.
#pragma once
#include "host_half.h"
#include "../harness/lean.h"
#include "call.h"
