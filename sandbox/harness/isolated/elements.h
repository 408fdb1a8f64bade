// A type -> how the bytes of its elements are to be read. All traits are our own: a program may specialise those of the library.
#pragma once
#include <cstddef>
#include "table.h"

namespace __ks {

template <class T>
struct IsVoid {
  static constexpr bool value = false;
};
template <>
struct IsVoid<void> {
  static constexpr bool value = true;
};
template <>
struct IsVoid<const void> : IsVoid<void> {};

template <class T>
struct Plain {
  using type = T;
};
template <class T>
struct Plain<const T> : Plain<T> {};
template <class T>
struct Plain<volatile T> : Plain<T> {};
template <class T>
struct Plain<const volatile T> : Plain<T> {};

template <class T>
const T &some();
template <class T, class = void>
struct IsNumber {
  static constexpr bool value = false;
};
template <class T>
struct IsNumber<T, decltype(void(static_cast<float>(some<T>())))> {
  static constexpr bool value = true;
};

template <class T>
struct ElementOf {
  static constexpr Element of_enum() { return T(-1) < T(0) ? Element::signed_integer : Element::unsigned_integer; }
  static constexpr Element find() {
    if constexpr (__is_enum(T)) return of_enum();
    // Two bytes that convert to float are a number of half precision, of whatever name.
    else if constexpr (__is_class(T) && sizeof(T) == 2) return IsNumber<T>::value ? Element::half : Element::other;
    else return Element::other;
  }
  static constexpr Element value = find();
};
template <class T>
struct ElementOf<T *> {
  static constexpr Element value = Element::pointer;
};
#define __KS_ELEMENT(type, kind)                   \
  template <>                                      \
  struct ElementOf<type> {                         \
    static constexpr Element value = Element::kind; \
  };
__KS_ELEMENT(bool, unsigned_integer)
__KS_ELEMENT(char, character)
__KS_ELEMENT(signed char, character)
__KS_ELEMENT(unsigned char, character)
__KS_ELEMENT(wchar_t, signed_integer)
__KS_ELEMENT(char16_t, unsigned_integer)
__KS_ELEMENT(char32_t, unsigned_integer)
__KS_ELEMENT(short, signed_integer)
__KS_ELEMENT(unsigned short, unsigned_integer)
__KS_ELEMENT(int, signed_integer)
__KS_ELEMENT(unsigned, unsigned_integer)
__KS_ELEMENT(long, signed_integer)
__KS_ELEMENT(unsigned long, unsigned_integer)
__KS_ELEMENT(long long, signed_integer)
__KS_ELEMENT(unsigned long long, unsigned_integer)
__KS_ELEMENT(float, single)
__KS_ELEMENT(double, twice)
__KS_ELEMENT(long double, extended)
#undef __KS_ELEMENT

template <class T>
float half_number(const void *element) {
  return static_cast<float>(*static_cast<const T *>(element));
}

// The innermost type of arrays, and their counts.
template <class T>
struct Shape {
  using type = typename Plain<T>::type;
  static constexpr unsigned dimensions = 0;
  static void count(std::size_t *) {}
};
template <class T, std::size_t N>
struct Shape<T[N]> {
  using type = typename Shape<T>::type;
  static constexpr unsigned dimensions = Shape<T>::dimensions + 1;
  static void count(std::size_t *counts) {
    *counts = N;
    Shape<T>::count(counts + 1);
  }
};
template <class T, std::size_t N>
struct Shape<const T[N]> : Shape<T[N]> {};

template <class T>
Described described_elements(const void *place) {
  Described one;
  using E = typename Shape<T>::type;
  one.element = Shape<T>::dimensions <= MAX_DIMENSIONS ? ElementOf<E>::value : Element::other;
  one.bytes = sizeof(E);
  if constexpr (ElementOf<E>::value == Element::half) one.number = half_number<E>;
  if constexpr (Shape<T>::dimensions > 0 && Shape<T>::dimensions <= MAX_DIMENSIONS) {
    one.dimensions = Shape<T>::dimensions;
    Shape<T>::count(one.counts);
  }
  one.place = place;
  return one;
}

} // namespace __ks
