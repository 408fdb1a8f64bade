// __nv_bfloat16 and __nv_bfloat162: conversions, arithmetic that rounds after each operation, comparisons, shuffles.
#pragma once
#include <cmath>
#include <cstdint>
#include "half.h"

namespace __ks {

inline uint16_t bfloat_bits(double value, Round mode = Round::nearest) { return short_bits<7, -126>(value, mode); }
inline float bfloat_value(uint16_t bits) { return bit_copy<float>((uint32_t)bits << 16); }

} // namespace __ks

struct __nv_bfloat16_raw {
  unsigned short x;
};

struct __nv_bfloat16 {
  unsigned short __x;

  __nv_bfloat16() = default;
  __nv_bfloat16(__nv_bfloat16_raw raw) : __x(raw.x) {}
  __nv_bfloat16(float v) : __x(__ks::bfloat_bits(v)) {}
  __nv_bfloat16(double v) : __x(__ks::bfloat_bits(v)) {}
  __nv_bfloat16(int v) : __x(__ks::bfloat_bits(v)) {}
  __nv_bfloat16(unsigned v) : __x(__ks::bfloat_bits(v)) {}
  __nv_bfloat16(short v) : __x(__ks::bfloat_bits(v)) {}
  __nv_bfloat16(unsigned short v) : __x(__ks::bfloat_bits(v)) {}
  __nv_bfloat16(long v) : __x(__ks::bfloat_bits((double)v)) {}
  __nv_bfloat16(unsigned long v) : __x(__ks::bfloat_bits((double)v)) {}
  __nv_bfloat16(long long v) : __x(__ks::bfloat_bits((double)v)) {}
  __nv_bfloat16(unsigned long long v) : __x(__ks::bfloat_bits((double)v)) {}

  operator __nv_bfloat16_raw() const { return {__x}; }
  operator float() const { return __ks::bfloat_value(__x); }
  explicit operator bool() const { return (__x & 0x7fff) != 0; }

  template <class T>
  __nv_bfloat16 &operator=(T v) {
    return *this = __nv_bfloat16(v);
  }
};
typedef __nv_bfloat16 nv_bfloat16;

struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
  __nv_bfloat162() = default;
  __nv_bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) : x(x), y(y) {}
};
typedef __nv_bfloat162 nv_bfloat162;

namespace __ks {
inline __nv_bfloat16 bfloat_of(double value, Round mode = Round::nearest) { return __nv_bfloat16_raw{bfloat_bits(value, mode)}; }
inline double wide(__nv_bfloat16 b) { return bfloat_value(b.__x); }
} // namespace __ks

inline __nv_bfloat16 __float2bfloat16(float v) { return __ks::bfloat_of(v); }
inline __nv_bfloat16 __float2bfloat16_rn(float v) { return __ks::bfloat_of(v); }
inline __nv_bfloat16 __float2bfloat16_rz(float v) { return __ks::bfloat_of(v, __ks::Round::zero); }
inline __nv_bfloat16 __float2bfloat16_ru(float v) { return __ks::bfloat_of(v, __ks::Round::up); }
inline __nv_bfloat16 __float2bfloat16_rd(float v) { return __ks::bfloat_of(v, __ks::Round::down); }
inline __nv_bfloat16 __double2bfloat16(double v) { return __ks::bfloat_of(v); }
inline __nv_bfloat16 __int2bfloat16_rn(int v) { return __ks::bfloat_of(v); }
inline __nv_bfloat16 __uint2bfloat16_rn(unsigned v) { return __ks::bfloat_of(v); }
inline float __bfloat162float(__nv_bfloat16 b) { return (float)b; }
inline int __bfloat162int_rn(__nv_bfloat16 b) { return __float2int_rn(b); }
inline int __bfloat162int_rz(__nv_bfloat16 b) { return __float2int_rz(b); }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 b) { return b.__x; }
inline short __bfloat16_as_short(__nv_bfloat16 b) { return (short)b.__x; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return __nv_bfloat16_raw{bits}; }
inline __nv_bfloat16 __short_as_bfloat16(short bits) { return __nv_bfloat16_raw{(unsigned short)bits}; }

