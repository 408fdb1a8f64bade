// Watches what kernels read and write: for data races, and for addresses that a GPU refuses because they are not a multiple of
// the size.
//
// Compiled with KS_WATCH_ACCESSES and the flags of WATCHED_FLAGS (source/compose.ts), every read and write calls one of the
// functions that g++ makes for its thread sanitizer. They are ours: no library is linked. Of each byte of memory that threads
// share is kept who wrote it last and who has read it since. Two accesses race when one writes, not both are atomic, and nothing
// orders them:
//   - the same thread, a barrier of the block between them, a function of their warp between them: ordered;
//   - different blocks: never ordered within a launch. (Static and dynamic shared memory is another block's only in name.)
//   - a plain read and an atomicCAS: no race, because the usual loop around one begins with the other;
//   - a program that synchronises by memory (__threadfence, atomicCAS, atomicExch) is believed where the later thread has done
//     something atomic before.
// A write that does not change a byte is none: threads that all write the same are no harm. So a write is judged after it has
// happened, when the next access calls.
//
// A race is reported in one line on descriptor 3, at most MOST_REPORTS of them, each place in the program once:
//
//     race OFFSET TEXT
//
// OFFSET is where in the executable the later access returns to, in hexadecimal, for addr2line. A line `misaligned OFFSET TEXT`
// comes before a kernel fails for that.
#pragma once
#ifdef KS_WATCH_ACCESSES
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include "../builtins.h"
#include "arena.h"
#include "block.h"

#define KS_QUIET __attribute__((no_sanitize("thread")))
#define KS_UNWATCHED __attribute__((no_sanitize("thread"), noinline))

extern "C" {
extern char __executable_start[];
__attribute__((weak)) extern char __data_start[], _end[];
}

