// Cooperative groups within a block.
#pragma once
#include "emulator/groups.h"
