// A value -> what the loader needs to read it.
#pragma once
#include <vector>
#include "../harness/wrapper.h"
#include "elements.h"

namespace __ks {

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
