#pragma once
#include "run.h"

namespace __ks {

inline int run_test(int argc, char **argv, std::initializer_list<Test> tests) {
  return run_on_clean_stack(find_test(argc, argv, tests).run);
}

} // namespace __ks
