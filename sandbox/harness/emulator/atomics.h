// Atomic functions, with CUDA's own overload sets. One thread at a time runs, so each is a plain read and write. None is taken
// into its caller: a product that is handed to it is rounded before it is added.
#pragma once
#include <cstring>
#include "threads.h"

namespace __ks {

// What threads wait for has changed whenever this has.
inline unsigned long long memory_changes = 0;
// How often in a row the running thread did what only waiting threads do.
inline unsigned idle_steps = 0;
// After so many it is thought to be waiting, and others run. See runtime/block.h.
constexpr unsigned PATIENCE = 64;

inline void note_waiting() {
  if (++idle_steps >= PATIENCE) yield_thread();
}

template <class T>
inline T exchange(T *address, T value) {
  T old = *address;
  *address = value;
  end_atomic();
  if (std::memcmp(&old, &value, sizeof(T)) != 0) {
    idle_steps = 0;
    memory_changes++;
  } else {
    note_waiting();
  }
  return old;
}

} // namespace __ks

#define __KS_ATOMIC(name, type, expression)                                                       \
  __attribute__((noinline)) inline type name(type *address, type value) {                         \
    __ks::begin_atomic(__builtin_return_address(0));                                              \
    type old = *address;                                                                          \
    return __ks::exchange<type>(address, (type)(expression));                                           \
  }                                                                                               \
  inline type name##_block(type *address, type value) { return name(address, value); }            \
  inline type name##_system(type *address, type value) { return name(address, value); }

__KS_ATOMIC(atomicAdd, int, (unsigned)old + (unsigned)value)
__KS_ATOMIC(atomicAdd, unsigned int, old + value)
__KS_ATOMIC(atomicAdd, unsigned long long, old + value)
__KS_ATOMIC(atomicAdd, float, old + value)
__KS_ATOMIC(atomicAdd, double, old + value)
__KS_ATOMIC(atomicSub, int, (unsigned)old - (unsigned)value)
__KS_ATOMIC(atomicSub, unsigned int, old - value)
__KS_ATOMIC(atomicExch, int, (__ks::note_synchronising(), void(old), value))
__KS_ATOMIC(atomicExch, unsigned int, (__ks::note_synchronising(), void(old), value))
__KS_ATOMIC(atomicExch, unsigned long long, (__ks::note_synchronising(), void(old), value))
__KS_ATOMIC(atomicExch, float, (__ks::note_synchronising(), void(old), value))
__KS_ATOMIC(atomicMin, int, value < old ? value : old)
__KS_ATOMIC(atomicMin, unsigned int, value < old ? value : old)
__KS_ATOMIC(atomicMin, long long, value < old ? value : old)
__KS_ATOMIC(atomicMin, unsigned long long, value < old ? value : old)
__KS_ATOMIC(atomicMax, int, value > old ? value : old)
__KS_ATOMIC(atomicMax, unsigned int, value > old ? value : old)
__KS_ATOMIC(atomicMax, long long, value > old ? value : old)
__KS_ATOMIC(atomicMax, unsigned long long, value > old ? value : old)
__KS_ATOMIC(atomicInc, unsigned int, old >= value ? 0 : old + 1)
__KS_ATOMIC(atomicDec, unsigned int, old == 0 || old > value ? value : old - 1)
__KS_ATOMIC(atomicAnd, int, old & value)
__KS_ATOMIC(atomicAnd, unsigned int, old & value)
__KS_ATOMIC(atomicAnd, unsigned long long, old & value)
__KS_ATOMIC(atomicAnd, long long, old & value)
__KS_ATOMIC(atomicOr, int, old | value)
__KS_ATOMIC(atomicOr, unsigned int, old | value)
__KS_ATOMIC(atomicOr, unsigned long long, old | value)
__KS_ATOMIC(atomicOr, long long, old | value)
__KS_ATOMIC(atomicXor, int, old ^ value)
__KS_ATOMIC(atomicXor, unsigned int, old ^ value)
__KS_ATOMIC(atomicXor, unsigned long long, old ^ value)
__KS_ATOMIC(atomicXor, long long, old ^ value)
#undef __KS_ATOMIC

#define __KS_ATOMIC_CAS(type)                                                                                        \
  __attribute__((noinline)) inline type atomicCAS(type *address, type compare, type value) {                         \
    __ks::begin_compare_and_swap(__builtin_return_address(0));                                                       \
    type old = *address;                                                                                             \
    return __ks::exchange<type>(address, old == compare ? value : old);                                                    \
  }                                                                                                                  \
  inline type atomicCAS_block(type *address, type compare, type value) { return atomicCAS(address, compare, value); } \
  inline type atomicCAS_system(type *address, type compare, type value) { return atomicCAS(address, compare, value); }

__KS_ATOMIC_CAS(int)
__KS_ATOMIC_CAS(unsigned int)
__KS_ATOMIC_CAS(unsigned long long)
__KS_ATOMIC_CAS(unsigned short)
#undef __KS_ATOMIC_CAS
