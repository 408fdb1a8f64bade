// Device memory: one file, mapped at two addresses.
//
//   DEVICE_BASE   what programs see. The device process may touch what is allocated (in steps of 2 MiB, as a GPU maps
//                 memory); in the host process touching it is a fault, except for the last quarter, which holds managed and
//                 page-locked memory.
//   ALIAS_BASE    the same pages for the host's cudaMemcpy and cudaMemset; not there in the device process.
//
// The addresses are below all that a Linux process maps by itself, on x86-64 and on ARM; in the sanitized pass above the
// sanitizer's own.
#pragma once
#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>
#include "sanitizer.h"
#include "shared_file.h"
#include "unsupported.h"

namespace __ks {

constexpr uintptr_t DEVICE_BASE = sanitizer::FIRST_ADDRESS + 0x1000000000;
constexpr uintptr_t ALIAS_BASE = sanitizer::FIRST_ADDRESS + 0x2000000000;
constexpr uintptr_t FIBER_BASE = sanitizer::FIRST_ADDRESS + 0x3000000000;
constexpr size_t LARGEST_ARENA_BYTES = size_t(4) << 30, SMALLEST_ARENA_BYTES = size_t(64) << 20;
constexpr size_t PAGE_STEP_BYTES = size_t(2) << 20;

inline size_t arena_bytes = 0;
inline size_t device_bytes() { return arena_bytes / 4 * 3; }
inline bool in_arena(uintptr_t at) { return at >= DEVICE_BASE && at < DEVICE_BASE + arena_bytes; }
inline bool in_device_memory(uintptr_t at) { return at >= DEVICE_BASE && at < DEVICE_BASE + device_bytes(); }

// Reserves addresses, not memory: pages come when they are touched, zeroed. Less where the process may not have so much.
inline bool map_arena() {
  int file = shared_file();
  if (file < 0) return false;
  for (size_t bytes = LARGEST_ARENA_BYTES; bytes >= SMALLEST_ARENA_BYTES && arena_bytes == 0; bytes /= 2) {
    if (ftruncate(file, bytes) != 0) continue;
    void *alias = map_shared((void *)ALIAS_BASE, bytes, file);
    if (alias != (void *)ALIAS_BASE) continue;
    if (map_shared((void *)DEVICE_BASE, bytes, file) == (void *)DEVICE_BASE) arena_bytes = bytes;
    else munmap(alias, bytes);
  }
  close(file);
  return arena_bytes != 0;
}

inline void close_arena_to_host() { mprotect((void *)DEVICE_BASE, device_bytes(), PROT_NONE); }

inline void close_arena_to_device() {
  mprotect((void *)DEVICE_BASE, device_bytes(), PROT_NONE);
  munmap((void *)ALIAS_BASE, arena_bytes);
}

// In the device process: what is in use may be touched.
inline void open_arena_to_device(size_t mapped_bytes) {
  static size_t open = 0;
  if (mapped_bytes <= open) return;
  mprotect((void *)(DEVICE_BASE + open), mapped_bytes - open, PROT_READ | PROT_WRITE);
  open = mapped_bytes;
}

// Where the host's copies find the bytes of a device address.
inline void *alias_of(uintptr_t at) { return (void *)(at - DEVICE_BASE + ALIAS_BASE); }

} // namespace __ks
