import assert from 'node:assert/strict'
import { test } from 'node:test'
import { translateCuda } from '../../sandbox/source/cuda.ts'

const KERNELS = `__global__ void k(int *a, int n) {}
template <class T, int N> __global__ void t(T *a, T b) {}
namespace ns { __global__ void q(float f) {} }
__global__ void d(int *a, int n = 1) {}
`

/** A statement of the wrapper -> what it becomes. `ON` stands for the configuration's call. */
const REWRITTEN: { id: string; from: string; to: string }[] = [
  { id: 'plain', from: 'k<<<1, 2>>>(a, n);', to: '::__ks::launch(::k).on(1, 2)(a, n);' },
  {
    id: 'blanks everywhere',
    from: 'k <<< g , b , 0 , s >>> ( a , n ) ;',
    to: '::__ks::launch(::k ).on( g , b , 0 , s ) ( a , n ) ;',
  },
  {
    id: 'commas in nested brackets',
    from: 'k<<<dim3(1, 2), f({1, 2})[3]>>>(g(1, 2), n);',
    to: '::__ks::launch(::k).on(dim3(1, 2), f({1, 2})[3])(g(1, 2), n);',
  },
  {
    id: 'shifts in the configuration',
    from: 'k<<<n >> 2, (n >>3)>>>(a, n >> 1);',
    to: '::__ks::launch(::k).on(n >> 2, (n >>3))(a, n >> 1);',
  },
  {
    id: 'a template type in the configuration',
    from: 'k<<<f<A<B>>(), sizeof(C<D>)>>>(a, n);',
    to: '::__ks::launch(::k).on(f<A<B>>(), sizeof(C<D>))(a, n);',
  },
  { id: 'a qualified name', from: 'ns::q<<<1, 1>>>(2);', to: '::__ks::launch(ns::q).on(1, 1)(2);' },
  {
    id: 'from the global namespace, after else',
    from: 'if (n) return; else ::k<<<1, 1>>>(a, n);',
    to: 'if (n) return; else ::__ks::launch(::k).on(1, 1)(a, n);',
  },
  {
    id: 'a pointer to a kernel',
    from: '(*fp)<<<1, 1>>>(a, n); o->table[i]<<<1, 1>>>(a);',
    to: '::__ks::launch((*fp)).on(1, 1)(a, n); ::__ks::launch(o->table[i]).on(1, 1)(a);',
  },
  {
    id: 'template arguments',
    from: 't<float, (N > 2)><<<1, 1>>>(a, 2);',
    to: '::__ks::launch_call([=]([[maybe_unused]] auto __ks_0, [[maybe_unused]] auto __ks_1) { return t<float, (N > 2)>(__ks_0, __ks_1); }).on(1, 1)(a, 2);',
  },
  {
    id: 'nested template arguments and null',
    from: 't<V<int>, 3><<<1, 1>>>(nullptr, x < y);',
    to: '::__ks::launch_call([=]([[maybe_unused]] auto __ks_0, [[maybe_unused]] auto __ks_1) { return t<V<int>, 3>(nullptr, __ks_1); }).on(1, 1)(nullptr, x < y);',
  },
  {
    id: 'default arguments',
    from: 'd<<<1, 1>>>(a);',
    to: '::__ks::launch_call([=]([[maybe_unused]] auto __ks_0) { return d(__ks_0); }).on(1, 1)(a);',
  },
  {
    id: 'in a macro over several lines',
    from: '#define L(x) \\\n  k<<<1, \\\n  1>>>(x, 1)\n',
    to: '#define L(x) \\\n  ::__ks::launch(::k).on(1, \\\n  1)(x, 1)\n',
  },
  {
    id: 'comments inside',
    from: 'k<<</* grid */1, // one\n 1>>>(a, n);',
    to: '::__ks::launch(::k).on(/* grid */1, // one\n 1)(a, n);',
  },
  {
    id: 'in comments, strings and raw strings',
    from: '// k<<<1,1>>>(a)\n/* k<<<1,1>>>(a) */ "k<<<1,1>>>(a)" R"(k<<<1>>>())"',
    to: '// k<<<1,1>>>(a)\n/* k<<<1,1>>>(a) */ "k<<<1,1>>>(a)" R"(k<<<1>>>())"',
  },
  {
    id: 'dynamic shared memory in a function',
    from: 'void f() { extern __shared__ float s[]; }',
    to: 'void f() {   float (&s)[] = ::__ks::dynamic_shared(); }',
  },
  {
    id: 'dynamic shared memory outside of one',
    from: 'extern __shared__ __align__(8) int2 s[], t[][4];',
    to: 'static   __align__(8) int2 (&s)[] = ::__ks::dynamic_shared(), (&t)[][4] = ::__ks::dynamic_shared();',
  },
  { id: 'static shared memory', from: 'void f() { static __shared__ int s; }', to: 'void f() {  __shared__ int s; }' },
  {
    id: 'braces of literals as an argument of a template',
    from: 'void f() { t<int, 1><<<1, 1>>>(a, {1, -2.5f}); }',
    to: 'void f() { ::__ks::launch_call([=]([[maybe_unused]] auto __ks_0, [[maybe_unused]] auto __ks_1) { return t<int, 1>(__ks_0, { 1 , - 2.5f }); }).on(1, 1)(a, 0); }',
  },
  {
    id: 'marks of host and device together, in a declaration and in a macro',
    from: '#define BOTH __device__ inline __host__\ntemplate <class T> __host__ __device__ T f(T x); __device__ int g(); __host__ int h();',
    to: '#define BOTH  inline __host__\ntemplate <class T> __host__  T f(T x); __device__ int g(); __host__ int h();',
  },
  {
    id: 'arrays of static shared memory, with what is shared around them',
    from: 'void f() { __shared__ T a[N][M], b[3]; { __shared__ int c[2]; } __shared__ int d[4]; }',
    to:
      'void f() { __shared__ T a[N][M], b[3]; static_assert(::__ks::shared_fits(sizeof(a) + sizeof(b)), "more than a block can share"); __KS_USE_SHARED(sizeof(a) + sizeof(b));' +
      ' { __shared__ int c[2]; static_assert(::__ks::shared_fits(sizeof(a) + sizeof(b) + sizeof(c)), "more than a block can share"); __KS_USE_SHARED(sizeof(c)); }' +
      ' __shared__ int d[4]; static_assert(::__ks::shared_fits(sizeof(a) + sizeof(b) + sizeof(d)), "more than a block can share"); __KS_USE_SHARED(sizeof(d)); }',
  },
  {
    id: 'shared memory with an initialiser',
    from: 'void f() { __shared__ int s = 0; }',
    to: 'void f() { __shared__ int s = 0; static_assert(false, "what a block shares has no initialiser"); }',
  },
  {
    id: 'launch bounds, before and after the type, of a template, of a declaration',
    from: '__launch_bounds__(N) __global__ void b(int a) {} template <int N> __global__ void __launch_bounds__(2 * N, 4) c() {} __global__ void __launch_bounds__(8) e();',
    to: '__launch_bounds__(N) __global__ void b(int a) { ::__ks::launch_bound(N);} template <int N> __global__ void __launch_bounds__(2 * N, 4) c() { ::__ks::launch_bound(2 * N);} __global__ void __launch_bounds__(8) e();',
  },
]

