// printf and assert, which host and kernels share by name. What kernels print appears when the host next waits for the
// device, as on a GPU; what does not fit into the buffer is lost.
#pragma once
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include "control.h"
#include "process.h"

namespace __ks {

inline int device_vprintf(const char *format, va_list values) {
  size_t room = PRINT_BYTES - control->printed;
  int size = vsnprintf(control->print + control->printed, room, format, values);
  if (size > 0) control->printed += (size_t)size < room ? size : 0;
  return size;
}

inline void flush_device_prints() {
  if (control->printed == 0) return;
  fwrite(control->print, 1, control->printed, stdout);
  control->printed = 0;
}

} // namespace __ks

extern "C" {

int printf(const char *format, ...) {
  va_list values;
  va_start(values, format);
  int size = __ks::in_device ? __ks::device_vprintf(format, values) : vfprintf(stdout, format, values);
  va_end(values);
  return size;
}

void __assert_fail(const char *text, const char *file, unsigned int line, const char *function) noexcept {
  fprintf(stderr, "%s:%u: %s: Assertion `%s' failed.\n", file, line, function, text);
  if (__ks::in_device) __ks::fail_kernel(cudaErrorAssert);
  fflush(stdout);
  abort();
}
}
