// Device intrinsics on integers and bits, conversions with a stated rounding, and cached loads.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <limits>
#include "threads.h"
#include "vectors.h"

namespace __ks {

template <class To, class From>
To bit_copy(From from) {
  static_assert(sizeof(To) == sizeof(From), "");
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

enum class Round { nearest, zero, up, down };

template <class T>
T rounded(T value, Round mode) {
  switch (mode) {
    case Round::nearest: return std::nearbyint(value);
    case Round::zero: return std::trunc(value);
    case Round::up: return std::ceil(value);
    default: return std::floor(value);
  }
}

// As GPUs convert: what does not fit becomes the nearest that does; NaN becomes 0, or the top bit for 64-bit integers.
template <class I, class F>
I to_integer(F value, Round mode) {
  if (std::isnan(value)) return sizeof(I) == 8 ? I(1) << 63 : 0;
  F whole = rounded(value, mode);
  if (whole < F(std::numeric_limits<I>::min())) return std::numeric_limits<I>::min();
  // The largest integer is no floating point number; the one after it is.
  if (whole >= std::ldexp(F(1), std::numeric_limits<I>::digits)) return std::numeric_limits<I>::max();
  return I(whole);
}

// The nearest float or double, then a step towards the asked direction where that is beyond it.
template <class F, class W>
F to_floating(W value, Round mode) {
  F nearest = F(value);
  long double exact = value, got = nearest;
  if (mode == Round::nearest || exact == got) return nearest;
  constexpr F up = std::numeric_limits<F>::infinity();
  bool above = got > exact;
  if (mode == Round::zero) mode = exact < 0 ? Round::up : Round::down;
  if (mode == Round::down && above) return std::nextafter(nearest, -up);
  if (mode == Round::up && !above) return std::nextafter(nearest, up);
  return nearest;
}

} // namespace __ks

inline int __float_as_int(float v) { return __ks::bit_copy<int>(v); }
inline unsigned __float_as_uint(float v) { return __ks::bit_copy<unsigned>(v); }
inline float __int_as_float(int v) { return __ks::bit_copy<float>(v); }
inline float __uint_as_float(unsigned v) { return __ks::bit_copy<float>(v); }
inline long long __double_as_longlong(double v) { return __ks::bit_copy<long long>(v); }
inline double __longlong_as_double(long long v) { return __ks::bit_copy<double>(v); }
inline int __double2hiint(double v) { return (int)(__ks::bit_copy<uint64_t>(v) >> 32); }
inline int __double2loint(double v) { return (int)__ks::bit_copy<uint64_t>(v); }
inline double __hiloint2double(int hi, int lo) {
  return __ks::bit_copy<double>((uint64_t)(uint32_t)hi << 32 | (uint32_t)lo);
}

#define __KS_CONVERSION(name, to, from, convert)                                    \
  inline to name##_rn(from v) { return __ks::convert(v, __ks::Round::nearest); }    \
  inline to name##_rz(from v) { return __ks::convert(v, __ks::Round::zero); }       \
  inline to name##_ru(from v) { return __ks::convert(v, __ks::Round::up); }         \
  inline to name##_rd(from v) { return __ks::convert(v, __ks::Round::down); }
__KS_CONVERSION(__float2int, int, float, to_integer<int>)
__KS_CONVERSION(__float2uint, unsigned, float, to_integer<unsigned>)
__KS_CONVERSION(__float2ll, long long, float, to_integer<long long>)
__KS_CONVERSION(__float2ull, unsigned long long, float, to_integer<unsigned long long>)
__KS_CONVERSION(__double2int, int, double, to_integer<int>)
__KS_CONVERSION(__double2uint, unsigned, double, to_integer<unsigned>)
__KS_CONVERSION(__double2ll, long long, double, to_integer<long long>)
__KS_CONVERSION(__double2ull, unsigned long long, double, to_integer<unsigned long long>)
__KS_CONVERSION(__double2float, float, double, to_floating<float>)
__KS_CONVERSION(__int2float, float, int, to_floating<float>)
__KS_CONVERSION(__uint2float, float, unsigned, to_floating<float>)
__KS_CONVERSION(__ll2float, float, long long, to_floating<float>)
__KS_CONVERSION(__ull2float, float, unsigned long long, to_floating<float>)
__KS_CONVERSION(__ll2double, double, long long, to_floating<double>)
__KS_CONVERSION(__ull2double, double, unsigned long long, to_floating<double>)
#undef __KS_CONVERSION
inline double __int2double_rn(int v) { return v; }
inline double __uint2double_rn(unsigned v) { return v; }

inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
inline int __clz(int v) { return v == 0 ? 32 : __builtin_clz(v); }
inline int __clzll(long long v) { return v == 0 ? 64 : __builtin_clzll(v); }
inline int __ffs(int v) { return __builtin_ffs(v); }
inline int __ffsll(long long v) { return __builtin_ffsll(v); }
inline unsigned __brev(unsigned v) {
  unsigned r = 0;
  for (int bit = 0; bit < 32; bit++) r |= (v >> bit & 1) << (31 - bit);
  return r;
}
inline unsigned long long __brevll(unsigned long long v) {
  return (unsigned long long)__brev((unsigned)v) << 32 | __brev((unsigned)(v >> 32));
}
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  uint64_t bytes = (uint64_t)y << 32 | x;
  unsigned r = 0;
  for (int at = 0; at < 4; at++) {
    unsigned select = selector >> 4 * at & 15;
    unsigned byte = bytes >> 8 * (select & 7) & 255;
    if (select & 8) byte = byte & 128 ? 255 : 0;
    r |= byte << 8 * at;
  }
  return r;
}
inline unsigned __funnelshift_l(unsigned lo, unsigned hi, unsigned shift) {
  return (unsigned)(((uint64_t)hi << 32 | lo) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned lo, unsigned hi, unsigned shift) {
  return (unsigned)(((uint64_t)hi << 32 | lo) >> (shift & 31));
}
// The same with shifts beyond the word's width taken for the width.
inline unsigned __funnelshift_lc(unsigned lo, unsigned hi, unsigned shift) { return shift >= 32 ? lo : __funnelshift_l(lo, hi, shift); }
inline unsigned __funnelshift_rc(unsigned lo, unsigned hi, unsigned shift) { return shift >= 32 ? hi : __funnelshift_r(lo, hi, shift); }
inline int __mul24(int x, int y) { return (int)((unsigned)(x << 8 >> 8) * (unsigned)(y << 8 >> 8)); }
inline unsigned __umul24(unsigned x, unsigned y) { return (x & 0xffffff) * (y & 0xffffff); }
inline int __mulhi(int x, int y) { return (int)((long long)x * y >> 32); }
inline unsigned __umulhi(unsigned x, unsigned y) { return (unsigned)((unsigned long long)x * y >> 32); }
inline long long __mul64hi(long long x, long long y) { return (long long)((__int128)x * y >> 64); }
inline unsigned long long __umul64hi(unsigned long long x, unsigned long long y) {
  return (unsigned long long)((unsigned __int128)x * y >> 64);
}
inline unsigned __sad(int x, int y, unsigned z) { return z + (x > y ? (unsigned)x - (unsigned)y : (unsigned)y - (unsigned)x); }
inline unsigned __usad(unsigned x, unsigned y, unsigned z) { return z + (x > y ? x - y : y - x); }
inline int __hadd(int x, int y) { return (int)(((long long)x + y) >> 1); }
inline int __rhadd(int x, int y) { return (int)(((long long)x + y + 1) >> 1); }
inline unsigned __uhadd(unsigned x, unsigned y) { return (unsigned)(((unsigned long long)x + y) >> 1); }
inline unsigned __urhadd(unsigned x, unsigned y) { return (unsigned)(((unsigned long long)x + y + 1) >> 1); }
inline int __dp4a(int a, int b, int c) {
  unsigned sum = c;
  for (int at = 0; at < 32; at += 8) sum += (unsigned)((signed char)(a >> at) * (signed char)(b >> at));
  return (int)sum;
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  for (int at = 0; at < 32; at += 8) c += (a >> at & 255) * (b >> at & 255);
  return c;
}

template <class T>
T __ldg(const T *address) {
  return *address;
}
template <class T>
T __ldca(const T *address) {
  return *address;
}
template <class T>
T __ldcg(const T *address) {
  return *address;
}
template <class T>
T __ldcs(const T *address) {
  return *address;
}
template <class T>
void __stcg(T *address, T value) {
  *address = value;
}
template <class T>
void __stcs(T *address, T value) {
  *address = value;
}


// Counts nanoseconds where a GPU counts cycles: whatever prints it prints something else each time. clock() is the host's.
inline long long clock64() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000ll + now.tv_nsec;
}
