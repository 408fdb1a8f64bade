// Prints values for units that do not know the streams, byte for byte as harness/wrapper.h does.
#pragma once
#include <iostream>
#include "../table.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader {

template <class T>
void print_as(const void *place) {
  std::cout << *static_cast<const T *>(place);
}

// Of integers that convert to one another the streams print the value alone, in whatever base.
inline void print_integer(__ks::Element element, unsigned bytes, const void *place) {
  bool is_signed = element == __ks::Element::signed_integer;
  switch (bytes) {
    case 1: return std::cout << +*static_cast<const unsigned char *>(place), void();
    case 2: return is_signed ? print_as<short>(place) : print_as<unsigned short>(place);
    case 4: return is_signed ? print_as<int>(place) : print_as<unsigned>(place);
    default: return is_signed ? print_as<long long>(place) : print_as<unsigned long long>(place);
  }
}

inline void print_element(const __ks::Described &one, const void *place) {
  switch (one.element) {
    case __ks::Element::character: return print_as<char>(place);
    case __ks::Element::single: return print_as<float>(place);
    case __ks::Element::twice: return print_as<double>(place);
    case __ks::Element::extended: return print_as<long double>(place);
    case __ks::Element::pointer: return print_as<const void *>(place);
    default: return print_integer(one.element, one.bytes, place);
  }
}

// The elements of one dimension and all below it; where they are none of their own, its rows.
inline const char *print_level(const __ks::Described &one, unsigned dimension, const char *place) {
  if (dimension == one.dimensions) {
    print_element(one, place);
    return place + one.bytes;
  }
  bool rows = dimension + 1 < one.dimensions;
  std::cout << (rows ? "[\n" : "[ ");
  for (std::size_t i = 0; i < one.counts[dimension]; i++) {
    if (rows) std::cout << "  ";
    else if (i > 0) std::cout << ", ";
    place = print_level(one, dimension + 1, place);
    if (rows) std::cout << ",\n";
  }
  std::cout << (rows ? "]" : " ]");
  return place;
}

inline void print_value(const __ks::Described &one) {
  if (one.print != nullptr) one.print(one.printed, one.printed_count);
  else print_level(one, 0, static_cast<const char *>(one.place));
}

inline void print_return(const __ks::Described *value) {
  std::cout << "Return value: ";
  if (value == nullptr) std::cout << "void";
  else print_value(*value);
  std::cout << std::endl;
}

inline void print_arguments(const __ks::Described *arguments, std::size_t count) {
  std::cout << "Arguments after function call: (";
  for (std::size_t i = 0; i < count; i++) {
    if (i > 0) std::cout << ", ";
    print_value(arguments[i]);
  }
  std::cout << ")" << std::endl;
}

inline void print_thrown(const char *what) { std::cout << "Runtime Error: " << what << std::endl; }

} // namespace __ks_loader
#pragma GCC visibility pop
