// Follows what kernels write to the host.
//
// - The device process may only read its memory until it writes: the fault names the page, which is noted and opened.
// - An allocation of which a kernel has written a page is a kernel's, until the host has overwritten it whole.
// - Bytes that are copied from it to the host are kept, so that what an argument holds can be compared with them.
// - Asked to disturb, it changes them on their way: what does not change with them does not come from a kernel.
#pragma once
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>
#include <vector>
#include "../../emulator/builtins.h"
#include "../../emulator/runtime/arena.h"
#include "../../emulator/runtime/control.h"
#include "options.h"

#pragma GCC visibility push(hidden)
namespace __ks_loader {
void fill(void *place, size_t bytes);
}
namespace __ks::witness {

constexpr size_t PAGE_BYTES = 4096, SPACING_BYTES = PAGE_BYTES;
constexpr size_t PAGES = LARGEST_ARENA_BYTES / PAGE_BYTES;
// Copies kept for comparing. What comes after is believed.
constexpr size_t MOST_KEPT_BYTES = size_t(64) << 20;

// Memory of both processes.
struct Shared {
  std::atomic<uint64_t> finished;
  // Pages have been forgotten, so that the first write to them must be seen again.
  std::atomic<bool> rearm;
  unsigned char written[PAGES];
};
inline Shared *shared = nullptr;

struct Range {
  uintptr_t start;
  size_t bytes;
};
struct Kept {
  uintptr_t start;
  std::vector<char> bytes;
};
// A variable of the device: what the host knows of what it holds.
struct Variable {
  uintptr_t start;
  std::vector<char> bytes;
};

// Of the host. Never freed, as the record.
inline auto &ranges = *new std::vector<Range>;
inline auto &kept = *new std::vector<Kept>;
inline auto &known = *new std::vector<Variable>;
inline size_t kept_bytes = 0;
inline bool reached = false;

inline void begin() {
  if (shared != nullptr) return;
  void *place = make_shared(sizeof(Shared));
  if (place == nullptr) unsupported("no memory to follow what kernels write");
  shared = static_cast<Shared *>(place);
}

inline uint64_t finished() { return shared != nullptr ? shared->finished.load() : 0; }
inline size_t page_of(uintptr_t at) { return (at - DEVICE_BASE) / PAGE_BYTES; }

inline const Range *range_of(uintptr_t at) {
  for (const Range &range : ranges) {
    if (at >= range.start && at < range.start + range.bytes) return &range;
  }
  return nullptr;
}

inline bool written(const Range &range) {
  for (size_t page = page_of(range.start); page <= page_of(range.start + range.bytes - 1); page++) {
    if (shared->written[page]) return true;
  }
  return false;
}

inline void set_written(const Range &range, bool is) {
  for (size_t page = page_of(range.start); page <= page_of(range.start + range.bytes - 1); page++) shared->written[page] = is;
  if (!is) shared->rearm = true;
}

inline void fill_device(const Range &range) {
  size_t whole = (range.bytes + SPACING_BYTES - 1) & ~(SPACING_BYTES - 1);
  __ks_loader::fill(alias_of(range.start), whole);
}

inline void allocated(uintptr_t at, size_t bytes) {
  ranges.push_back({at, bytes});
  set_written(ranges.back(), false);
  fill_device(ranges.back());
}

inline void freed(uintptr_t at) {
  for (size_t i = 0; i < ranges.size(); i++) {
    if (ranges[i].start != at) continue;
    fill_device(ranges[i]);
    ranges.erase(ranges.begin() + i);
    return;
  }
}

// The host has a copy of its own at that address, as it was before any kernel ran.
inline void variable(uintptr_t at, size_t bytes) { known.push_back({at, std::vector<char>((char *)at, (char *)at + bytes)}); }

inline Variable *variable_of(uintptr_t at) {
  for (Variable &one : known) {
    if (at >= one.start && at < one.start + one.bytes.size()) return &one;
  }
  return nullptr;
}

inline char *seen_by_host(const void *place) {
  return (char *)(in_arena((uintptr_t)place) ? alias_of((uintptr_t)place) : (void *)place);
}

inline void disturb(char *bytes, size_t count) {
  if (__ks_loader::options.disturb == __ks_loader::Disturb::zeros) memset(bytes, 0, count);
  if (__ks_loader::options.disturb != __ks_loader::Disturb::other_bits) return;
  for (size_t i = 0; i < count; i++) bytes[i] ^= 0x55;
}

// `content` has come to `to` of the host out of a kernel's hands.
inline void deliver(uintptr_t to, char *content, size_t bytes) {
  reached = true;
  disturb(content, bytes);
  // Programs that step until nothing changes bring the same few bytes again and again.
  if (!kept.empty() && kept.back().start == to && kept.back().bytes.size() == bytes) memcpy(kept.back().bytes.data(), content, bytes);
  else if ((kept_bytes += bytes) <= MOST_KEPT_BYTES) kept.push_back({to, std::vector<char>(content, content + bytes)});
}

// Whether what was read from there is of a kernel's making. `content` is what was read.
inline bool from_kernel(uintptr_t from, const char *content, size_t bytes) {
  if (const Variable *one = variable_of(from)) return memcmp(one->bytes.data() + (from - one->start), content, bytes) != 0;
  const Range *range = in_arena(from) ? range_of(from) : nullptr;
  return range != nullptr && written(*range);
}

inline void moved(void *to, const void *from, size_t bytes) {
  auto at = (uintptr_t)to;
  // A variable has no place in the host: what it was overwritten with is told by `from`.
  if (Variable *one = variable_of(at)) {
    if (from != nullptr && variable_of((uintptr_t)from) == nullptr) memcpy(one->bytes.data() + (at - one->start), seen_by_host(from), bytes);
    return;
  }
  bool kernels = from != nullptr && from_kernel((uintptr_t)from, seen_by_host(to), bytes);
  if (in_device_memory(at)) {
    const Range *range = range_of(at);
    if (range == nullptr) return;
    if (kernels) shared->written[page_of(at)] = 1;
    else if (at == range->start && bytes >= range->bytes) set_written(*range, false);
  } else if (kernels) deliver(at, seen_by_host(to), bytes);
}

// Memory that host and device share needs no copy. Only where it is to be disturbed each launch is looked at by itself.
inline void launching() {
  if (__ks_loader::options.disturb == __ks_loader::Disturb::not_at_all) return;
  for (const Range &range : ranges) {
    if (!in_device_memory(range.start)) set_written(range, false);
  }
}

inline void launched() {
  for (const Range &range : ranges) {
    if (in_device_memory(range.start) || !written(range)) continue;
    reached = true;
    disturb((char *)alias_of(range.start), range.bytes);
  }
}

inline bool came(const char *place, size_t bytes) {
  if (kept_bytes > MOST_KEPT_BYTES) return true;
  auto at = (uintptr_t)place;
  for (size_t i = kept.size(); i-- > 0;) {
    const Kept &one = kept[i];
    if (at < one.start || at + bytes > one.start + one.bytes.size()) continue;
    return memcmp(one.bytes.data() + (at - one.start), place, bytes) == 0;
  }
  return false;
}

// In the device process from here on.

inline size_t opened_bytes = 0;

inline void device() {}

inline void close_pages(uintptr_t from, size_t bytes) {
  if (bytes > 0) mprotect((void *)from, bytes, PROT_READ);
}

// What the present block has come to. A block is told by its index and the number of grids before it.
struct BlockShared {
  uint64_t grid = 0;
  uint3 block{};
  const void *places[64];
  unsigned count = 0;
};
inline BlockShared block_shared;

inline void fresh_shared(void *place, size_t bytes) {
  BlockShared &now = block_shared;
  bool same = now.grid == control->launches && memcmp(&now.block, &block_index, sizeof now.block) == 0;
  if (!same) now.count = 0;
  now.grid = control->launches;
  now.block = block_index;
  for (unsigned i = 0; i < now.count; i++) {
    if (now.places[i] == place) return;
  }
  if (now.count == sizeof now.places / sizeof *now.places) return;
  now.places[now.count++] = place;
  __ks_loader::fill(place, bytes);
}

inline void running(size_t mapped_bytes) {
  __ks_loader::fill(dynamic_shared_memory, control->launch.shared_bytes);
  bool rearm = shared->rearm.exchange(false);
  if (!rearm && mapped_bytes == opened_bytes) return;
  opened_bytes = mapped_bytes;
  close_pages(DEVICE_BASE, mapped_bytes);
  close_pages(DEVICE_BASE + device_bytes(), arena_bytes - device_bytes());
}

inline void ran() { shared->finished++; }

// A page that may not even be read is another kind of fault. Where pages can no more be opened one by one, all count as written.
inline bool wrote(const siginfo_t *info) {
  auto at = (uintptr_t)info->si_addr;
  if (info->si_code != SEGV_ACCERR || !in_arena(at)) return false;
  if (in_device_memory(at) && at >= DEVICE_BASE + opened_bytes) return false;
  uintptr_t page = at & ~(PAGE_BYTES - 1);
  shared->written[page_of(page)] = 1;
  if (mprotect((void *)page, PAGE_BYTES, PROT_READ | PROT_WRITE) == 0) return true;
  memset(shared->written, 1, opened_bytes / PAGE_BYTES);
  return mprotect((void *)DEVICE_BASE, opened_bytes, PROT_READ | PROT_WRITE) == 0;
}

} // namespace __ks::witness
#pragma GCC visibility pop
