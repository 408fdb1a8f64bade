// What the lanes of a warp do together. The last lane of a mask to arrive works out what each of them gets.
#pragma once
#include "block.h"

namespace __ks {

// The lane whose value a shuffle reads; its own where the source would be outside of its group.
inline unsigned source_lane(const Fiber &fiber) {
  int lane = fiber.thread % 32, width = fiber.width;
  int first = lane & ~(width - 1), last = first + width - 1;
  int from = lane;
  switch (fiber.op) {
    case WarpOp::shuffle_index: return first + (fiber.argument & (width - 1));
    case WarpOp::shuffle_up: from = lane - (int)fiber.argument; return from < first || from > lane ? lane : from;
    case WarpOp::shuffle_down: from = lane + (int)fiber.argument; return from > last || from < lane ? lane : from;
    case WarpOp::shuffle_xor: from = lane ^ (int)fiber.argument; return from < 0 || from > last ? lane : from;
    default: return lane;
  }
}

inline uint64_t reduce(WarpOp op, uint64_t a, uint64_t b) {
  switch (op) {
    case WarpOp::reduce_add: return (uint32_t)(a + b);
    case WarpOp::reduce_min_signed: return (int32_t)a < (int32_t)b ? a : b;
    case WarpOp::reduce_max_signed: return (int32_t)a > (int32_t)b ? a : b;
    case WarpOp::reduce_min_unsigned: return (uint32_t)a < (uint32_t)b ? a : b;
    case WarpOp::reduce_max_unsigned: return (uint32_t)a > (uint32_t)b ? a : b;
    case WarpOp::reduce_and: return a & b;
    case WarpOp::reduce_or: return a | b;
    default: return a ^ b;
  }
}

// `lanes` are the fibers of the warp, `present` those that take part.
inline uint64_t lane_result(const Fiber &self, Fiber *const *lanes, unsigned present) {
  if (self.op >= WarpOp::shuffle_index && self.op <= WarpOp::shuffle_xor) {
    unsigned from = source_lane(self);
    // What a lane that is not there would have told is undefined; zero is what hardware mostly says.
    return present >> from & 1 ? lanes[from]->value : 0;
  }
  uint64_t result = 0;
  unsigned same = 0, holds = 0;
  bool first = true;
  for (unsigned lane = 0; lane < 32; lane++) {
    if ((present >> lane & 1) == 0) continue;
    uint64_t value = lanes[lane]->value;
    if (value != 0) holds |= 1u << lane;
    if (value == self.value) same |= 1u << lane;
    result = first ? value : reduce(self.op, result, value);
    first = false;
  }
  switch (self.op) {
    case WarpOp::ballot: return holds;
    case WarpOp::any: return holds != 0;
    case WarpOp::all: return holds == present;
    case WarpOp::match_any: return same;
    case WarpOp::match_all: return same == present ? self.mask : 0;
    default: return result;
  }
}

inline void release_lanes(unsigned warp, unsigned present) {
  Fiber **lanes = block.waiting + warp * 32;
  block.warp_turns[warp]++;
  Fiber *released[32] = {};
  for (unsigned lane = 0; lane < 32; lane++) {
    if (present >> lane & 1) released[lane] = lanes[lane];
  }
  for (unsigned lane = 0; lane < 32; lane++) {
    if (released[lane] == nullptr) continue;
    if (released[lane]->op == WarpOp::active) released[lane]->result = present;
    else released[lane]->result = lane_result(*released[lane], released, present);
  }
  for (unsigned turn = 0; turn < 32; turn++) {
    unsigned lane = in_order(turn, 32);
    if (released[lane] == nullptr) continue;
    lanes[lane] = nullptr;
    block.warp_waiting[warp]--;
    if (released[lane] != running || order == Order::reverse) block.ready.push(released[lane]);
  }
}

// Releases the lanes of a mask if all that live have come to do the same.
inline bool release_if_complete(unsigned warp, unsigned mask, WarpOp op) {
  unsigned needed = mask & block.live_lanes[warp];
  for (unsigned lane = 0; lane < 32; lane++) {
    if ((needed >> lane & 1) == 0) continue;
    const Fiber *fiber = block.waiting[warp * 32 + lane];
    if (fiber == nullptr || fiber->mask != mask || fiber->op != op) return false;
  }
  release_lanes(warp, needed);
  return true;
}

__attribute__((noinline)) inline uint64_t warp_collective(WarpOp op, unsigned mask, uint64_t value, unsigned argument, int width) {
  Fiber *self = running;
  unsigned warp = self->thread / 32;
  if ((mask >> self->thread % 32 & 1) == 0) unsupported("a thread calls a warp function with a mask that leaves it out");
  if (width < 1 || width > 32 || (width & (width - 1)) != 0) unsupported("a shuffle over %d lanes", width);
  self->op = op;
  self->mask = mask;
  self->value = value;
  self->argument = argument;
  self->width = width;
  block.waiting[self->thread] = self;
  block.warp_waiting[warp]++;
  if (!release_if_complete(warp, mask, op) || order == Order::reverse) wait_turn();
  return self->result;
}

// A lane has ended: those who waited for it alone go on.
inline void release_lanes_without(unsigned thread) {
  unsigned warp = thread / 32;
  for (unsigned lane = 0; lane < 32; lane++) {
    const Fiber *fiber = block.waiting[warp * 32 + lane];
    if (fiber != nullptr && fiber->op != WarpOp::active) release_if_complete(warp, fiber->mask, fiber->op);
  }
}

// On hardware the lanes that branch alike run together. Here: all that can come to this place before anything else happens.
__attribute__((noinline)) inline unsigned converged_lanes(const void *place) {
  Fiber *self = running;
  self->op = WarpOp::active;
  self->place = place;
  block.waiting[self->thread] = self;
  block.warp_waiting[self->thread / 32]++;
  block.asking_active++;
  wait_turn();
  return (unsigned)self->result;
}

// The lanes that stand at the place of the first one that asked. False when nobody asks.
inline bool release_active() {
  for (unsigned thread = 0; thread < block.threads; thread++) {
    const Fiber *first = block.waiting[thread];
    if (first == nullptr || first->op != WarpOp::active) continue;
    unsigned warp = thread / 32, present = 0;
    for (unsigned lane = 0; lane < 32; lane++) {
      const Fiber *fiber = block.waiting[warp * 32 + lane];
      if (fiber != nullptr && fiber->op == WarpOp::active && fiber->place == first->place) present |= 1u << lane;
    }
    block.asking_active -= __builtin_popcount(present);
    Fiber *asking = running;
    running = nullptr;
    release_lanes(warp, present);
    running = asking;
    return true;
  }
  return false;
}

} // namespace __ks
