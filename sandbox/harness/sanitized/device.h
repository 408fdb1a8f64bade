// The emulator's side of the sanitizers.
//
// - Only the bytes that a program has asked for may be touched: what lies between allocations, and what was freed, is
//   poisoned in the device process, managed and page-locked memory in the host process too. Allocations lie further apart
//   than on a GPU, and freed addresses are used again only when there are no fresh ones.
// - The host keeps the list of allocations. It writes what changes into a log that both processes see; the device process
//   catches up before each kernel.
// - Stacks of fibers are told to the sanitizer when they are made and when they are left.
// - A copy or fill that leaves its allocation is a finding of our own, in a line that begins as those of the sanitizers do.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../emulator/runtime/shared_file.h"
#include "../emulator/runtime/unsupported.h"

namespace __ks::sanitizer {

// Above all shadow memory (x86-64 and ARM), below all that a process maps by itself.
constexpr uintptr_t FIRST_ADDRESS = uintptr_t(0x30) << 40;
// Between allocations: a thread that is a few rows too far does not land in another array.
constexpr size_t GAP_BYTES = 16 * 1024;
// Instrumented functions need more stack.
constexpr size_t STACK_FACTOR = 4;
// As in options.h.
constexpr int FOUND_EXIT = 87;

inline void say(const char *format, unsigned long long a, unsigned long long b) {
  char line[128];
  int size = snprintf(line, sizeof line, format, a, b);
  (void)!write(STDERR_FILENO, line, size);
}

// The host asked for more than there is. The line begins as those of the sanitizers do.
[[noreturn]] inline void range_refused(size_t bytes, size_t room) {
  say("==0==ERROR: KernelSwarm: device-range of %llu bytes, %llu there\n", bytes, room);
  __sanitizer_print_stack_trace();
  _exit(FOUND_EXIT);
}

// Stacks

struct Stack {
  const void *bottom = nullptr;
  size_t bytes = 0;
  void *held = nullptr;
};

inline void stack_made(Stack &stack, void *bottom, size_t bytes) {
  stack.bottom = bottom;
  stack.bytes = bytes;
  // What stood there before may have ended without tidying up.
  __asan_unpoison_memory_region(bottom, bytes);
}

// The stack of the process itself is not known without /proc: what lies around the present frame will do.
inline void leaving(Stack &self, const Stack &next) {
  if (self.bottom == nullptr) {
    self.bottom = (char *)__builtin_frame_address(0) - (1 << 20);
    self.bytes = (1 << 20) + (64 << 10);
  }
  __sanitizer_start_switch_fiber(&self.held, next.bottom, next.bytes);
}
inline void arrived(Stack &self) { __sanitizer_finish_switch_fiber(self.held, nullptr, nullptr); }
inline void begun() { __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr); }

// Memory

// `both` is what host and device may touch at the same address.
enum class Zone : unsigned char { device, both };

struct Change {
  uintptr_t start;
  size_t asked, span;
  Zone zone;
  bool live;
};

constexpr unsigned MOST_CHANGES = 65536;
struct Log {
  unsigned count, applied;
  Change changes[MOST_CHANGES];
};
inline Log *log = nullptr;

// What this process has poisoned: from the first gap of a zone to its edge, and beyond that up to where it was painted.
struct Painted {
  uintptr_t edge = 0, until = 0;

  void apply(const Change &change) {
    if (!change.live) return __asan_poison_memory_region((void *)change.start, change.asked);
    uintptr_t from = edge == 0 ? change.start - GAP_BYTES : edge;
    if (from < change.start) __asan_poison_memory_region((void *)from, change.start - from);
    __asan_unpoison_memory_region((void *)change.start, change.asked);
    __asan_poison_memory_region((void *)(change.start + change.asked), change.span - change.asked);
    if (change.start + change.span > edge) edge = change.start + change.span;
  }
  void paint(uintptr_t end) {
    uintptr_t from = edge > until ? edge : until;
    if (edge == 0 || from >= end) return;
    __asan_poison_memory_region((void *)from, end - from);
    until = end;
  }
};
inline Painted painted[2];
constexpr size_t PAINT_STEP_BYTES = 2 << 20;

