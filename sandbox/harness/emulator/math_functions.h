// Mathematical functions that CUDA has beyond <cmath>. All are computed as the host's library does, or in double and
// rounded: at least as near to the true value as a GPU's, but not bit for bit the same.
#pragma once
#include <cmath>
#include "intrinsics.h"
#include "stated_rounding.h"

#define CUDART_INF_F __int_as_float(0x7f800000)
#define CUDART_NAN_F __int_as_float(0x7fffffff)
#define CUDART_INF __longlong_as_double(0x7ff0000000000000ll)
#define CUDART_NAN __longlong_as_double(0xfff8000000000000ll)
#define CUDART_PI_F 3.141592654f
#define CUDART_PI 3.1415926535897931e+0

// The overloads of CUDA, which mixed arguments choose among; for equal types they come before std::min and std::max.
#define __KS_MIN_MAX(result, a, b)                                                     \
  inline result min(a x, b y) { return (result)x < (result)y ? (result)x : (result)y; } \
  inline result max(a x, b y) { return (result)x > (result)y ? (result)x : (result)y; }
__KS_MIN_MAX(int, int, int)
__KS_MIN_MAX(unsigned, unsigned, unsigned)
__KS_MIN_MAX(unsigned, int, unsigned)
__KS_MIN_MAX(unsigned, unsigned, int)
__KS_MIN_MAX(long, long, long)
__KS_MIN_MAX(unsigned long, unsigned long, unsigned long)
__KS_MIN_MAX(unsigned long, long, unsigned long)
__KS_MIN_MAX(unsigned long, unsigned long, long)
__KS_MIN_MAX(long long, long long, long long)
__KS_MIN_MAX(unsigned long long, unsigned long long, unsigned long long)
__KS_MIN_MAX(unsigned long long, long long, unsigned long long)
__KS_MIN_MAX(unsigned long long, unsigned long long, long long)
#undef __KS_MIN_MAX
#define __KS_MIN_MAX(result, a, b)                             \
  inline result min(a x, b y) { return std::fmin((result)x, (result)y); } \
  inline result max(a x, b y) { return std::fmax((result)x, (result)y); }
__KS_MIN_MAX(float, float, float)
__KS_MIN_MAX(double, double, double)
__KS_MIN_MAX(double, float, double)
__KS_MIN_MAX(double, double, float)
#undef __KS_MIN_MAX
inline unsigned umin(unsigned x, unsigned y) { return x < y ? x : y; }
inline unsigned umax(unsigned x, unsigned y) { return x > y ? x : y; }
inline long long llmin(long long x, long long y) { return x < y ? x : y; }
inline long long llmax(long long x, long long y) { return x > y ? x : y; }
inline unsigned long long ullmin(unsigned long long x, unsigned long long y) { return x < y ? x : y; }
inline unsigned long long ullmax(unsigned long long x, unsigned long long y) { return x > y ? x : y; }

inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline float rsqrtf(float x) { return (float)(1.0 / std::sqrt((double)x)); }
inline float rsqrt(float x) { return rsqrtf(x); }
inline double rcbrt(double x) { return 1.0 / std::cbrt(x); }
inline float rcbrtf(float x) { return (float)(1.0 / std::cbrt((double)x)); }
inline double sinpi(double x) { return std::sin(std::remainder(x, 2.0) * M_PI); }
inline double cospi(double x) { return std::cos(std::remainder(x, 2.0) * M_PI); }
inline float sinpif(float x) { return (float)sinpi((double)x); }
inline float cospif(float x) { return (float)cospi((double)x); }
inline void sincospi(double x, double *s, double *c) { *s = sinpi(x), *c = cospi(x); }
inline void sincospif(float x, float *s, float *c) { *s = sinpif(x), *c = cospif(x); }
inline void sincos(float x, float *s, float *c) { *s = std::sin(x), *c = std::cos(x); }
inline double norm3d(double x, double y, double z) { return std::sqrt(x * x + y * y + z * z); }
inline double norm4d(double x, double y, double z, double w) { return std::sqrt(x * x + y * y + z * z + w * w); }
inline float norm3df(float x, float y, float z) { return (float)norm3d(x, y, z); }
inline float norm4df(float x, float y, float z, float w) { return (float)norm4d(x, y, z, w); }
inline double rnorm3d(double x, double y, double z) { return 1.0 / norm3d(x, y, z); }
inline float rnorm3df(float x, float y, float z) { return (float)rnorm3d(x, y, z); }
inline double rhypot(double x, double y) { return 1.0 / std::hypot(x, y); }
inline float rhypotf(float x, float y) { return (float)rhypot(x, y); }
inline double normcdf(double x) { return 0.5 * std::erfc(-x * M_SQRT1_2); }
inline float normcdff(float x) { return (float)normcdf(x); }
inline double erfcx(double x) { return std::exp(x * x) * std::erfc(x); }
inline float erfcxf(float x) { return (float)erfcx(x); }
// Where erfc is y, by Halley's steps from a first guess; near 1 it is the smaller of the two tails that is looked for.
inline double erfcinv(double y) {
  if (!(y > 0 && y < 2)) return y == 0 ? INFINITY : y == 2 ? -INFINITY : NAN;
  double tail = y < 1 ? y : 2 - y, t = std::sqrt(-2 * std::log(tail / 2));
  double x = -M_SQRT1_2 * ((2.30753 + t * 0.27061) / (1 + t * (0.99229 + t * 0.04481)) - t);
  for (int step = 0; step < 4; step++) {
    double error = std::erfc(x) - tail;
    x += error / (M_2_SQRTPI * std::exp(-x * x) - x * error);
  }
  return y < 1 ? x : -x;
}
inline double erfinv(double y) {
  if (std::fabs(y) > 0.5) return erfcinv(1 - y);
  double x = y * 0.886226925452758;
  for (int step = 0; step < 4; step++) {
    double error = std::erf(x) - y;
    x -= error / (M_2_SQRTPI * std::exp(-x * x) + x * error);
  }
  return x;
}
inline float erfinvf(float y) { return (float)erfinv((double)y); }
inline float erfcinvf(float y) { return (float)erfcinv((double)y); }
inline double normcdfinv(double y) { return -M_SQRT2 * erfcinv(2 * y); }
inline float normcdfinvf(float y) { return (float)normcdfinv((double)y); }
inline float fdividef(float x, float y) { return x / y; }
inline float exp10(float x) { return exp10f(x); }
inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }

// Fast ones: a GPU's are less exact, so programs that print them to the last digit agree nowhere.
inline float __expf(float x) { return std::exp(x); }
inline float __exp10f(float x) { return exp10f(x); }
inline float __logf(float x) { return std::log(x); }
inline float __log2f(float x) { return std::log2(x); }
inline float __log10f(float x) { return std::log10(x); }
inline float __powf(float x, float y) { return std::pow(x, y); }
inline float __sinf(float x) { return std::sin(x); }
inline float __cosf(float x) { return std::cos(x); }
inline float __tanf(float x) { return std::tan(x); }
inline void __sincosf(float x, float *s, float *c) { *s = std::sin(x), *c = std::cos(x); }
inline float __fdividef(float x, float y) { return x / y; }
inline float __frsqrt_rn(float x) { return rsqrtf(x); }
