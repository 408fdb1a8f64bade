// The test runs on a thread of its own: the sanitizer knows the bounds of that one's stack without asking /proc.
#pragma once
#include <cstdint>
#include <pthread.h>
#include "../harness/run.h"

namespace __ks {

// As main's in the plain pass, and as much again for what instrumented functions need beyond that.
constexpr size_t TEST_STACK_BYTES = 16 << 20;

inline void *test_thread(void *test) { return (void *)(intptr_t)run_on_clean_stack(*(int (**)())test); }

inline int run_test(int argc, char **argv, std::initializer_list<Test> tests) {
  Test test = find_test(argc, argv, tests);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, TEST_STACK_BYTES);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, test_thread, &test.run) != 0) std::abort();
  void *code = nullptr;
  pthread_join(thread, &code);
  return (int)(intptr_t)code;
}

} // namespace __ks
