// Leaves one stack for another.
#pragma once
#include <cstddef>
#include <cstdint>
#include "sanitizer.h"
#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace __ks {

#if defined(__x86_64__)

// A stack that is not running: the registers a function must keep lie on it, below the place it goes on at.
struct Context {
  void *stack_pointer = nullptr;
  sanitizer::Stack stack;
};

// Rounding and exception masks are the same for all fibers, so only the general registers are kept.
__attribute__((naked, noinline, no_sanitize("thread"))) inline void swap_registers(Context *, const Context *) {
  asm volatile(
      "pushq %rbp\n pushq %rbx\n pushq %r12\n pushq %r13\n pushq %r14\n pushq %r15\n"
      "movq %rsp, (%rdi)\n"
      "movq (%rsi), %rsp\n"
      "popq %r15\n popq %r14\n popq %r13\n popq %r12\n popq %rbx\n popq %rbp\n"
      "ret");
}

inline void prepare_context(Context &context, void *stack, size_t bytes, void (*entry)()) {
  auto **top = (void **)(((uintptr_t)stack + bytes) & ~uintptr_t(15));
  *--top = nullptr;  // where entry would return to
  *--top = (void *)entry;
  for (int saved = 0; saved < 6; saved++) *--top = nullptr;
  context.stack_pointer = top;
  sanitizer::stack_made(context.stack, stack, bytes);
}

#else

struct Context {
  ucontext_t state;
  sanitizer::Stack stack;
};

inline void swap_registers(Context *from, const Context *to) { swapcontext(&from->state, &to->state); }

inline void prepare_context(Context &context, void *stack, size_t bytes, void (*entry)()) {
  getcontext(&context.state);
  context.state.uc_stack.ss_sp = stack;
  context.state.uc_stack.ss_size = bytes;
  context.state.uc_link = nullptr;
  makecontext(&context.state, entry, 0);
  sanitizer::stack_made(context.stack, stack, bytes);
}

#endif

inline void switch_context(Context *from, const Context *to) {
  sanitizer::leaving(from->stack, to->stack);
  swap_registers(from, to);
  sanitizer::arrived(from->stack);
}

} // namespace __ks
