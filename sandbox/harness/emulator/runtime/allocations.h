// Which addresses of the arena are allocated. Kept by the host; the device only knows how much is in use.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include "arena.h"
#include "control.h"
#include "witness.h"

namespace __ks {

enum class Memory : unsigned char { device, managed, pinned };

struct Allocation {
  uintptr_t start;
  size_t bytes;
  Memory kind;
};

inline sanitizer::Zone zone_of(Memory kind) {
  return kind == Memory::device ? sanitizer::Zone::device : sanitizer::Zone::both;
}

// As GPU drivers do: small overruns fall into the gap, and the next allocation is next in memory.
constexpr size_t ALLOCATION_STEP_BYTES = 512;
// More than any GPU has: out of memory there too. Less than this and more than the arena is our own limit.
constexpr size_t NO_GPU_HAS_BYTES = size_t(1) << 38;

// By address.
struct Allocations {
  Allocation *items = nullptr;
  size_t count = 0, room = 0;

  const Allocation *find(uintptr_t at) const {
    for (size_t i = 0; i < count; i++) {
      if (at >= items[i].start && at < items[i].start + items[i].bytes) return &items[i];
    }
    return nullptr;
  }

  // The first gap that is large enough, so that freed memory is used again. 0 when there is none.
  uintptr_t add(size_t bytes, Memory kind) {
    uintptr_t begin = DEVICE_BASE + (kind == Memory::device ? 0 : device_bytes());
    uintptr_t end = kind == Memory::device ? begin + device_bytes() : DEVICE_BASE + arena_bytes;
    size_t stepped = room_for(bytes) + sanitizer::GAP_BYTES, index = 0;
    begin = sanitizer::fresh_from(zone_of(kind), begin, end, stepped);
    uintptr_t at = begin;
    for (; index < count; index++) {
      const Allocation &next = items[index];
      if (next.start < begin) continue;
      if (next.start >= end || next.start - at >= stepped) break;
      at = next.start + room_for(next.bytes) + sanitizer::GAP_BYTES;
    }
    if (end - at < stepped) return 0;
    insert(index, {at, bytes, kind});
    sanitizer::allocated(zone_of(kind), at, bytes, stepped);
    return at;
  }

  bool remove(uintptr_t at) {
    for (size_t i = 0; i < count; i++) {
      if (items[i].start != at) continue;
      sanitizer::freed(zone_of(items[i].kind), at, items[i].bytes, alias_of(at));
      memmove(items + i, items + i + 1, (--count - i) * sizeof *items);
      return true;
    }
    return false;
  }

  static size_t room_for(size_t bytes) { return (bytes + witness::SPACING_BYTES - 1) & ~(witness::SPACING_BYTES - 1); }
  static size_t step_up(size_t bytes) { return (bytes + ALLOCATION_STEP_BYTES - 1) & ~(ALLOCATION_STEP_BYTES - 1); }

 private:
  void insert(size_t index, Allocation item) {
    if (count == room) {
      room = room == 0 ? 64 : room * 2;
      items = static_cast<Allocation *>(realloc(items, room * sizeof *items));
    }
    memmove(items + index + 1, items + index, (count++ - index) * sizeof *items);
    items[index] = item;
  }
};

inline Allocations allocations;

// Null when there is not so much.
inline void *allocate(size_t bytes, Memory kind) {
  if (bytes >= NO_GPU_HAS_BYTES) return nullptr;
  uintptr_t at = allocations.add(bytes, kind);
  if (at == 0) unsupported("more device memory than the emulator has (%zu bytes)", bytes);
  size_t used = at + Allocations::room_for(bytes) + sanitizer::GAP_BYTES - DEVICE_BASE;
  size_t mapped = (used + PAGE_STEP_BYTES - 1) & ~(PAGE_STEP_BYTES - 1);
  if (kind == Memory::device && mapped > control->mapped_bytes) control->mapped_bytes = mapped;
  witness::allocated(at, bytes);
  return (void *)at;
}

} // namespace __ks
