// As nvcc.h, for programs that need few of the usual headers. A type that cannot be printed without the others is refused here.
#pragma once
#include <cuda_runtime.h>
#include "harness/lean.h"
#include "isolated/elements.h"
#include "gpu/known.h"

template <class F, class... A>
void wrapper(F function, A &&...arguments) {
  try {
    if constexpr (__ks::IsVoid<decltype(function(arguments...))>::value) {
      function(arguments...);
    } else {
      auto &&value = function(arguments...);
      __ks::require_known(value);
    }
    (__ks::require_known(arguments), ...);
  } catch (const std::exception &) {
  }
}
