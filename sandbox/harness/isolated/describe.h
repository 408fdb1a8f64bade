// A value -> what the loader needs to read it. All traits are our own: a program may specialise those of the library.
#pragma once
#include <vector>
#include "../harness/wrapper.h"
#include "table.h"

namespace __ks {

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

// The library's vector as it lies in memory: what its functions say, a program may have specialised.
template <class T>
struct VectorParts {
  const T *begin, *end, *room;
};

template <class T>
const void *vector_row(const void *place, std::size_t index, std::size_t *count) {
  const auto &row = static_cast<const VectorParts<VectorParts<T>> *>(place)->begin[index];
  *count = std::size_t(row.end - row.begin);
  return row.begin;
}

template <class T>
struct VectorElement {
  static Described describe(const void *place) {
    auto parts = static_cast<const VectorParts<T> *>(place);
    Described one = described_elements<T>(parts->begin);
    if (Shape<T>::dimensions > 0) one.element = Element::other;
    one.dimensions = 1;
    one.counts[0] = std::size_t(parts->end - parts->begin);
    return one;
  }
};
template <>
struct VectorElement<bool> {
  static Described describe(const void *) { return {}; }
};
template <class T, class A>
struct VectorElement<std::vector<T, A>> {
  static Described describe(const void *place) {
    auto parts = static_cast<const VectorParts<VectorParts<T>> *>(place);
    Described one = described_elements<T>(nullptr);
    if (Shape<T>::dimensions > 0 || ElementOf<typename Shape<T>::type>::value == Element::half) one.element = Element::other;
    one.dimensions = 2;
    one.counts[0] = std::size_t(parts->end - parts->begin);
    one.place = place;
    one.row = vector_row<T>;
    return one;
  }
};
template <class A>
struct VectorElement<std::vector<bool, A>> : VectorElement<bool> {};

template <class T>
Described described_one(const T &value, int) {
  return described_elements<T>(__builtin_addressof(value));
}
template <class T>
Described described_one(const std::vector<T> &value, long) {
  static_assert(sizeof(std::vector<int>) == sizeof(VectorParts<int>));
  return VectorElement<T>::describe(__builtin_addressof(value));
}
template <class T>
struct IsVector {
  static constexpr bool value = false;
};
template <class T>
struct IsVector<std::vector<T>> {
  static constexpr bool value = true;
};

template <class T>
Described describe(const T &value) {
  Described one;
  if constexpr (IsVector<T>::value) one = described_one(value, 0L);
  else one = described_one(value, 0);
  Shown as_plain = shown(value);
  one.print = as_plain.print;
  one.printed = as_plain.value;
  one.printed_count = as_plain.count;
  return one;
}

} // namespace __ks
