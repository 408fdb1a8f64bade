// The types that are printed without a word of the program's and of the library's: numbers, characters, pointers, arrays of them.
#pragma once
#include <cstddef>
#include "../isolated/table.h"

namespace __ks {

template <class T>
struct IsKnown {
  static constexpr bool value = false;
};
template <class T>
struct IsKnown<const T> : IsKnown<T> {};
template <class T>
struct IsKnown<T *> {
  static constexpr bool value = true;
};
template <class T, std::size_t N>
struct IsKnown<T[N]> : IsKnown<T> {};
template <class T, std::size_t N>
struct IsKnown<const T[N]> : IsKnown<T> {};
#define __KS_KNOWN(type)                \
  template <>                           \
  struct IsKnown<type> {                \
    static constexpr bool value = true; \
  };
__KS_KNOWN(bool)
__KS_KNOWN(char)
__KS_KNOWN(signed char)
__KS_KNOWN(unsigned char)
__KS_KNOWN(wchar_t)
__KS_KNOWN(char16_t)
__KS_KNOWN(char32_t)
__KS_KNOWN(short)
__KS_KNOWN(unsigned short)
__KS_KNOWN(int)
__KS_KNOWN(unsigned)
__KS_KNOWN(long)
__KS_KNOWN(unsigned long)
__KS_KNOWN(long long)
__KS_KNOWN(unsigned long long)
__KS_KNOWN(float)
__KS_KNOWN(double)
__KS_KNOWN(long double)
#undef __KS_KNOWN

template <class T>
void require_known(const T &) {
  static_assert(IsKnown<T>::value && Shape<T>::dimensions <= MAX_DIMENSIONS, "of a type that needs the streams");
}

} // namespace __ks
