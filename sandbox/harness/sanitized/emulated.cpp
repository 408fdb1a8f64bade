// The same for the sanitized pass.
#define __KS_SANITIZED 1
#include "options.h"
#include "../emulated.cpp"
