// The C library's allocations, filled where nobody has written yet, and again when they are freed.
#pragma once
#include <cerrno>
#include <cstring>
#include <malloc.h>
#include "options.h"

extern "C" {
void *__libc_malloc(size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);
}

#pragma GCC visibility push(hidden)
namespace __ks_loader {

// More of an allocation is left as it is: pages that nobody touches are no memory.
constexpr size_t MOST_FILLED_BYTES = size_t(16) << 20;

inline void fill(void *place, size_t bytes) {
  if (options.fills) memset(place, options.fill, bytes < MOST_FILLED_BYTES ? bytes : MOST_FILLED_BYTES);
}

inline void *filled(void *place) {
  if (place != nullptr) fill(place, malloc_usable_size(place));
  return place;
}

} // namespace __ks_loader
#pragma GCC visibility pop

extern "C" {
void *malloc(size_t bytes) { return __ks_loader::filled(__libc_malloc(bytes)); }
void free(void *place) {
  __ks_loader::filled(place);
  __libc_free(place);
}
void *realloc(void *place, size_t bytes) {
  size_t before = place != nullptr ? malloc_usable_size(place) : 0;
  auto *after = static_cast<char *>(__libc_realloc(place, bytes));
  size_t now = after != nullptr ? malloc_usable_size(after) : 0;
  if (now > before) __ks_loader::fill(after + before, now - before);
  return after;
}
void *memalign(size_t step, size_t bytes) { return __ks_loader::filled(__libc_memalign(step, bytes)); }
void *aligned_alloc(size_t step, size_t bytes) { return memalign(step, bytes); }
int posix_memalign(void **place, size_t step, size_t bytes) {
  if (step % sizeof(void *) != 0 || (step & (step - 1)) != 0 || step == 0) return EINVAL;
  void *found = memalign(step, bytes);
  if (found == nullptr) return ENOMEM;
  *place = found;
  return 0;
}
}
