// What the program's unit and the loader that holds the harness say to each other.
//
// The unit is a shared object with the program in it; the loader is a program of ours, and runs first. The unit gets this
// table when its test is asked for, and has no other way to what the loader reports.
#pragma once
#include <cstddef>

namespace __ks {

// How the bytes of one element are to be read.
enum class Element : unsigned char { other, signed_integer, unsigned_integer, character, half, single, twice, extended, pointer };

constexpr unsigned MAX_DIMENSIONS = 4;

// A value as the loader can read it: an element, or a rectangle of them.
struct Described {
  Element element = Element::other;
  // Of one element.
  unsigned bytes = 0;
  unsigned dimensions = 0;
  std::size_t counts[MAX_DIMENSIONS] = {};
  const void *place = nullptr;
  // Where the rows lie apart (a vector of vectors): the place of one, and how many elements it has.
  const void *(*row)(const void *place, std::size_t index, std::size_t *count) = nullptr;
  // The number that an element of a type of two bytes stands for.
  float (*number)(const void *element) = nullptr;
  // Prints it, as the plain pass does. Null in a unit that does not know the streams: the loader then prints what it reads.
  void (*print)(const void *value, std::size_t count) = nullptr;
  const void *printed = nullptr;
  std::size_t printed_count = 0;
};

struct Table {
  // A call of wrapper on this line of its test begins, its arguments being what they are.
  void (*begin)(int line, const Described *arguments, std::size_t count);
  // It has returned; null for void.
  void (*returned)(const Described *value);
  // What the arguments hold now.
  void (*arguments)(const Described *arguments, std::size_t count);
  // It has thrown instead.
  void (*thrown)(const char *what);
  // The test has come to its end. Does not return.
  void (*leave)();
  // For units that do not know the streams: they print what was returned (null for void), the arguments, and what was thrown.
  void (*print_return)(const Described *value);
  void (*print_arguments)(const Described *arguments, std::size_t count);
  void (*print_thrown)(const char *what);
};

using TestFunction = int (*)();
// What a unit has by the name of ENTRY: the test of that number, or null.
using Entry = TestFunction (*)(const Table *table, int index);
#define __KS_ENTRY __ks_entry

} // namespace __ks
