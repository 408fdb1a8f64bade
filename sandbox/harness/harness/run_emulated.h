// The test runs on a thread of its own, made after the device was forked: its stack and its heap are then at addresses that
// mean nothing to the device. A second argument names the order in which kernels' threads have their turns, a third, `halt`, lets the first race end it.
#pragma once
#include <pthread.h>
#include <sys/mman.h>
#include "../emulator/runtime/process.h"
#include "../emulator/runtime/schedule.h"
#include "run.h"

namespace __ks {

constexpr size_t TEST_STACK_BYTES = 8 << 20;

inline void *test_thread(void *test) { return (void *)(intptr_t)run_on_clean_stack(*(int (**)())test); }

inline int run_test(int argc, char **argv, std::initializer_list<Test> tests) {
  Test test = find_test(argc, argv, tests);
  choose_order(argc > 2 ? argv[2] : nullptr);
  halts_on_race = argc > 3 && strcmp(argv[3], "halt") == 0;
  start_device();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, TEST_STACK_BYTES);
  pthread_t thread;
  if (pthread_create(&thread, &attributes, test_thread, &test.run) != 0) unsupported("no thread for the test");
  void *code = nullptr;
  pthread_join(thread, &code);
  return (int)(intptr_t)code;
}

} // namespace __ks
