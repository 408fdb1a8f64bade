// A fiber: a stack on which threads of a block run, one after the other, and what the present one waits for.
#pragma once
#include <cstdint>
#include <sys/mman.h>
#include "../threads.h"
#include "../vectors.h"
#include "arena.h"
#include "switch.h"

namespace __ks {

constexpr unsigned MAX_BLOCK_THREADS = 1024;
// Local arrays of a thread and its calls. Only pages that are touched are memory. What lies between two stacks is not
// mapped: a thread that needs more faults there.
constexpr size_t STACK_BYTES = sanitizer::STACK_FACTOR * 248 * 1024, STACK_STEP_BYTES = sanitizer::STACK_FACTOR * 256 * 1024;

struct Fiber {
  Context context;
  Fiber *next = nullptr;
  // The thread that runs on it, as a number within the block and as an index.
  unsigned thread = 0;
  uint3 index{};
  // What it waits to do with its warp, and what came of it.
  WarpOp op = WarpOp::none;
  unsigned mask = 0, argument = 0;
  int width = 32;
  uint64_t value = 0, result = 0;
  const void *place = nullptr;
};

// Fibers in the order they came.
struct FiberQueue {
  Fiber *first = nullptr, *last = nullptr;

  void push(Fiber *fiber) {
    fiber->next = nullptr;
    if (last != nullptr) last->next = fiber;
    else first = fiber;
    last = fiber;
  }
  Fiber *pop() {
    Fiber *fiber = first;
    if (fiber == nullptr) return nullptr;
    first = fiber->next;
    if (first == nullptr) last = nullptr;
    return fiber;
  }
  void move_all_to(FiberQueue &other) {
    while (Fiber *fiber = pop()) other.push(fiber);
  }
};

inline Fiber fibers[MAX_BLOCK_THREADS];
inline unsigned fibers_made = 0;

inline void *stack_of(size_t fiber) { return (void *)(FIBER_BASE + fiber * STACK_STEP_BYTES + (STACK_STEP_BYTES - STACK_BYTES)); }

// Its stack is there; what stood on it is forgotten.
inline void prepare_fiber(Fiber &fiber, void (*entry)()) { prepare_context(fiber.context, stack_of(&fiber - fibers), STACK_BYTES, entry); }

inline Fiber *make_fiber(void (*entry)()) {
  if (fibers_made == MAX_BLOCK_THREADS) unsupported("more fibers than threads");
  void *place = stack_of(fibers_made);
  void *stack = mmap(place, STACK_BYTES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (stack != place) unsupported("no memory for the stack of another thread");
  Fiber *fiber = &fibers[fibers_made++];
  prepare_fiber(*fiber, entry);
  return fiber;
}

// A fault there is a stack that was too small, which says nothing about the program on a GPU.
inline bool in_fiber_stacks(uintptr_t at) { return at >= FIBER_BASE && at < FIBER_BASE + MAX_BLOCK_THREADS * STACK_STEP_BYTES; }

} // namespace __ks
