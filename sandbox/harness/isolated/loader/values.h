// Values as the report has them: the grammar stands in protocol/report.ts.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>
#include "../table.h"
#include "options.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader {

using __ks::Described;
using __ks::Element;

template <class T>
T read(const void *place) {
  T value;
  memcpy(&value, place, sizeof value);
  return value;
}

template <class T>
void append_number(std::string &out, const char *format, T value) {
  char text[64];
  // A NaN's sign and payload are no part of its value.
  if (value != value) out += "nan";
  else out.append(text, (size_t)snprintf(text, sizeof text, format, value));
}

inline void append_integer(std::string &out, const void *place, unsigned bytes, bool is_signed) {
  uint64_t bits = 0;
  memcpy(&bits, place, bytes < 8 ? bytes : 8);
  unsigned unused = bytes < 8 ? 64 - 8 * bytes : 0;
  if (is_signed) out += std::to_string((int64_t)(bits << unused) >> unused);
  else out += std::to_string(bits);
}

inline void append_element(std::string &out, const Described &one, const void *place) {
  switch (one.element) {
    case Element::signed_integer: return append_integer(out, place, one.bytes, true);
    case Element::unsigned_integer: return append_integer(out, place, one.bytes, false);
    case Element::character: return append_integer(out, place, 1, false);
    case Element::half: return append_number(out, "%.9g", one.number(place));
    case Element::single: return append_number(out, "%.9g", read<float>(place));
    case Element::twice: return append_number(out, "%.17g", read<double>(place));
    case Element::extended: return append_number(out, "%.21Lg", read<long double>(place));
    case Element::pointer:
    case Element::other: return;
  }
}

inline const char *type_name(Element element) {
  switch (element) {
    case Element::signed_integer:
    case Element::unsigned_integer: return "int";
    case Element::character: return "char";
    case Element::half:
    case Element::single: return "float";
    case Element::twice: return "double";
    case Element::extended: return "extended";
    case Element::pointer: return "pointer";
    case Element::other: return "other";
  }
  return "other";
}

inline void append_hex(std::string &out, const std::string &text) {
  static const char digits[] = "0123456789abcdef";
  for (unsigned char c : text) {
    out += digits[c >> 4];
    out += digits[c & 15];
  }
}

// What it prints as, without printing it.
inline std::string printed_form(const Described &one) {
  std::ostringstream caught;
  std::streambuf *before = std::cout.rdbuf(caught.rdbuf());
  one.print(one.printed, one.printed_count);
  std::cout.rdbuf(before);
  return caught.str();
}

// Calls `each(place, count)` for every run of elements that lie one after the other.
template <class F>
void for_each_run(const Described &one, F each) {
  if (one.row != nullptr) {
    for (size_t i = 0; i < one.counts[0]; i++) {
      size_t count = 0;
      const void *place = one.row(one.place, i, &count);
      each(static_cast<const char *>(place), count);
    }
    return;
  }
  size_t count = 1;
  for (unsigned i = 0; i < one.dimensions; i++) count *= one.counts[i];
  each(static_cast<const char *>(one.place), count);
}

// Whether rows are of equal length; then `columns` is that.
inline bool rectangular(const Described &one, size_t &columns) {
  bool equal = true;
  columns = 0;
  size_t row = 0;
  for_each_run(one, [&](const char *, size_t count) {
    if (row++ == 0) columns = count;
    equal = equal && count == columns;
  });
  return equal;
}

inline bool has_elements(const Described &one) { return one.element != Element::other && one.element != Element::pointer; }

// Appends nothing more once there is too much.
inline bool full(const std::string &out) { return out.size() > options.most_values; }

inline void append_value(std::string &out, const Described &one) {
  size_t columns = 0;
  if (!has_elements(one) || (one.row != nullptr && !rectangular(one, columns))) {
    if (one.element == Element::pointer) out += "pointer";
    else append_hex(out += "other ", printed_form(one));
    return;
  }
  out += type_name(one.element);
  for (unsigned i = 0; i < one.dimensions; i++) {
    size_t count = one.row != nullptr && i == 1 ? columns : one.counts[i];
    out += '[' + std::to_string(count) + ']';
  }
  for_each_run(one, [&](const char *place, size_t count) {
    for (size_t i = 0; i < count && !full(out); i++) {
      out += ' ';
      append_element(out, one, place + i * one.bytes);
    }
  });
}

} // namespace __ks_loader
#pragma GCC visibility pop