namespace __ks {

constexpr unsigned MOST_REPORTS = 8;
// Memory that is watched is bounded: 4 MiB of the program's, with sixteen times as much to remember it by. What is touched after
// that in a launch goes unwatched.
constexpr size_t PAGE_BYTES = 4096, MOST_PAGES = 1024, PAGE_TABLE = 4096;
static_assert(PAGE_TABLE >= 2 * MOST_PAGES, "the table must have gaps");

// Who did what to a byte. Numbers that do not fit are cut off, which can hide a race and invent none between threads of a block.
struct Access {
  uint64_t known : 1, atomic : 1, compares : 1, wide : 1, many : 1, blocks : 1;
  uint64_t thread : 10, block : 24, barriers : 14, warp_turns : 10;
};
static_assert(sizeof(Access) == 8, "");
struct Shadow {
  Access written, read;
};

struct PendingWrite {
  char *address = nullptr;
  unsigned char size = 0;
  char before[16];
  Access self;
  const void *place;
};

struct Watch {
  Shadow *pages = nullptr;
  char *own_words = nullptr;
  uintptr_t page_of[PAGE_TABLE];
  unsigned short index_of[PAGE_TABLE];
  unsigned pages_used;
  PendingWrite pending;
  const void *atomic_place;
  bool busy, in_atomic, compares, synchronises, block_did_atomic;
  unsigned long long block_seen;
  bool thread_did_atomic[MAX_BLOCK_THREADS];
  const void *reported[MOST_REPORTS];
  unsigned reports;
};
inline Watch watch;

KS_QUIET inline void map_own_variables();
// What was known of the last launch is forgotten.
KS_QUIET inline void begin_launch() {
  watch.busy = true;
  if (watch.pages == nullptr) {
    map_own_variables();
    void *pages = mmap(nullptr, MOST_PAGES * PAGE_BYTES * sizeof(Shadow), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED) unsupported("no memory to watch accesses by");
    watch.pages = (Shadow *)pages;
  } else madvise(watch.pages, watch.pages_used * PAGE_BYTES * sizeof(Shadow), MADV_DONTNEED);
  watch.pages_used = 0;
  watch.synchronises = false;
  watch.block_seen = ~0ull;
  for (uintptr_t &page : watch.page_of) page = 0;
  watch.busy = false;
}

KS_QUIET inline void forget_block() {
  watch.block_seen = block.number;
  watch.block_did_atomic = false;
  for (bool &did : watch.thread_did_atomic) did = false;
}

// Null when there is no room.
KS_QUIET inline Shadow *shadow_of(uintptr_t at) {
  uintptr_t page = at / PAGE_BYTES;
  for (size_t slot = page * 0x9e3779b97f4a7c15 >> 52;; slot = (slot + 1) % PAGE_TABLE) {
    if (watch.page_of[slot] == 0) {
      if (watch.pages_used == MOST_PAGES) return nullptr;
      watch.page_of[slot] = page;
      watch.index_of[slot] = watch.pages_used++;
    }
    if (watch.page_of[slot] == page) return watch.pages + watch.index_of[slot] * PAGE_BYTES + at % PAGE_BYTES;
  }
}

// Which words among the program's variables are the emulator's own. Asked at every access, so looked up.
KS_QUIET inline size_t data_bytes() { return _end - __data_start; }
KS_QUIET inline void map_own_variables() {
  struct {
    const void *start;
    size_t bytes;
  } const own[] = {
      {&thread_index, sizeof thread_index}, {&block_index, sizeof block_index}, {&block_size, sizeof block_size},
      {&grid_size, sizeof grid_size},       {&running, sizeof running},         {&block, sizeof block},
      {&memory_changes, sizeof memory_changes}, {&idle_steps, sizeof idle_steps}, {&fibers, sizeof fibers},
      {&fibers_made, sizeof fibers_made},   {&watch, sizeof watch},             {&order, sizeof order},
      {&in_device, sizeof in_device},       {&control, sizeof control},         {&launch_number, sizeof launch_number},
      {&device_context, sizeof device_context}, {&abandoned, sizeof abandoned}, {&arena_bytes, sizeof arena_bytes},
  };
  void *map = mmap(nullptr, data_bytes() / 4 + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (map == MAP_FAILED) unsupported("no memory to watch accesses by");
  watch.own_words = (char *)map;
  for (const auto &one : own) {
    size_t from = (const char *)one.start - __data_start;
    if (from < data_bytes()) memset(watch.own_words + from / 4, 1, (one.bytes + 3) / 4);
  }
}
KS_QUIET inline bool is_ours(uintptr_t at) { return watch.own_words[(at - (uintptr_t)__data_start) / 4] != 0; }

// As in_arena, but without a variable that would itself be watched.
KS_QUIET inline bool in_device_range(uintptr_t at) { return at - DEVICE_BASE < LARGEST_ARENA_BYTES; }

KS_QUIET inline bool of_program(uintptr_t at) { return at >= (uintptr_t)__data_start && at < (uintptr_t)_end; }

KS_QUIET inline Access self_access() {
  Access self{};
  self.known = 1;
  self.atomic = watch.in_atomic;
  self.compares = watch.compares;
  self.thread = running->thread;
  self.block = block.number;
  self.barriers = block.barriers;
  self.warp_turns = block.warp_turns[running->thread / 32];
  return self;
}

KS_QUIET inline bool unordered(const Access &before, const Access &self, bool reads, uintptr_t at) {
  if (!before.known || (before.atomic && self.atomic)) return false;
  // A plain read goes before a compare-and-swap, which finds out when it has been overtaken.
  if ((before.compares && reads) || self.compares) return false;
  if (before.block != self.block || before.blocks) {
    if (!in_device_range(at)) return false;
    return !(watch.synchronises && watch.block_did_atomic);
  }
  if (before.thread == self.thread && !before.many) return false;
  if (before.barriers != self.barriers) return false;
  if (before.thread / 32 == self.thread / 32 && !before.wide && before.warp_turns != self.warp_turns) return false;
  return !(watch.synchronises && watch.thread_did_atomic[self.thread]);
}

KS_QUIET inline void report_race(const char *what, unsigned size, const Access &before, const Access &self, uintptr_t at, const void *place) {
  for (unsigned i = 0; i < watch.reports; i++) {
    if (watch.reported[i] == place) return;
  }
  if (watch.reports == MOST_REPORTS) return;
  watch.reported[watch.reports++] = place;
  char line[240];
  int length = snprintf(line, sizeof line, "race %zx %s, %u bytes of %s memory: thread %u of block %u, then thread %u of block %u, with nothing between that orders them\n",
                        (size_t)((const char *)place - __executable_start), what, size, in_device_range(at) ? "global" : "shared or static",
                        (unsigned)before.thread, (unsigned)before.block, (unsigned)self.thread, (unsigned)self.block);
  (void)!write(report_descriptor, line, length);
  (void)!write(STDERR_FILENO, line, length);
  if (halts_on_race) device_gave_up(RACED_EXIT);
}

KS_QUIET inline void settle_write() {
  PendingWrite &write = watch.pending;
  char *address = write.address;
  if (address == nullptr) return;
  write.address = nullptr;
  for (unsigned i = 0; i < write.size; i++) {
    if (address[i] == write.before[i]) continue;
    Shadow *shadow = shadow_of((uintptr_t)address + i);
    if (shadow == nullptr) return;
    if (unordered(shadow->written, write.self, false, (uintptr_t)address)) {
      report_race("written and written", write.size, shadow->written, write.self, (uintptr_t)address, write.place);
    }
    if (unordered(shadow->read, write.self, false, (uintptr_t)address)) {
      report_race("read and written", write.size, shadow->read, write.self, (uintptr_t)address, write.place);
    }
    shadow->written = write.self;
  }
}

// Of readers that nothing orders all count: one stands for them, with marks for whether they are many, of several warps, of
// several blocks.
KS_QUIET inline void remember_reader(Access &read, const Access &self, uintptr_t at) {
  bool others = read.known && read.block != self.block && in_device_range(at);
  bool same_epoch = read.known && read.block == self.block && read.barriers == self.barriers;
  bool same_warp = read.thread / 32 == self.thread / 32;
  if (others) {
    read.blocks = read.many = 1;
  } else if (same_epoch && (read.wide || !same_warp || read.warp_turns == self.warp_turns)) {
    if (read.thread != self.thread) read.many = 1;
    if (!same_warp) read.wide = 1;
  } else {
    bool blocks = read.blocks && in_device_range(at), known = read.known;
    read = self;
    read.blocks = blocks && known;
    return;
  }
  read.atomic = read.atomic && self.atomic;
}

KS_QUIET inline void note_read(uintptr_t at, unsigned size, const void *place) {
  Access self = self_access();
  for (unsigned i = 0; i < size; i++) {
    Shadow *shadow = shadow_of(at + i);
    if (shadow == nullptr) return;
    if (unordered(shadow->written, self, true, at)) report_race("written and read", size, shadow->written, self, at, place);
    remember_reader(shadow->read, self, at);
  }
}

[[noreturn]] KS_QUIET inline void report_misaligned(uintptr_t at, unsigned size, const void *place) {
  char line[160];
  int length = snprintf(line, sizeof line, "misaligned %zx %u bytes at an address that is %u more than a multiple of that, by thread %u of block %u\n",
                        (size_t)((const char *)place - __executable_start), size, (unsigned)(at % size), running->thread, (unsigned)block.number);
  (void)!write(report_descriptor, line, length);
  (void)!write(STDERR_FILENO, line, length);
  fail_kernel(cudaErrorMisalignedAddress);
}

// An access of the running thread. Between it and what follows another thread may have its turn.
KS_QUIET inline void note_access(void *address, unsigned size, bool writes, bool aligned, const void *place) {
  if (!in_device || watch.busy || running == nullptr || watch.own_words == nullptr) return;
  auto at = (uintptr_t)address;
  if (!in_device_range(at) && (!of_program(at) || is_ours(at))) return;
  watch.busy = true;
  if (watch.in_atomic) place = watch.atomic_place;
  if (watch.block_seen != block.number) forget_block();
  if (aligned && at % size != 0) report_misaligned(at, size, place);
  if (!watch.in_atomic && order == Order::interleaved && toss()) {
    watch.busy = false;
    interrupt_thread();
    watch.busy = true;
  }
  settle_write();
  if (!writes) {
    note_read(at, size, place);
  } else {
    watch.pending = {(char *)address, (unsigned char)size, {}, self_access(), place};
    for (unsigned i = 0; i < size; i++) watch.pending.before[i] = ((char *)address)[i];
  }
  watch.busy = false;
}

// A launch is over, and with it its last write.
KS_QUIET inline void end_launch() {
  watch.busy = true;
  settle_write();
  watch.busy = false;
}

KS_QUIET inline void begin_atomic(const void *place) {
  if (!in_device || running == nullptr) return;
  watch.atomic_place = place;
  if (watch.block_seen != block.number) forget_block();
  watch.in_atomic = true;
  watch.thread_did_atomic[running->thread] = watch.block_did_atomic = true;
}
KS_QUIET inline void begin_compare_and_swap(const void *place) {
  watch.synchronises = watch.compares = true;
  begin_atomic(place);
}
KS_QUIET inline void end_atomic() { watch.in_atomic = watch.compares = false; }
KS_QUIET inline void note_synchronising() { watch.synchronises = true; }

} // namespace __ks

extern "C" {
__attribute__((weak)) KS_UNWATCHED void __tsan_init() {}
#define __KS_WATCHED(size)                                                                                          \
  __attribute__((weak)) KS_UNWATCHED void __tsan_read##size(void *at) {                                             \
    __ks::note_access(at, size, false, true, __builtin_return_address(0));                                               \
  }                                                                                                                 \
  __attribute__((weak)) KS_UNWATCHED void __tsan_write##size(void *at) {                                            \
    __ks::note_access(at, size, true, true, __builtin_return_address(0));                                                \
  }                                                                                                                 \
  __attribute__((weak)) KS_UNWATCHED void __tsan_volatile_read##size(void *at) {                                    \
    __ks::note_access(at, size, false, true, __builtin_return_address(0));                                               \
  }                                                                                                                 \
  __attribute__((weak)) KS_UNWATCHED void __tsan_volatile_write##size(void *at) {                                   \
    __ks::note_access(at, size, true, true, __builtin_return_address(0));                                                \
  }
