// Runs one block: its threads as fibers, until all have ended.
//
// A thread runs until it waits. One that never waits costs a call: the fiber takes the next thread on the same stack. One
// that waits leaves its fiber standing, and the next fiber goes on with the next thread. Who runs next is always the same
// from run to run:
//   1. who waited and need wait no more, in the order they were released;
//   2. the next thread of the block that has not begun;
//   3. lanes that asked who has come along with them (__activemask): nobody else can come now;
//   4. who let others go first (spinning on an atomic), in turn. If nothing changes for long, they wait for what will never
//      come: `unsupported`;
//   5. nobody, and not all have ended: they wait for each other for ever: `unsupported`.
#pragma once
#include "../atomics.h"
#include "../builtins.h"
#include <cstring>
#include "../launch.h"
#include "control.h"
#include "fiber.h"
#include "schedule.h"

namespace __ks {

// Turns of spinning threads without any change of memory after which they are believed to spin for ever.
constexpr unsigned long long HOPELESS_TURNS = 200'000;

struct Block {
  const Launch *launch;
  void *arguments;
  unsigned threads, begun, live;
  // Which block of the grid, how many barriers it has passed, and how often each warp has come together since it began.
  unsigned long long number;
  unsigned barriers, warp_turns[MAX_BLOCK_THREADS / 32];
  FiberQueue ready, yielded, idle, barrier;
  unsigned at_barrier, true_at_barrier, last_true, last_arrivals;
  unsigned live_lanes[MAX_BLOCK_THREADS / 32];
  unsigned warp_waiting[MAX_BLOCK_THREADS / 32];
  Fiber *waiting[MAX_BLOCK_THREADS];
  unsigned asking_active;
  unsigned long long turns, changes_seen;
  size_t static_shared;
};

inline Block block;
inline Fiber *running = nullptr;
inline Fiber *abandoned = nullptr;
inline Context device_context;
// Counts grids, so that what is noted once a launch knows whether it has been.
inline unsigned long long launch_number = 0;

void fiber_main();
void release_lanes_without(unsigned thread);
bool release_active();

inline void begin_thread(Fiber *fiber) {
  unsigned thread = fiber->thread = in_order(block.begun++, block.threads);
  fiber->index = {thread % block_size.x, thread / block_size.x % block_size.y, thread / block_size.x / block_size.y};
  thread_index = fiber->index;
}

inline void release_barrier() {
  block.last_true = block.true_at_barrier;
  block.last_arrivals = block.at_barrier;
  block.at_barrier = block.true_at_barrier = 0;
  block.barriers++;
  block.barrier.move_all_to(block.ready);
  memory_changes++;
}

// A thread that has ended holds up nobody.
inline void end_thread(unsigned thread) {
  block.live--;
  block.live_lanes[thread / 32] &= ~(1u << thread % 32);
  memory_changes++;
  if (block.at_barrier > 0 && block.at_barrier == block.live) release_barrier();
  if (block.warp_waiting[thread / 32] > 0) release_lanes_without(thread);
}

[[noreturn]] inline void report_deadlock() {
  unsigned at_warp = 0;
  for (unsigned thread = 0; thread < block.threads; thread++) at_warp += block.waiting[thread] != nullptr;
  unsupported("threads of a block wait for each other for ever: of %u, %u at a barrier, %u in warp functions", block.live,
              block.at_barrier, at_warp);
}

inline Fiber *next_yielded() {
  if (block.yielded.first == nullptr) return nullptr;
  if (memory_changes != block.changes_seen) {
    block.changes_seen = memory_changes;
    block.turns = 0;
  }
  if (++block.turns > HOPELESS_TURNS) unsupported("threads spin on memory that no thread of their block changes");
  return block.yielded.pop();
}

inline Fiber *fiber_for_next_thread() {
  Fiber *fiber = block.idle.pop();
  return fiber != nullptr ? fiber : make_fiber(fiber_main);
}

// Null when the block has ended.
inline Fiber *next_fiber() {
  if (Fiber *fiber = block.ready.pop()) return fiber;
  if (block.begun < block.threads) return fiber_for_next_thread();
  if (block.asking_active > 0 && release_active()) return block.ready.pop();
  if (Fiber *fiber = next_yielded()) return fiber;
  if (block.live > 0) report_deadlock();
  return nullptr;
}

// Returns when the running thread has its turn again.
inline void give_turn_to(Fiber *next) {
  Fiber *self = running;
  if (next != self) {
    running = next;
    switch_context(&self->context, next != nullptr ? &next->context : &device_context);
    running = self;
  }
  thread_index = self->index;
}

// The running thread cannot go on; returns when it can.
inline void wait_turn() {
  idle_steps = 0;
  give_turn_to(next_fiber());
}

// The running thread could go on, and others go first: one that has not begun, or who has waited longest.
inline void interrupt_thread() {
  block.ready.push(running);
  bool begin = block.begun < block.threads && toss();
  give_turn_to(begin ? fiber_for_next_thread() : block.ready.pop());
}

// What every fiber does, block after block.
inline void fiber_main() {
  sanitizer::begun();
  for (;;) {
    Fiber *self = running;
    while (block.begun < block.threads) {
      begin_thread(self);
      block.launch->run(block.arguments);
      end_thread(self->thread);
    }
    block.idle.push(self);
    wait_turn();
  }
}

inline void run_block() {
  block.begun = 0;
  block.live = block.threads;
  block.barriers = 0;
  for (unsigned warp = 0; warp * 32 < block.threads; warp++) {
    unsigned lanes = block.threads - warp * 32;
    block.warp_turns[warp] = 0;
    block.live_lanes[warp] = lanes >= 32 ? ~0u : (1u << lanes) - 1;
  }
  Fiber *first = block.idle.pop();
  running = first != nullptr ? first : make_fiber(fiber_main);
  switch_context(&device_context, &running->context);
}

inline void make_abandoned_new() {
  prepare_fiber(*abandoned, fiber_main);
  block.idle.push(abandoned);
}

// Blocks one after the other, by their index or in the order that was asked for. Whether a kernel relies on another order, or on blocks that run at the same time, shows
// as threads that spin for ever.
inline void run_grid(const Launch &launch, void *arguments) {
  block.launch = &launch;
  block.arguments = arguments;
  block.threads = launch.block.x * launch.block.y * launch.block.z;
  block_size = launch.block;
  grid_size = launch.grid;
  block.static_shared = 0;
  launch_number++;
  const dim3 &grid = launch.grid;
  for (unsigned z = 0; z < grid.z; z++) {
    for (unsigned y = 0; y < grid.y; y++) {
      for (unsigned x = 0; x < grid.x; x++) {
        block_index = {in_order(x, grid.x), in_order(y, grid.y), in_order(z, grid.z)};
        block.number = ((unsigned long long)block_index.z * grid.y + block_index.y) * grid.x + block_index.x;
        run_block();
        if (control->refused != cudaSuccess) return make_abandoned_new();
      }
    }
  }
}

__attribute__((noinline)) inline void block_barrier(bool predicate) {
  block.at_barrier++;
  block.true_at_barrier += predicate;
  if (block.at_barrier == block.live) {
    release_barrier();
    // Who came last goes on first, but in reverse, where the first of the block does.
    if (order != Order::reverse) return;
    block.ready.push(running);
    wait_turn();
    return;
  }
  block.barrier.push(running);
  wait_turn();
}

[[noreturn]] void fail_kernel(cudaError error);

// Ends a launch that a GPU would not have begun: what its threads stood at is forgotten. Called by the first thread that shows
// what the kernel asks for, which is before kernels do anything that stays.
[[noreturn]] inline void refuse_launch(cudaError error) {
  control->refused = error;
  block.ready = block.yielded = block.idle = block.barrier = {};
  block.at_barrier = block.true_at_barrier = block.asking_active = 0;
  memset(block.waiting, 0, sizeof block.waiting);
  memset(block.warp_waiting, 0, sizeof block.warp_waiting);
  for (unsigned i = 0; i < fibers_made; i++) {
    if (&fibers[i] == running) continue;
    prepare_fiber(fibers[i], fiber_main);
    block.idle.push(&fibers[i]);
  }
  // The stack that is stood on is made new by whoever runs on another.
  abandoned = running;
  Context nowhere;
  switch_context(&nowhere, &device_context);
  __builtin_unreachable();
}

__attribute__((noinline)) inline void launch_bound(unsigned long long most) {
  if (block.threads > most) refuse_launch(cudaErrorLaunchOutOfResources);
}

__attribute__((noinline, no_sanitize("thread"))) inline void use_static_shared(unsigned long long &told, size_t bytes) {
  if (told == launch_number) return;
  told = launch_number;
  block.static_shared += bytes;
  if (block.static_shared > DEFAULT_SHARED_BYTES) unsupported("functions of a kernel that share %zu bytes together", block.static_shared);
  if (block.static_shared + block.launch->shared_bytes > block.launch->most_shared_bytes) refuse_launch(cudaErrorInvalidValue);
}
inline int barrier_count() { return (int)block.last_true; }
inline int barrier_arrivals() { return (int)block.last_arrivals; }
inline unsigned lane_id() { return running->thread % 32; }

__attribute__((noinline)) inline void yield_thread() {
  if (running == nullptr) return;
  block.yielded.push(running);
  wait_turn();
}

} // namespace __ks