for (const { id, from, to } of REWRITTEN) {
  test(`rewritten: ${id}`, () => {
    const translated = translateCuda({ code: KERNELS, wrapper: from, tests: [] })
    assert.equal(translated.kind === 'texts' ? translated.wrapper : translated.reason, to)
    assert.equal(to.split('\n').length, from.split('\n').length)
  })
}

/** What is not rewritten because it could be wrong. */
const UNSUPPORTED: { id: string; code: string; reason: RegExp }[] = [
  {
    id: 'a configuration from a macro',
    code: '#define C <<<1, 1>>>\nvoid f() { k C (a, n); }',
    reason: /not found/,
  },
  {
    id: 'a function that returns a kernel',
    code: 'void f() { pick(3)<<<1, 1>>>(a); }',
    reason: /not the name of a kernel|not found/,
  },
  { id: 'no end', code: 'void f() { k<<<1, 1>>(a); }', reason: />>> was not found/ },
  { id: 'variables in braces as an argument of a template', code: 'void f() { t<int, 1><<<1, 1>>>(a, {n}); }', reason: /braces/ },
  { id: 'a pack', code: 'template <class... A> void f(A... a) { d<<<1, 1>>>(a...); }', reason: /pack/ },
  { id: 'a kernel that launches', code: '__global__ void outer(int *a) { k<<<1, 1>>>(a, 1); }', reason: /launches kernels/ },
  {
    id: 'inline assembly',
    code: '__device__ int f() { int r; asm("mov.u32 %0, %laneid;" : "=r"(r)); return r; }',
    reason: /assembly/,
  },
  { id: 'a warp in step', code: '__global__ void r(volatile float *g) { __shared__ float s[64]; }', reason: /in step/ },
  {
    id: 'a warp in step without saying so',
    code: '__global__ void r(int t) { __shared__ int s[64]; if (t < 32) { s[t] += s[t + 2]; if (t < 9) s[t] += s[t + 1]; } }',
    reason: /in step/,
  },
  {
    id: 'waiting for memory to change',
    code: '__global__ void r(volatile int *p) { while (*p < 3) {} }',
    reason: /spin/,
  },
  {
    id: 'a function of the host in a kernel',
    code: 'namespace u { static inline int g(int a) { return a; } } __global__ void r(int *a) { a[0] = u::g(g(1)); }',
    reason: /function of the host \(g\)/,
  },
  {
    id: 'a function of the library that no GPU has',
    code: '__global__ void r(int *a) { std::swap(a[0], a[1]); }',
    reason: /function of the host \(swap\)/,
  },
  {
    id: 'a variable of the host in a kernel',
    code: 'int step = 3; __global__ void r(int *a) { a[0] += step; }',
    reason: /variable of the host \(step\)/,
  },
  {
    id: 'a constant array of the host in a kernel',
    code: 'const int table[2] = {1, 2}; __device__ int r(int a) { return table[a]; }',
    reason: /variable of the host \(table\)/,
  },
  { id: 'an output stream in a kernel', code: '__global__ void r() { cout << 1; }', reason: /only the host has/ },
  { id: 'a vector in a kernel', code: '__global__ void r() { std::vector<int> v(3); }', reason: /only the host has/ },
  {
    id: "an array of an argument's size",
    code: '__global__ void r(int n) { float row[n]; }',
    reason: /size is an argument/,
  },
  { id: 'exceptions in a kernel', code: '__global__ void r() { throw 1; }', reason: /exceptions/ },
  {
    id: 'one shared variable without a size',
    code: '__global__ void r() { extern __shared__ int x; }',
    reason: /arrays without size/,
  },
]

