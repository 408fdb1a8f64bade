// What the sanitized pass must be told where the emulator does what no sanitizer sees: stacks that are left for others, and
// memory that is handed out. Nothing at all in other passes.
#pragma once
#include <cstddef>
#include <cstdint>

#ifdef __KS_SANITIZED
#include "../../sanitized/device.h"
#else

namespace __ks::sanitizer {

constexpr uintptr_t FIRST_ADDRESS = 0;
constexpr size_t GAP_BYTES = 0;
constexpr size_t STACK_FACTOR = 1;

struct Stack {};
inline void stack_made(Stack &, void *, size_t) {}
inline void leaving(Stack &, const Stack &) {}
inline void arrived(Stack &) {}
inline void begun() {}

enum class Zone : unsigned char { device, both };
inline bool prepare() { return true; }
inline uintptr_t fresh_from(Zone, uintptr_t begin, uintptr_t, size_t) { return begin; }
inline void allocated(Zone, uintptr_t, size_t, size_t) {}
inline void freed(Zone, uintptr_t, size_t, void *) {}
inline void launching(uintptr_t, size_t, void *, size_t) {}
inline void range_refused(size_t, size_t) {}
inline void device_ended(int) {}

} // namespace __ks::sanitizer

#endif
