// A value -> what the loader needs to read and print it, for units that do not know the streams.
#pragma once
#include "../isolated/elements.h"
#include "known.h"

namespace __ks {

template <class T>
Described describe(const T &value) {
  require_known(value);
  return described_elements<T>(__builtin_addressof(value));
}

} // namespace __ks
