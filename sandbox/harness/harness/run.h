// Finds the test whose number is the program's argument, and runs it.
#pragma once
#include <cstdlib>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <iostream>
#include "test.h"

namespace __ks {

// What the shell's conventions leave free: no such test.
constexpr int NO_TEST = 125;

inline Test find_test(int argc, char **argv, std::initializer_list<Test> tests) {
  int wanted = argc > 1 ? std::atoi(argv[1]) : 0;
  for (const Test &test : tests) {
    if (test.index == wanted) return test;
  }
  std::exit(NO_TEST);
}

// A test may throw outside of wrapper(); to the reference that is the same.
inline int run_guarded(int (*test)()) {
  try {
    return test();
  } catch (const std::exception &error) {
    std::cout << "Runtime Error: " << error.what() << std::endl;
    return 0;
  }
}

// More than loader and libraries have used of the stack before main.
constexpr size_t CLEAN_STACK_BYTES = 128 * 1024;

// Runs the test on a part of the stack that nobody has used, with zeros above it: what a test reads without having set it, in
// its arrays or past their end, is then 0 on every machine and not what its loader left there.
__attribute__((noinline)) inline int run_on_clean_stack(int (*test)()) {
  volatile char zeros[CLEAN_STACK_BYTES];
  memset(const_cast<char *>(zeros), 0, sizeof zeros);
  int code = run_guarded(test);
  return code;
}

} // namespace __ks
