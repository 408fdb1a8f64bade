import type { Feature } from './build.ts'
import { checkFeatures } from './check-features.ts'

/** Intrinsics, mathematical functions, half precision. Called on the host: they are plain functions. */
const FEATURES: Feature[] = [
  {
    id: 'bits',
    code: '#include <cuda_fp16.h>',
    test: `cout << __popc(0xff) << __clz(1) << __ffs(8) << " " << __brev(1u) << " " << hex << __byte_perm(0x33221100, 0x77665544, 0x6520) << " " << __funnelshift_l(0x80000000u, 1, 1) << dec << " " << __clzll(1) << __popcll(-1LL) << " " << __funnelshift_lc(7, 9, 40) << __funnelshift_rc(7, 9, 32) << __funnelshift_lc(0x80000000u, 0, 1);`,
    prints: `8314 2147483648 66552200 3 6364 791`,
  },
  {
    id: 'products and differences',
    test: `cout << __mulhi(1 << 30, 8) << " " << __umulhi(1u << 31, 4u) << " " << __mul24(-3, 5) << " " << __umul64hi(1ULL << 63, 4) << " " << __sad(3, 10, 1) << " " << __hadd(3, 4) << __rhadd(3, 4) << " " << __dp4a(0x01020304, 0x01010101, 5);`,
    prints: '2 2 -15 2 8 34 15',
  },
  {
    id: 'conversions round as asked and stay in range',
    test: `cout << __float2int_rn(2.5f) << __float2int_rn(3.5f) << __float2int_rz(-2.7f) << __float2int_ru(2.1f) << __float2int_rd(-2.1f) << " " << __float2int_rz(1e20f) << " " << __float2uint_rz(-5.0f) << " " << __double2int_rn(0.5) << __float2int_rn(NAN) << " " << (__double2float_ru(0.1) > __double2float_rd(0.1)) << __int_as_float(0x3f800000) << __float_as_int(1.0f);`,
    prints: '24-23-3 2147483647 0 00 111065353216',
  },
  {
    id: 'min and max with mixed types',
    test: `cout << max(1, 2u) << min(3.5f, 2.0) << max(-1, 4) << min(5ull, 6ull) << max(1.5f, 2.5f) << fminf(1, 2) << max(2L, 3L);`,
    prints: '22452.513',
  },
  {
    id: 'functions beyond the standard library',
    test: `float s, c; sincosf(0.0f, &s, &c); cout << rsqrtf(4.0f) << " " << rsqrt(16.0) << " " << s << c << " " << __fdividef(1, 4) << " " << __saturatef(1.5f) << __saturatef(-1) << " " << norm3df(2, 3, 6) << " " << __expf(0) << __powf(2, 3) << " " << sinpi(0.5) << " " << rcbrtf(8.0f) << " " << __fmaf_rn(2, 3, 4) << exp10f(2);`,
    prints: '0.5 0.25 01 0.25 10 7 18 1 0.5 10100',
  },
  {
    id: 'halves: conversion rounds to nearest even, keeps subnormals, overflows to infinity',
    test: `auto f = [](float v) { cout << __half2float(__float2half(v)) << " "; }; f(1.0f); f(2049.0f); f(2051.0f); f(65504.0f); f(65520.0f); f(5.9604645e-8f); f(2e-8f); f(-0.1f); cout << __half_as_ushort(__float2half(-2.0f)) << " " << __half2float(__ushort_as_half(0x3555));`,
    prints: '1 2048 2052 65504 inf 5.96046e-08 0 -0.0999756 49152 0.333252',
  },
  {
    id: 'halves: arithmetic rounds after each operation',
    test: `half a = __float2half(2048.0f), b = 1.0f; cout << (float)(a + b + b) << " " << __half2float(__hfma(b, b, a)) << " " << (float)(half(1.0f) / half(3.0f)) << " " << (a > b) << " " << __half2float(hsqrt(half(2.0f))); half2 v = __floats2half2_rn(1, 2); v = __hadd2(v, v); cout << " " << __low2float(v) << __high2float(v);`,
    prints: '2048 2048 0.333252 1 1.41406 24',
  },
  {
    id: 'inverse error functions turn the error functions back',
    test: `double worst = 0; for (int i = 1; i < 2000; i++) { double y = i / 1000.0, z = y - 1; worst = max(worst, fabs(erfc(erfcinv(y)) / y - 1)); if (z != 0) worst = max(worst, fabs(erf(erfinv(z)) / z - 1)); }
for (double y = 1e-300; y < 1; y *= 1e3) worst = max(worst, fabs(erfc(erfcinv(y)) / y - 1) / (1 - log(y)));
cout << (worst < 1e-14) << " " << erfinvf(0) << erfinv(1) << erfcinv(2) << " " << erfinvf(0.5f) << " " << normcdfinv(0.975) << " " << isnan(erfinv(1.5));`,
    // erfinv(0.5) and the 97.5 % point of the normal distribution, from tables.
    prints: '1 0inf-inf 0.476936 1.95996 1',
  },
  {
    id: 'stated roundings: a third and its neighbour, a sum that a double cannot hold, a root',
    code: `__global__ void round_all(double *o) {
  o[0] = __fdiv_rd(1, 3) * 3.0 < 1; o[1] = __fdiv_ru(1, 3) * 3.0 > 1; o[2] = __fadd_ru(1, 1e-30f) > 1; o[3] = __fadd_rd(1, 1e-30f) == 1;
  o[4] = __fadd_rd(1, -1e-30f) < 1; o[5] = __dadd_ru(1, 1e-300) > 1; o[6] = __dsqrt_rd(2) * __dsqrt_rd(2) < 2; o[7] = __fmaf_rz(-1, 1, -1e-30f) == -1;
  o[8] = __fma_rd(-1, 1, -1e-300) < -1; o[9] = __drcp_rz(3) * 3 < 1 || __drcp_rz(3) < __drcp_ru(3); o[10] = 1 + 1e-30f == 1;
}
`,
    test: `double *d, h[11]; cudaMalloc(&d, sizeof h); round_all<<<1, 1>>>(d); cudaMemcpy(h, d, sizeof h, cudaMemcpyDeviceToHost); for (double v : h) cout << v;`,
    prints: '11111111111',
  },
  {
    id: 'vector types',
    test: `float4 v = make_float4(1, 2, 3, 4); int2 i = {5, 6}; double2 d = make_double2(7, 8); dim3 g(2), h = 3; uchar4 u = make_uchar4(1, 2, 3, 4); cout << v.w << i.y << d.x << g.x << g.y << h.z << int(u.z) << sizeof(float3) << alignof(float4) << alignof(double2) << sizeof(dim3);`,
    prints: '467211312161612',
  },
]

checkFeatures('emulated', FEATURES)
