// The harness's program: takes what it needs, loads the unit, runs one test, reports.
//
//     loader TEST FILL DISTURB MOST-VALUES     (the nonce by standard input)
//
// 1. Nonce and report descriptor are taken away from where the program could find them.
// 2. The unit is loaded, which runs its constructors. What it needs and nobody has is the linker's complaint.
// 3. The test is run on a stack that is filled. Its end, by leave() or return, is noted.
// 4. exit() runs what the program has left for the end, and after that, and only where the test came to its end, the report is sent.
#pragma once
#include <dlfcn.h>
#include "../../harness/run.h"
#include "memory.h"
#include "printing.h"
#include "report.h"

#define __KS_TEXT_OF(word) #word
#define __KS_NAME(word) __KS_TEXT_OF(word)

#pragma GCC visibility push(hidden)
namespace __ks_loader {

constexpr const char *UNIT = "/program";

[[noreturn]] inline void finish(int code) {
  record.finished = true;
  record.code = code;
  exit(code);
}
[[noreturn]] inline void leave() { finish(0); }

// Registered before the unit is loaded, so that all it registers comes before this.
inline void last() {
  if (!record.finished) return;
  std::cout.flush();
  fflush(stdout);
  send(report_text());
  _exit(record.code);
}

inline const __ks::Table table{begin, returned, arguments, thrown, leave, print_return, print_arguments, print_thrown};

inline int number(const char *text) { return atoi(text); }

inline __ks::TestFunction load_unit() {
  atexit(last);
  void *unit = dlopen(UNIT, RTLD_NOW | RTLD_LOCAL);
  if (unit == nullptr) refuse(std::string("unlinked ") + dlerror());
  auto entry = (__ks::Entry)dlsym(unit, __KS_NAME(__KS_ENTRY));
  __ks::TestFunction test = entry != nullptr ? entry(&table, options.test) : nullptr;
  if (test == nullptr) refuse("unlinked no such test");
  return test;
}

inline __ks::TestFunction load(int argc, char **argv) {
  if (argc != 5 || !take_secrets()) _exit(125);
  options.test = number(argv[1]);
  options.fill = (unsigned char)number(argv[2]);
  options.disturb = (Disturb)number(argv[3]);
  options.most_values = (size_t)number(argv[4]);
  return load_unit();
}

constexpr size_t FILLED_STACK_BYTES = 128 * 1024;

__attribute__((noinline)) inline int run_on_filled_stack(__ks::TestFunction test) {
  volatile char filled[FILLED_STACK_BYTES];
  memset(const_cast<char *>(filled), options.fill, sizeof filled);
  return __ks::run_guarded(test);
}

} // namespace __ks_loader
#pragma GCC visibility pop
