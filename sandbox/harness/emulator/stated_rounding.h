// Operations whose name states their rounding: __fadd_rn, __dmul_ru, __fmaf_rz and their like. They are never fused with what
// stands around them, so none is taken into its caller.
#pragma once
#include <cfenv>
#include <cmath>

namespace __ks {

// The operation in a rounding mode of the processor. Volatile, because compilers take it that the mode never changes.
template <class F, class O>
__attribute__((noinline)) F in_mode(int mode, F x, F y, F z, O operation) {
  volatile F a = x, b = y, c = z;
  if (mode == FE_TONEAREST) return a = operation(F(a), F(b), F(c));
  std::fesetround(mode);
  a = operation(F(a), F(b), F(c));
  std::fesetround(FE_TONEAREST);
  return a;
}

} // namespace __ks

#define __KS_STATED(name, type, suffix, mode)                                                                                  \
  inline type __##name##add_##suffix(type x, type y) {                                                                         \
    return __ks::in_mode<type>(mode, x, y, 0, [](type a, type b, type) { return a + b; });                                     \
  }                                                                                                                            \
  inline type __##name##sub_##suffix(type x, type y) {                                                                         \
    return __ks::in_mode<type>(mode, x, y, 0, [](type a, type b, type) { return a - b; });                                     \
  }                                                                                                                            \
  inline type __##name##mul_##suffix(type x, type y) {                                                                         \
    return __ks::in_mode<type>(mode, x, y, 0, [](type a, type b, type) { return a * b; });                                     \
  }                                                                                                                            \
  inline type __##name##div_##suffix(type x, type y) {                                                                         \
    return __ks::in_mode<type>(mode, x, y, 0, [](type a, type b, type) { return a / b; });                                     \
  }                                                                                                                            \
  inline type __##name##rcp_##suffix(type x) {                                                                                 \
    return __ks::in_mode<type>(mode, x, 0, 0, [](type a, type, type) { return type(1) / a; });                                 \
  }                                                                                                                            \
  inline type __##name##sqrt_##suffix(type x) {                                                                                \
    return __ks::in_mode<type>(mode, x, 0, 0, [](type a, type, type) { return std::sqrt(a); });                                \
  }
#define __KS_STATED_FMA(name, type, suffix, mode)                                                                              \
  inline type name##_##suffix(type x, type y, type z) {                                                                        \
    return __ks::in_mode<type>(mode, x, y, z, [](type a, type b, type c) { return std::fma(a, b, c); });                       \
  }
#define __KS_ALL_STATED(suffix, mode)            \
  __KS_STATED(f, float, suffix, mode)            \
  __KS_STATED(d, double, suffix, mode)           \
  __KS_STATED_FMA(__fmaf, float, suffix, mode)   \
  __KS_STATED_FMA(__fma, double, suffix, mode)
__KS_ALL_STATED(rn, FE_TONEAREST)
__KS_ALL_STATED(rz, FE_TOWARDZERO)
__KS_ALL_STATED(ru, FE_UPWARD)
__KS_ALL_STATED(rd, FE_DOWNWARD)
#undef __KS_STATED
#undef __KS_STATED_FMA
#undef __KS_ALL_STATED
