// __half and __half2: conversions with every rounding, arithmetic that rounds after each operation, comparisons, shuffles.
#pragma once
#include <cmath>
#include <cstdint>
#include <type_traits>
#include "atomics.h"
#include "intrinsics.h"
#include "threads.h"

namespace __ks {

// Bits of the nearest floating point number of 16 bits to a double, or of the next one in the asked direction. FRACTION bits
// follow the point; LEAST is the exponent of the smallest normal number.
template <int FRACTION, int LEAST>
inline uint16_t short_bits(double value, Round mode) {
  constexpr uint16_t INFINITE = 0x7fff & ~((1 << FRACTION) - 1);
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return 0x7fff;
  double size = std::fabs(value);
  if (std::isinf(size)) return sign | INFINITE;
  if (mode == Round::up) mode = sign ? Round::zero : Round::up;
  else if (mode == Round::down) mode = sign ? Round::up : Round::zero;
  int exponent = size == 0 ? LEAST : std::ilogb(size);
  if (exponent < LEAST) exponent = LEAST;
  double steps = rounded(std::ldexp(size, FRACTION - exponent), mode);
  // Twice as many steps are as many of the next power; counting on through the bits does that carry by itself.
  double bits = double(exponent - LEAST) * (1 << FRACTION) + steps;
  if (bits >= INFINITE) return sign | (mode == Round::zero ? INFINITE - 1 : INFINITE);
  return sign | (uint16_t)bits;
}

// Halves are so few bits wide that a double holds every sum and product of two of them exactly.
inline uint16_t half_bits(double value, Round mode = Round::nearest) { return short_bits<10, -14>(value, mode); }

inline float half_value(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float size = exponent == 31 ? (fraction ? NAN : INFINITY)
               : exponent == 0 ? std::ldexp((float)fraction, -24)
                               : std::ldexp((float)(fraction | 1024), exponent - 25);
  return bits & 0x8000 ? -size : size;
}

// A sum in double that rounds to half as the exact one would: a lost remainder leaves its trace in the last bit.
inline double sum_to_odd(double a, double b) {
  double sum = a + b, part = sum - a, lost = (a - (sum - part)) + (b - part);
  if (lost == 0 || !std::isfinite(sum)) return sum;
  auto bits = bit_copy<uint64_t>(sum);
  if (bits & 1) return sum;
  return (lost > 0) == (sum > 0) ? bit_copy<double>(bits + 1) : bit_copy<double>(bits - 1);
}

} // namespace __ks

struct __half_raw {
  unsigned short x;
};

struct __half {
  unsigned short __x;

  __half() = default;
  __half(__half_raw raw) : __x(raw.x) {}
  __half(float v) : __x(__ks::half_bits(v)) {}
  __half(double v) : __x(__ks::half_bits(v)) {}
  __half(int v) : __x(__ks::half_bits(v)) {}
  __half(unsigned v) : __x(__ks::half_bits(v)) {}
  __half(short v) : __x(__ks::half_bits(v)) {}
  __half(unsigned short v) : __x(__ks::half_bits(v)) {}
  __half(long v) : __x(__ks::half_bits((double)v)) {}
  __half(unsigned long v) : __x(__ks::half_bits((double)v)) {}
  __half(long long v) : __x(__ks::half_bits((double)v)) {}
  __half(unsigned long long v) : __x(__ks::half_bits((double)v)) {}

  operator __half_raw() const { return {__x}; }
  operator float() const { return __ks::half_value(__x); }
  explicit operator bool() const { return (__x & 0x7fff) != 0; }

  template <class T>
  __half &operator=(T v) {
    return *this = __half(v);
  }
};
typedef __half half;
typedef __half __nv_half;

struct alignas(4) __half2 {
  __half x, y;
  __half2() = default;
  __half2(__half x, __half y) : x(x), y(y) {}
};
typedef __half2 half2;

namespace __ks {
inline __half half_of(double value, Round mode = Round::nearest) { return __half_raw{half_bits(value, mode)}; }
inline double wide(__half h) { return half_value(h.__x); }
} // namespace __ks