// The exponents of two sums may be further apart than a double is wide: what is lost leaves its trace.
inline __nv_bfloat16 __hadd(__nv_bfloat16 a, __nv_bfloat16 b) { return __ks::bfloat_of(__ks::sum_to_odd(__ks::wide(a), __ks::wide(b))); }
inline __nv_bfloat16 __hsub(__nv_bfloat16 a, __nv_bfloat16 b) { return __ks::bfloat_of(__ks::sum_to_odd(__ks::wide(a), -__ks::wide(b))); }
inline __nv_bfloat16 __hmul(__nv_bfloat16 a, __nv_bfloat16 b) { return __ks::bfloat_of(__ks::wide(a) * __ks::wide(b)); }
inline __nv_bfloat16 __hdiv(__nv_bfloat16 a, __nv_bfloat16 b) { return __ks::bfloat_of(__ks::wide(a) / __ks::wide(b)); }
inline __nv_bfloat16 __hfma(__nv_bfloat16 a, __nv_bfloat16 b, __nv_bfloat16 c) {
  return __ks::bfloat_of(__ks::sum_to_odd(__ks::wide(a) * __ks::wide(b), __ks::wide(c)));
}
inline __nv_bfloat16 __hneg(__nv_bfloat16 a) { return __nv_bfloat16_raw{(unsigned short)(a.__x ^ 0x8000)}; }
inline __nv_bfloat16 __habs(__nv_bfloat16 a) { return __nv_bfloat16_raw{(unsigned short)(a.__x & 0x7fff)}; }
inline bool __heq(__nv_bfloat16 a, __nv_bfloat16 b) { return (float)a == (float)b; }
inline bool __hne(__nv_bfloat16 a, __nv_bfloat16 b) { return (float)a < (float)b || (float)a > (float)b; }
inline bool __hlt(__nv_bfloat16 a, __nv_bfloat16 b) { return (float)a < (float)b; }
inline bool __hle(__nv_bfloat16 a, __nv_bfloat16 b) { return (float)a <= (float)b; }
inline bool __hgt(__nv_bfloat16 a, __nv_bfloat16 b) { return (float)a > (float)b; }
inline bool __hge(__nv_bfloat16 a, __nv_bfloat16 b) { return (float)a >= (float)b; }
inline bool __hisnan(__nv_bfloat16 a) { return (a.__x & 0x7fff) > 0x7f80; }
inline int __hisinf(__nv_bfloat16 a) { return (a.__x & 0x7fff) == 0x7f80 ? (a.__x & 0x8000 ? -1 : 1) : 0; }
inline __nv_bfloat16 __hmax(__nv_bfloat16 a, __nv_bfloat16 b) { return __hisnan(a) ? b : __hisnan(b) ? a : __hgt(a, b) ? a : b; }
inline __nv_bfloat16 __hmin(__nv_bfloat16 a, __nv_bfloat16 b) { return __hisnan(a) ? b : __hisnan(b) ? a : __hlt(a, b) ? a : b; }

inline __nv_bfloat16 operator+(__nv_bfloat16 a, __nv_bfloat16 b) { return __hadd(a, b); }
inline __nv_bfloat16 operator-(__nv_bfloat16 a, __nv_bfloat16 b) { return __hsub(a, b); }
inline __nv_bfloat16 operator*(__nv_bfloat16 a, __nv_bfloat16 b) { return __hmul(a, b); }
inline __nv_bfloat16 operator/(__nv_bfloat16 a, __nv_bfloat16 b) { return __hdiv(a, b); }
inline __nv_bfloat16 operator-(__nv_bfloat16 a) { return __hneg(a); }
inline __nv_bfloat16 operator+(__nv_bfloat16 a) { return a; }
inline __nv_bfloat16 &operator+=(__nv_bfloat16 &a, __nv_bfloat16 b) { return a = __hadd(a, b); }
inline __nv_bfloat16 &operator-=(__nv_bfloat16 &a, __nv_bfloat16 b) { return a = __hsub(a, b); }
inline __nv_bfloat16 &operator*=(__nv_bfloat16 &a, __nv_bfloat16 b) { return a = __hmul(a, b); }
inline __nv_bfloat16 &operator/=(__nv_bfloat16 &a, __nv_bfloat16 b) { return a = __hdiv(a, b); }
inline bool operator==(__nv_bfloat16 a, __nv_bfloat16 b) { return __heq(a, b); }
inline bool operator!=(__nv_bfloat16 a, __nv_bfloat16 b) { return !__heq(a, b); }
inline bool operator<(__nv_bfloat16 a, __nv_bfloat16 b) { return __hlt(a, b); }
inline bool operator<=(__nv_bfloat16 a, __nv_bfloat16 b) { return __hle(a, b); }
inline bool operator>(__nv_bfloat16 a, __nv_bfloat16 b) { return __hgt(a, b); }
inline bool operator>=(__nv_bfloat16 a, __nv_bfloat16 b) { return __hge(a, b); }