__KS_WATCHED(1)
__KS_WATCHED(2)
__KS_WATCHED(4)
__KS_WATCHED(8)
__KS_WATCHED(16)
#undef __KS_WATCHED
#define __KS_UNALIGNED(size)                                                                                        \
  __attribute__((weak)) KS_UNWATCHED void __tsan_unaligned_read##size(void *at) {                                   \
    __ks::note_access(at, size, false, false, __builtin_return_address(0));                                               \
  }                                                                                                                 \
  __attribute__((weak)) KS_UNWATCHED void __tsan_unaligned_write##size(void *at) {                                  \
    __ks::note_access(at, size, true, false, __builtin_return_address(0));                                                \
  }
__KS_UNALIGNED(2)
__KS_UNALIGNED(4)
__KS_UNALIGNED(8)
__KS_UNALIGNED(16)
#undef __KS_UNALIGNED
// Of other sizes: judged in pieces, of which only the last can be pending.
__attribute__((weak)) KS_UNWATCHED void __tsan_read_range(void *at, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) __ks::note_access((char *)at + i, 1, false, false, __builtin_return_address(0));
}
__attribute__((weak)) KS_UNWATCHED void __tsan_write_range(void *at, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) __ks::note_access((char *)at + i, 1, true, false, __builtin_return_address(0));
}
__attribute__((weak)) KS_UNWATCHED void __tsan_vptr_update(void **, void *) {}
__attribute__((weak)) KS_UNWATCHED void __tsan_vptr_read(void **) {}
}

