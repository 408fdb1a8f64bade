// The end of a test that the emulator cannot act out: never a wrong answer.
#pragma once
#include <cstdarg>
#include <cstdio>
#include <unistd.h>

namespace __ks {

inline int report_descriptor = 3;
constexpr int UNSUPPORTED_EXIT = 86;

// Set in the device process. Its end is not the test's: the host ends when it sees that the device has.
inline bool in_device = false;
void device_gave_up(int exit_code);

// One line `unsupported REASON` for the runner, another for people. Descriptor 3 may be missing.
[[noreturn]] inline void unsupported(const char *format, ...) {
  char line[400];
  va_list values;
  va_start(values, format);
  int size = snprintf(line, sizeof line, "unsupported ");
  size += vsnprintf(line + size, sizeof line - size - 1, format, values);
  va_end(values);
  if (size > (int)sizeof line - 2) size = sizeof line - 2;
  line[size] = '\n';
  (void)!write(report_descriptor, line, size + 1);
  (void)!write(STDERR_FILENO, line, size + 1);
  if (in_device) device_gave_up(UNSUPPORTED_EXIT);
  _exit(UNSUPPORTED_EXIT);
}

} // namespace __ks
