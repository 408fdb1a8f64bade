// Who is told what happens to device memory: nobody, but in the isolated pass (isolated/loader/witness.h).
#pragma once
#include <csignal>
#include <cstddef>
#include <cstdint>

#ifdef __KS_WITNESS
#include __KS_WITNESS
#else
namespace __ks::witness {

// Each allocation begins at a multiple of so many bytes.
constexpr size_t SPACING_BYTES = 512;
// Of the host. An allocation has been made, will be freed, or a variable has become known.
inline void allocated(uintptr_t, size_t) {}
inline void freed(uintptr_t) {}
inline void variable(uintptr_t, size_t) {}
// Bytes have come to a place; `from` is null for a fill.
inline void moved(void *, const void *, size_t) {}
// Before the device is asked to run, and after it has.
inline void launching() {}
inline void launched() {}
// Of the device process. It begins; a grid begins, with so much memory in use; it has run to its end.
inline void device() {}
inline void running(size_t) {}
inline void ran() {}
// A fault that was the first write to a page, and is none now.
inline bool wrote(const siginfo_t *) { return false; }

} // namespace __ks::witness
#endif