inline void apply(const Change &change) {
  Painted &zone = painted[(int)change.zone];
  zone.apply(change);
  if (change.zone == Zone::both) zone.paint((zone.edge + PAINT_STEP_BYTES - 1) & ~(PAINT_STEP_BYTES - 1));
}

// Before the fork.
inline bool prepare() {
  log = static_cast<Log *>(make_shared(sizeof(Log)));
  return log != nullptr;
}

inline void note(const Change &change) {
  // What is applied is kept while there is room, to say at an error where it lies.
  if (log->count == MOST_CHANGES && log->applied == log->count) log->applied = log->count = 0;
  if (log->count == MOST_CHANGES) unsupported("%u allocations with no kernel between them", MOST_CHANGES);
  log->changes[log->count++] = change;
  if (change.zone == Zone::both) apply(change);
}

// Where to look for a place first: where nothing has been yet.
inline uintptr_t fresh[2];
inline uintptr_t fresh_from(Zone zone, uintptr_t begin, uintptr_t end, size_t span) {
  uintptr_t from = fresh[(int)zone];
  return from != 0 && from < end && end - from >= span ? from : begin + GAP_BYTES;
}

inline void allocated(Zone zone, uintptr_t start, size_t asked, size_t span) {
  if (start + span > fresh[(int)zone]) fresh[(int)zone] = start + span;
  note({start, asked, span, zone, true});
}

// Its pages are given back: it may be long until they are used again.
inline void freed(Zone zone, uintptr_t start, size_t asked, void *alias) {
  note({start, asked, asked, zone, false});
  constexpr uintptr_t PAGE = 4096;
  uintptr_t from = ((uintptr_t)alias + PAGE - 1) & ~(PAGE - 1), to = ((uintptr_t)alias + asked) & ~(PAGE - 1);
  if (from < to) madvise((void *)from, to - from, MADV_REMOVE);
}

inline const char *shared_start = nullptr;
inline size_t shared_asked = 0, shared_room = 0;

// In the device process, before a kernel: what may be touched of device memory, and of dynamic shared memory.
inline void launching(uintptr_t mapped_end, size_t shared_bytes, void *shared, size_t most_shared) {
  for (; log->applied < log->count; log->applied++) apply(log->changes[log->applied]);
  painted[(int)Zone::device].paint(mapped_end);
  shared_start = static_cast<const char *>(shared);
  shared_asked = shared_bytes;
  shared_room = most_shared;
  __asan_unpoison_memory_region(shared, shared_bytes);
  __asan_poison_memory_region((char *)shared + shared_bytes, most_shared - shared_bytes);
}

// How the device process ended, if it was by a finding.
inline void device_ended(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == FOUND_EXIT) _exit(FOUND_EXIT);
}

// The last thing that happened at addresses from `before` bytes before its start to its span; null where nothing did.
inline const Change *last_change(uintptr_t at, size_t before) {
  for (unsigned i = log == nullptr ? 0 : log->count; i-- > 0;) {
    const Change &change = log->changes[i];
    if (at >= change.start - before && at < change.start + change.span) return &change;
  }
  return nullptr;
}

// A line about an address of device memory. What lies between two allocations is past the first.
inline void describe(uintptr_t at) {
  const Change *change = last_change(at, 0);
  if (change == nullptr) change = last_change(at, GAP_BYTES);
  if (change == nullptr) return;
  if (!change->live) return say("KernelSwarm: freed device memory of %llu bytes\n", change->asked, 0);
  if (at < change->start) return say("KernelSwarm: %llu bytes before device memory of %llu bytes\n", change->start - at, change->asked);
  say("KernelSwarm: %llu bytes past device memory of %llu bytes\n", at - change->start - change->asked, change->asked);
}

inline void describe_shared(uintptr_t at) {
  uintptr_t start = (uintptr_t)shared_start;
  if (start == 0 || at < start || at >= start + shared_room) return;
  say("KernelSwarm: %llu bytes past dynamic shared memory of %llu bytes\n", at - start - shared_asked, shared_asked);
}

} // namespace __ks::sanitizer

// Called by the sanitizer at an error of memory.
extern "C" __attribute__((used, visibility("default"))) inline void __asan_on_error() {
  auto at = (uintptr_t)__asan_get_report_address();
  __ks::sanitizer::describe(at);
  __ks::sanitizer::describe_shared(at);
}
