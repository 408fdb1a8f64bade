// Waiting for other threads of the block, and the intrinsics by which the threads of a warp tell each other values.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace __ks {

// What a lane waits to do with the other lanes of a mask.
enum class WarpOp : unsigned char {
  none,
  sync,
  shuffle_index,
  shuffle_up,
  shuffle_down,
  shuffle_xor,
  ballot,
  any,
  all,
  match_any,
  match_all,
  reduce_add,
  reduce_min_signed,
  reduce_max_signed,
  reduce_min_unsigned,
  reduce_max_unsigned,
  reduce_and,
  reduce_or,
  reduce_xor,
  active,
};

// Returns when every live lane of `mask` has called with the same operation and mask.
uint64_t warp_collective(WarpOp op, unsigned mask, uint64_t value, unsigned argument, int width);
// The lanes that come to the same place without waiting for anything else.
unsigned converged_lanes(const void *place);
// Returns when every live thread of the block has come to a barrier; the counts are over those threads.
void block_barrier(bool predicate);
int barrier_count();
int barrier_arrivals();
unsigned lane_id();
// Told of what a thread that spins does again and again; now and then it lets others run.
void note_waiting();
// The thread lets others go first, because what it waits for is theirs to do.
void yield_thread();
[[noreturn]] void trap();

// For who watches accesses (runtime/accesses.h): what lies between is one atomic step, called from that place; the program
// synchronises by memory.
#ifdef KS_WATCH_ACCESSES
void begin_atomic(const void *place);
void begin_compare_and_swap(const void *place);
void end_atomic();
void note_synchronising();
void begin_launch();
void end_launch();
#else
inline void begin_atomic(const void *) {}
inline void begin_compare_and_swap(const void *) {}
inline void end_atomic() {}
inline void begin_launch() {}
inline void end_launch() {}
inline void note_synchronising() {}
#endif

template <class T>
uint64_t to_bits(T value) {
  static_assert(sizeof(T) <= 8, "a shuffle moves at most eight bytes");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

template <class T>
T from_bits(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The types shuffles take: numbers, smaller ones as int; other types say so themselves (half).
template <class T>
struct shuffles : std::bool_constant<std::is_arithmetic_v<T> && sizeof(T) <= 8> {};
template <class T>
using shuffled_t = std::enable_if_t<shuffles<T>::value, std::conditional_t<std::is_integral_v<T> && sizeof(T) < 4, int, T>>;

} // namespace __ks

inline void __syncthreads() { __ks::block_barrier(false); }
inline int __syncthreads_count(int predicate) {
  __ks::block_barrier(predicate != 0);
  return __ks::barrier_count();
}
inline int __syncthreads_or(int predicate) { return __syncthreads_count(predicate) > 0; }
inline int __syncthreads_and(int predicate) {
  int holds = __syncthreads_count(predicate);
  return holds == __ks::barrier_arrivals();
}
inline void __syncwarp(unsigned mask = 0xffffffffu) { __ks::warp_collective(__ks::WarpOp::sync, mask, 0, 0, 32); }

// One thread at a time runs, so memory is always as the program's order says. A thread that fences again and again waits
// for something others write.
inline void __threadfence() {
  __ks::note_synchronising();
  __ks::note_waiting();
}
inline void __threadfence_block() { __threadfence(); }
inline void __threadfence_system() { __threadfence(); }

template <class T>
__ks::shuffled_t<T> __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
  using V = __ks::shuffled_t<T>;
  return __ks::from_bits<V>(__ks::warp_collective(__ks::WarpOp::shuffle_index, mask, __ks::to_bits<V>(value), lane, width));
}
template <class T>
__ks::shuffled_t<T> __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  using V = __ks::shuffled_t<T>;
  return __ks::from_bits<V>(__ks::warp_collective(__ks::WarpOp::shuffle_up, mask, __ks::to_bits<V>(value), delta, width));
}
template <class T>
__ks::shuffled_t<T> __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
  using V = __ks::shuffled_t<T>;
  return __ks::from_bits<V>(__ks::warp_collective(__ks::WarpOp::shuffle_down, mask, __ks::to_bits<V>(value), delta, width));
}
template <class T>
__ks::shuffled_t<T> __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32) {
  using V = __ks::shuffled_t<T>;
  return __ks::from_bits<V>(__ks::warp_collective(__ks::WarpOp::shuffle_xor, mask, __ks::to_bits<V>(value), lanes, width));
}

inline unsigned __ballot_sync(unsigned mask, int predicate) {
  return (unsigned)__ks::warp_collective(__ks::WarpOp::ballot, mask, predicate != 0, 0, 32);
}
inline int __any_sync(unsigned mask, int predicate) {
  return (int)__ks::warp_collective(__ks::WarpOp::any, mask, predicate != 0, 0, 32);
}
inline int __all_sync(unsigned mask, int predicate) {
  return (int)__ks::warp_collective(__ks::WarpOp::all, mask, predicate != 0, 0, 32);
}

template <class T>
std::enable_if_t<std::is_arithmetic_v<T>, unsigned> __match_any_sync(unsigned mask, T value) {
  return (unsigned)__ks::warp_collective(__ks::WarpOp::match_any, mask, __ks::to_bits(value), 0, 32);
}
template <class T>
std::enable_if_t<std::is_arithmetic_v<T>, unsigned> __match_all_sync(unsigned mask, T value, int *predicate) {
  unsigned same = (unsigned)__ks::warp_collective(__ks::WarpOp::match_all, mask, __ks::to_bits(value), 0, 32);
  *predicate = same != 0;
  return same;
}

#define __KS_REDUCE(name, type, op)                                                                     \
  inline type name(unsigned mask, type value) {                                                         \
    return (type)__ks::warp_collective(__ks::WarpOp::op, mask, __ks::to_bits(value), 0, 32);             \
  }
__KS_REDUCE(__reduce_add_sync, int, reduce_add)
__KS_REDUCE(__reduce_add_sync, unsigned, reduce_add)
__KS_REDUCE(__reduce_min_sync, int, reduce_min_signed)
__KS_REDUCE(__reduce_min_sync, unsigned, reduce_min_unsigned)
__KS_REDUCE(__reduce_max_sync, int, reduce_max_signed)
__KS_REDUCE(__reduce_max_sync, unsigned, reduce_max_unsigned)
__KS_REDUCE(__reduce_and_sync, unsigned, reduce_and)
__KS_REDUCE(__reduce_or_sync, unsigned, reduce_or)
__KS_REDUCE(__reduce_xor_sync, unsigned, reduce_xor)
#undef __KS_REDUCE

__attribute__((noinline)) inline unsigned __activemask() { return __ks::converged_lanes(__builtin_return_address(0)); }
inline void __nanosleep(unsigned) { __ks::yield_thread(); }
inline void __trap() { __ks::trap(); }
inline void __brkpt() {}
