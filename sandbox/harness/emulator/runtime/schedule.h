// In which order the threads and blocks of a grid have their turns. A program that is right prints the same in every order; one
// that relies on an order, by a race, may not. Always the same from run to run.
#pragma once
#include <cstdint>
#include <cstring>
#include "unsupported.h"

namespace __ks {

enum class Order : unsigned char {
  // By index, each until it waits.
  forward,
  // The last block and thread first; of those who are released together, the last one first.
  reverse,
  // As forward, but a thread may be interrupted wherever it reads or writes memory that others see. Only where accesses are
  // watched (see accesses.h).
  interleaved,
};

inline Order order = Order::forward;
// Whether the first race that is seen ends the program, with an exit code of its own.
inline bool halts_on_race = false;
constexpr int RACED_EXIT = 88;

// By its name, as the harness is given it; null is forward.
inline void choose_order(const char *name) {
  if (name == nullptr || strcmp(name, "forward") == 0) order = Order::forward;
  else if (strcmp(name, "reverse") == 0) order = Order::reverse;
#ifdef KS_WATCH_ACCESSES
  else if (strcmp(name, "interleaved") == 0) order = Order::interleaved;
#endif
  else unsupported("an order of threads that is called %s", name);
}

// The place of a turn among `count`, by when it comes.
inline unsigned in_order(unsigned turn, unsigned count) { return order == Order::reverse ? count - 1 - turn : turn; }

// One of two, by a generator of fixed seed.
__attribute__((noinline, no_sanitize("thread"))) inline bool toss() {
  static uint32_t state = 12345;
  state = state * 1664525u + 1013904223u;
  return state >> 31 != 0;
}

} // namespace __ks