inline __half __float2half(float v) { return __ks::half_of(v); }
inline __half __float2half_rn(float v) { return __ks::half_of(v); }
inline __half __float2half_rz(float v) { return __ks::half_of(v, __ks::Round::zero); }
inline __half __float2half_ru(float v) { return __ks::half_of(v, __ks::Round::up); }
inline __half __float2half_rd(float v) { return __ks::half_of(v, __ks::Round::down); }
inline __half __double2half(double v) { return __ks::half_of(v); }
inline float __half2float(__half h) { return (float)h; }
inline __half __int2half_rn(int v) { return __ks::half_of(v); }
inline __half __uint2half_rn(unsigned v) { return __ks::half_of(v); }
inline __half __short2half_rn(short v) { return __ks::half_of(v); }
inline __half __ushort2half_rn(unsigned short v) { return __ks::half_of(v); }
inline __half __ll2half_rn(long long v) { return __ks::half_of((double)v); }
inline int __half2int_rn(__half h) { return __float2int_rn(h); }
inline int __half2int_rz(__half h) { return __float2int_rz(h); }
inline int __half2int_ru(__half h) { return __float2int_ru(h); }
inline int __half2int_rd(__half h) { return __float2int_rd(h); }
inline unsigned __half2uint_rn(__half h) { return __float2uint_rn(h); }
inline unsigned __half2uint_rz(__half h) { return __float2uint_rz(h); }
inline unsigned short __half_as_ushort(__half h) { return h.__x; }
inline short __half_as_short(__half h) { return (short)h.__x; }
inline __half __ushort_as_half(unsigned short bits) { return __half_raw{bits}; }
inline __half __short_as_half(short bits) { return __half_raw{(unsigned short)bits}; }

inline __half __hadd(__half a, __half b) { return __ks::half_of(__ks::wide(a) + __ks::wide(b)); }
inline __half __hsub(__half a, __half b) { return __ks::half_of(__ks::wide(a) - __ks::wide(b)); }
inline __half __hmul(__half a, __half b) { return __ks::half_of(__ks::wide(a) * __ks::wide(b)); }
inline __half __hdiv(__half a, __half b) { return __ks::half_of(__ks::wide(a) / __ks::wide(b)); }
inline __half __hfma(__half a, __half b, __half c) { return __ks::half_of(__ks::sum_to_odd(__ks::wide(a) * __ks::wide(b), __ks::wide(c))); }
inline __half __hneg(__half a) { return __half_raw{(unsigned short)(a.__x ^ 0x8000)}; }
inline __half __habs(__half a) { return __half_raw{(unsigned short)(a.__x & 0x7fff)}; }
inline __half __hadd_sat(__half a, __half b) { return __ks::half_of(__saturatef((float)__hadd(a, b))); }
inline __half __hmul_sat(__half a, __half b) { return __ks::half_of(__saturatef((float)__hmul(a, b))); }
inline bool __heq(__half a, __half b) { return (float)a == (float)b; }
inline bool __hne(__half a, __half b) { return (float)a < (float)b || (float)a > (float)b; }
inline bool __hlt(__half a, __half b) { return (float)a < (float)b; }
inline bool __hle(__half a, __half b) { return (float)a <= (float)b; }
inline bool __hgt(__half a, __half b) { return (float)a > (float)b; }
inline bool __hge(__half a, __half b) { return (float)a >= (float)b; }
inline bool __hisnan(__half a) { return (a.__x & 0x7fff) > 0x7c00; }
inline int __hisinf(__half a) { return (a.__x & 0x7fff) == 0x7c00 ? (a.__x & 0x8000 ? -1 : 1) : 0; }
inline __half __hmax(__half a, __half b) { return __hisnan(a) ? b : __hisnan(b) ? a : __hgt(a, b) ? a : b; }
inline __half __hmin(__half a, __half b) { return __hisnan(a) ? b : __hisnan(b) ? a : __hlt(a, b) ? a : b; }

inline __half operator+(__half a, __half b) { return __hadd(a, b); }
inline __half operator-(__half a, __half b) { return __hsub(a, b); }
inline __half operator*(__half a, __half b) { return __hmul(a, b); }
inline __half operator/(__half a, __half b) { return __hdiv(a, b); }
inline __half operator-(__half a) { return __hneg(a); }
inline __half operator+(__half a) { return a; }
inline __half &operator+=(__half &a, __half b) { return a = __hadd(a, b); }
inline __half &operator-=(__half &a, __half b) { return a = __hsub(a, b); }
inline __half &operator*=(__half &a, __half b) { return a = __hmul(a, b); }
inline __half &operator/=(__half &a, __half b) { return a = __hdiv(a, b); }
inline bool operator==(__half a, __half b) { return __heq(a, b); }
inline bool operator!=(__half a, __half b) { return !__heq(a, b); }
inline bool operator<(__half a, __half b) { return __hlt(a, b); }
inline bool operator<=(__half a, __half b) { return __hle(a, b); }
inline bool operator>(__half a, __half b) { return __hgt(a, b); }
inline bool operator>=(__half a, __half b) { return __hge(a, b); }