// The processor's own atomics, which the standard library uses on the host.
#define __KS_HOST_ATOMIC_RMW(bits, name, builtin)                                                              \
  __attribute__((weak)) KS_UNWATCHED uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t *at, uint##bits##_t value, int) { \
    return builtin(at, value, __ATOMIC_SEQ_CST);                                                               \
  }
#define __KS_HOST_ATOMICS(bits)                                                                                \
  __attribute__((weak)) KS_UNWATCHED uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t *at, int) {     \
    return __atomic_load_n(at, __ATOMIC_SEQ_CST);                                                              \
  }                                                                                                            \
  __attribute__((weak)) KS_UNWATCHED void __tsan_atomic##bits##_store(volatile uint##bits##_t *at, uint##bits##_t value, int) { \
    __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                                             \
  }                                                                                                            \
  __KS_HOST_ATOMIC_RMW(bits, exchange, __atomic_exchange_n)                                                    \
  __KS_HOST_ATOMIC_RMW(bits, fetch_add, __atomic_fetch_add)                                                    \
  __KS_HOST_ATOMIC_RMW(bits, fetch_sub, __atomic_fetch_sub)                                                    \
  __KS_HOST_ATOMIC_RMW(bits, fetch_and, __atomic_fetch_and)                                                    \
  __KS_HOST_ATOMIC_RMW(bits, fetch_or, __atomic_fetch_or)                                                      \
  __KS_HOST_ATOMIC_RMW(bits, fetch_xor, __atomic_fetch_xor)                                                    \
  __KS_HOST_ATOMIC_RMW(bits, fetch_nand, __atomic_fetch_nand)                                                  \
  __attribute__((weak)) KS_UNWATCHED int __tsan_atomic##bits##_compare_exchange_strong(                        \
      volatile uint##bits##_t *at, uint##bits##_t *expected, uint##bits##_t value, int, int) {                 \
    return __atomic_compare_exchange_n(at, expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
  }                                                                                                            \
  __attribute__((weak)) KS_UNWATCHED int __tsan_atomic##bits##_compare_exchange_weak(                          \
      volatile uint##bits##_t *at, uint##bits##_t *expected, uint##bits##_t value, int, int) {                 \
    return __atomic_compare_exchange_n(at, expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
  }
extern "C" {
__KS_HOST_ATOMICS(8)
__KS_HOST_ATOMICS(16)
__KS_HOST_ATOMICS(32)
__KS_HOST_ATOMICS(64)
__attribute__((weak)) KS_UNWATCHED void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
__attribute__((weak)) KS_UNWATCHED void __tsan_atomic_signal_fence(int) {}
}
#undef __KS_HOST_ATOMICS
#undef __KS_HOST_ATOMIC_RMW
#endif
