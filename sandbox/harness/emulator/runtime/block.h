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
#include "../launch.h"
#include "fiber.h"

namespace __ks {

// Turns of spinning threads without any change of memory after which they are believed to spin for ever.
constexpr unsigned long long HOPELESS_TURNS = 200'000;

struct Block {
  const Launch *launch;
  void *arguments;
  unsigned threads, begun, live;
  uint3 next_index;
  FiberQueue ready, yielded, idle, barrier;
  unsigned at_barrier, true_at_barrier, last_true, last_arrivals;
  unsigned live_lanes[MAX_BLOCK_THREADS / 32];
  unsigned warp_waiting[MAX_BLOCK_THREADS / 32];
  Fiber *waiting[MAX_BLOCK_THREADS];
  unsigned asking_active;
  unsigned long long turns, changes_seen;
};

inline Block block;
inline Fiber *running = nullptr;
inline Context device_context;

void fiber_main();
void release_lanes_without(unsigned thread);
bool release_active();

inline void begin_thread(Fiber *fiber) {
  fiber->thread = block.begun++;
  fiber->index = block.next_index;
  if (++block.next_index.x == block_size.x) {
    block.next_index.x = 0;
    if (++block.next_index.y == block_size.y) {
      block.next_index.y = 0;
      block.next_index.z++;
    }
  }
  thread_index = fiber->index;
}

inline void release_barrier() {
  block.last_true = block.true_at_barrier;
  block.last_arrivals = block.at_barrier;
  block.at_barrier = block.true_at_barrier = 0;
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

// Null when the block has ended.
inline Fiber *next_fiber() {
  if (Fiber *fiber = block.ready.pop()) return fiber;
  if (block.begun < block.threads) {
    Fiber *fiber = block.idle.pop();
    return fiber != nullptr ? fiber : make_fiber(fiber_main);
  }
  if (block.asking_active > 0 && release_active()) return block.ready.pop();
  if (Fiber *fiber = next_yielded()) return fiber;
  if (block.live > 0) report_deadlock();
  return nullptr;
}

// The running thread cannot go on; returns when it can.
inline void wait_turn() {
  Fiber *self = running;
  idle_steps = 0;
  Fiber *next = next_fiber();
  if (next != self) {
    running = next;
    switch_context(&self->context, next != nullptr ? &next->context : &device_context);
    running = self;
  }
  thread_index = self->index;
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
  block.next_index = {0, 0, 0};
  for (unsigned warp = 0; warp * 32 < block.threads; warp++) {
    unsigned lanes = block.threads - warp * 32;
    block.live_lanes[warp] = lanes >= 32 ? ~0u : (1u << lanes) - 1;
  }
  Fiber *first = block.idle.pop();
  running = first != nullptr ? first : make_fiber(fiber_main);
  switch_context(&device_context, &running->context);
}

// Blocks in the order of their index. Whether a kernel relies on another order, or on blocks that run at the same time, shows
// as threads that spin for ever.
inline void run_grid(const Launch &launch, void *arguments) {
  block.launch = &launch;
  block.arguments = arguments;
  block.threads = launch.block.x * launch.block.y * launch.block.z;
  block_size = launch.block;
  grid_size = launch.grid;
  for (unsigned z = 0; z < launch.grid.z; z++) {
    for (unsigned y = 0; y < launch.grid.y; y++) {
      for (unsigned x = 0; x < launch.grid.x; x++) {
        block_index = {x, y, z};
        run_block();
      }
    }
  }
}

inline void block_barrier(bool predicate) {
  block.at_barrier++;
  block.true_at_barrier += predicate;
  if (block.at_barrier == block.live) {
    release_barrier();
    return;
  }
  block.barrier.push(running);
  wait_turn();
}

// The first thing a kernel with __launch_bounds__ does. A GPU would not have launched it.
inline void launch_bound(unsigned long long most) {
  if (block.threads > most) unsupported("a block of %u threads of a kernel that says it has %llu at most", block.threads, most);
}

inline int barrier_count() { return (int)block.last_true; }
inline int barrier_arrivals() { return (int)block.last_arrivals; }
inline unsigned lane_id() { return running->thread % 32; }

inline void yield_thread() {
  if (running == nullptr) return;
  block.yielded.push(running);
  wait_turn();
}

} // namespace __ks