#define __KS_HALF_FUNCTION(name, expression)                                                  \
  inline __half h##name(__half h) {                                                           \
    double v = __ks::wide(h);                                                                 \
    return __ks::half_of(expression);                                                         \
  }                                                                                           \
  inline __half2 h2##name(__half2 h) { return {h##name(h.x), h##name(h.y)}; }
__KS_HALF_FUNCTION(exp, std::exp(v))
__KS_HALF_FUNCTION(exp2, std::exp2(v))
__KS_HALF_FUNCTION(exp10, std::pow(10.0, v))
__KS_HALF_FUNCTION(log, std::log(v))
__KS_HALF_FUNCTION(log2, std::log2(v))
__KS_HALF_FUNCTION(log10, std::log10(v))
__KS_HALF_FUNCTION(sin, std::sin(v))
__KS_HALF_FUNCTION(cos, std::cos(v))
__KS_HALF_FUNCTION(sqrt, std::sqrt(v))
__KS_HALF_FUNCTION(rsqrt, 1.0 / std::sqrt(v))
__KS_HALF_FUNCTION(rcp, 1.0 / v)
__KS_HALF_FUNCTION(floor, std::floor(v))
__KS_HALF_FUNCTION(ceil, std::ceil(v))
__KS_HALF_FUNCTION(trunc, std::trunc(v))
__KS_HALF_FUNCTION(rint, std::nearbyint(v))
#undef __KS_HALF_FUNCTION

inline __half2 __halves2half2(__half x, __half y) { return {x, y}; }
inline __half2 make_half2(__half x, __half y) { return {x, y}; }
inline __half2 __half2half2(__half h) { return {h, h}; }
inline __half2 __float2half2_rn(float v) { return {__float2half(v), __float2half(v)}; }
inline __half2 __floats2half2_rn(float x, float y) { return {__float2half(x), __float2half(y)}; }
inline __half2 __float22half2_rn(float2 v) { return {__float2half(v.x), __float2half(v.y)}; }
inline float2 __half22float2(__half2 h) { return {(float)h.x, (float)h.y}; }
inline __half __low2half(__half2 h) { return h.x; }
inline __half __high2half(__half2 h) { return h.y; }
inline float __low2float(__half2 h) { return h.x; }
inline float __high2float(__half2 h) { return h.y; }
inline __half2 __low2half2(__half2 h) { return {h.x, h.x}; }
inline __half2 __high2half2(__half2 h) { return {h.y, h.y}; }
inline __half2 __lowhigh2highlow(__half2 h) { return {h.y, h.x}; }
inline __half2 __hadd2(__half2 a, __half2 b) { return {__hadd(a.x, b.x), __hadd(a.y, b.y)}; }
inline __half2 __hsub2(__half2 a, __half2 b) { return {__hsub(a.x, b.x), __hsub(a.y, b.y)}; }
inline __half2 __hmul2(__half2 a, __half2 b) { return {__hmul(a.x, b.x), __hmul(a.y, b.y)}; }
inline __half2 __h2div(__half2 a, __half2 b) { return {__hdiv(a.x, b.x), __hdiv(a.y, b.y)}; }
inline __half2 __hfma2(__half2 a, __half2 b, __half2 c) { return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)}; }
inline __half2 __hneg2(__half2 a) { return {__hneg(a.x), __hneg(a.y)}; }
inline __half2 __hmax2(__half2 a, __half2 b) { return {__hmax(a.x, b.x), __hmax(a.y, b.y)}; }
inline __half2 __hmin2(__half2 a, __half2 b) { return {__hmin(a.x, b.x), __hmin(a.y, b.y)}; }
inline __half2 operator+(__half2 a, __half2 b) { return __hadd2(a, b); }
inline __half2 operator-(__half2 a, __half2 b) { return __hsub2(a, b); }
inline __half2 operator*(__half2 a, __half2 b) { return __hmul2(a, b); }
inline __half2 operator/(__half2 a, __half2 b) { return __h2div(a, b); }

template <>
struct __ks::shuffles<__half> : std::true_type {};
template <>
struct __ks::shuffles<__half2> : std::true_type {};
__attribute__((noinline)) inline __half atomicAdd(__half *address, __half value) {
  __ks::begin_atomic(__builtin_return_address(0));
  return __ks::exchange(address, __hadd(*address, value));
}
__attribute__((noinline)) inline __half2 atomicAdd(__half2 *address, __half2 value) {
  __ks::begin_atomic(__builtin_return_address(0));
  return __ks::exchange(address, __hadd2(*address, value));
}