#define __KS_BFLOAT_FUNCTION(name, expression)         \
  inline __nv_bfloat16 h##name(__nv_bfloat16 b) {      \
    double v = __ks::wide(b);                          \
    return __ks::bfloat_of(expression);                \
  }                                                    \
  inline __nv_bfloat162 h2##name(__nv_bfloat162 b) { return {h##name(b.x), h##name(b.y)}; }
__KS_BFLOAT_FUNCTION(exp, std::exp(v))
__KS_BFLOAT_FUNCTION(exp2, std::exp2(v))
__KS_BFLOAT_FUNCTION(log, std::log(v))
__KS_BFLOAT_FUNCTION(log2, std::log2(v))
__KS_BFLOAT_FUNCTION(sin, std::sin(v))
__KS_BFLOAT_FUNCTION(cos, std::cos(v))
__KS_BFLOAT_FUNCTION(sqrt, std::sqrt(v))
__KS_BFLOAT_FUNCTION(rsqrt, 1.0 / std::sqrt(v))
__KS_BFLOAT_FUNCTION(rcp, 1.0 / v)
__KS_BFLOAT_FUNCTION(floor, std::floor(v))
__KS_BFLOAT_FUNCTION(ceil, std::ceil(v))
__KS_BFLOAT_FUNCTION(trunc, std::trunc(v))
__KS_BFLOAT_FUNCTION(rint, std::nearbyint(v))
#undef __KS_BFLOAT_FUNCTION

inline __nv_bfloat162 __halves2bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
inline __nv_bfloat162 make_bfloat162(__nv_bfloat16 x, __nv_bfloat16 y) { return {x, y}; }
inline __nv_bfloat162 __bfloat162bfloat162(__nv_bfloat16 b) { return {b, b}; }
inline __nv_bfloat162 __float2bfloat162_rn(float v) { return {__float2bfloat16(v), __float2bfloat16(v)}; }
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {__float2bfloat16(x), __float2bfloat16(y)}; }
inline float2 __bfloat1622float2(__nv_bfloat162 b) { return {(float)b.x, (float)b.y}; }
inline __nv_bfloat16 __low2bfloat16(__nv_bfloat162 b) { return b.x; }
inline __nv_bfloat16 __high2bfloat16(__nv_bfloat162 b) { return b.y; }
inline float __low2float(__nv_bfloat162 b) { return b.x; }
inline float __high2float(__nv_bfloat162 b) { return b.y; }
inline __nv_bfloat162 __hadd2(__nv_bfloat162 a, __nv_bfloat162 b) { return {__hadd(a.x, b.x), __hadd(a.y, b.y)}; }
inline __nv_bfloat162 __hsub2(__nv_bfloat162 a, __nv_bfloat162 b) { return {__hsub(a.x, b.x), __hsub(a.y, b.y)}; }
inline __nv_bfloat162 __hmul2(__nv_bfloat162 a, __nv_bfloat162 b) { return {__hmul(a.x, b.x), __hmul(a.y, b.y)}; }
inline __nv_bfloat162 __h2div(__nv_bfloat162 a, __nv_bfloat162 b) { return {__hdiv(a.x, b.x), __hdiv(a.y, b.y)}; }
inline __nv_bfloat162 __hfma2(__nv_bfloat162 a, __nv_bfloat162 b, __nv_bfloat162 c) { return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)}; }
inline __nv_bfloat162 operator+(__nv_bfloat162 a, __nv_bfloat162 b) { return __hadd2(a, b); }
inline __nv_bfloat162 operator-(__nv_bfloat162 a, __nv_bfloat162 b) { return __hsub2(a, b); }
inline __nv_bfloat162 operator*(__nv_bfloat162 a, __nv_bfloat162 b) { return __hmul2(a, b); }
inline __nv_bfloat162 operator/(__nv_bfloat162 a, __nv_bfloat162 b) { return __h2div(a, b); }

template <>
struct __ks::shuffles<__nv_bfloat16> : std::true_type {};
template <>
struct __ks::shuffles<__nv_bfloat162> : std::true_type {};
__attribute__((noinline)) inline __nv_bfloat16 atomicAdd(__nv_bfloat16 *address, __nv_bfloat16 value) {
  __ks::begin_atomic(__builtin_return_address(0));
  return __ks::exchange(address, __hadd(*address, value));
}
__attribute__((noinline)) inline __nv_bfloat162 atomicAdd(__nv_bfloat162 *address, __nv_bfloat162 value) {
  __ks::begin_atomic(__builtin_return_address(0));
  return __ks::exchange(address, __hadd2(*address, value));
}