for (const { id, code, reason } of UNSUPPORTED) {
  test(`unsupported: ${id}`, () => {
    const translated = translateCuda({ code: KERNELS + code, wrapper: '', tests: [] })
    assert.ok(translated.kind === 'unsupported', 'it was translated')
    assert.match(translated.reason, reason)
  })
}

/** What looks like the host's in a kernel, and is the device's. */
const TRANSLATED: { id: string; code: string }[] = [
  {
    id: 'functions under the names of the library',
    code: '__device__ void swap(int &a, int &b) {} __global__ void r(int *a) { swap(a[0], a[1]); auto fill = [](int) {}; fill(1); }',
  },
  {
    id: 'members and variables under the names of the host',
    code: 'int g(int a) { return a; } int n = 3, *m; int step; struct S { __device__ int g(int) const; }; __global__ void r(S s, int *a, int n) { int step = n; a[0] = s.g(step) + n; }',
  },
  {
    id: 'a function marked by a macro, by a condition, by another declaration',
    code: '#define dev __device__ inline\ndev int g(int a) { return a; }\n#ifdef __CUDACC__\n__device__\n#endif\nint h(int a) { return a; }\n__device__ int i(int);\nint i(int a) { return a; } constexpr int j(int a) { return a; } __global__ void r(int *a) { a[0] = g(1) + h(2) + i(3) + j(4); }',
  },
  {
    id: 'functions for both sides, constants, sums of one thread',
    code: 'int g(int a) { return a; } const int N = 3; constexpr float F = 2; __host__ __device__ int both(int a) { return a + N; } __global__ void r(float *a) { __shared__ float s[3]; s[0] += s[1]; s[0] += s[2]; a[0] = both(1) * F; }',
  },
  { id: 'a loop without a body that waits for nothing', code: '__global__ void r(volatile int *a) { while (true); }' },
]

for (const { id, code } of TRANSLATED) {
  test(`translated: ${id}`, () => {
    const translated = translateCuda({ code, wrapper: '', tests: [] })
    assert.equal(translated.kind === 'unsupported' ? translated.reason : translated.kind, 'texts')
  })
}
