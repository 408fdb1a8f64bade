// Those of the headers in standard.h that cost little, the C library's and what algorithms and functions stand on, without the
// streams, strings, vectors and tuples. Read in place of all by programs to whom that is the same (toolchain/nvcc/lean.ts):
// nothing may stand here that standard.h does not bring.
#pragma once
#include <cassert>
#include <cctype>
#include <cerrno>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <type_traits>
#include <typeinfo>
#include <utility>
// Parts of the library's own, which no smaller header brings.
#if __has_include(<bits/stl_algobase.h>)
#include <bits/stl_algobase.h>
#endif
#if __has_include(<bits/range_access.h>)
#include <bits/range_access.h>
#endif
#if __has_include(<bits/stl_function.h>)
#include <bits/stl_function.h>
#endif

using namespace std;
