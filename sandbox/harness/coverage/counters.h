// Hands the counters of a run out by the descriptor of the report: what libgcov writes stays in the jail, and goes with it.
#pragma once
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>
#include "../harness/run.h"

extern "C" void __gcov_dump(void);

namespace __ks {

constexpr int COUNTERS_FD = 3;
// What the sandbox takes; more than a program's code may count.
constexpr ssize_t MOST_COUNTER_BYTES = 1 << 20;

inline pid_t &counting_process() {
  static pid_t process = 0;
  return process;
}

// At a test's end by itself, also by exit(). A process that it has started has counters of its own, which libgcov adds to the same file.
inline void hand_out_counters() {
  if (getpid() != counting_process()) return;
  __gcov_dump();
  int file = open("/tmp/unit.gcda", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  static char block[1 << 16];
  ssize_t handed = 0;
  for (ssize_t got; (got = read(file, block, sizeof block)) > 0 && handed + got <= MOST_COUNTER_BYTES; handed += got) {
    for (ssize_t written = 0, part; written < got; written += part) {
      part = write(COUNTERS_FD, block + written, got - written);
      if (part <= 0) return;
    }
  }
}

// Registered before the test begins, so that it comes after whatever the test leaves for its exit.
inline int run_test(int argc, char **argv, std::initializer_list<Test> tests) {
  Test test = find_test(argc, argv, tests);
  counting_process() = getpid();
  std::atexit(hand_out_counters);
  return run_on_clean_stack(test.run);
}

} // namespace __ks
