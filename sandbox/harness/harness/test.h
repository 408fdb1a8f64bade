// What a program's tests are to the harness.
#pragma once
#include <cstdlib>
#include <initializer_list>

namespace __ks {

struct Test {
  int index;
  int (*run)();
};

// Runs the test whose number is the program's argument.
int run_test(int argc, char **argv, std::initializer_list<Test> tests);

// The end of a test that did not return.
[[noreturn]] inline void leave() { std::exit(0); }

} // namespace __ks
