import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onlyHostPassTells } from '../../sandbox/source/host-pass.ts'
import { cuda, kernel, ROWS } from './programs.ts'

const half = (wrapper: string, code = '') => onlyHostPassTells({ code, wrapper, tests: [] })

for (const { id, program, refusedAt } of ROWS.filter(({ refusedAt: at }) => at === 'translated')) {
  test(`seen that the host's half may refuse it at ${refusedAt}: ${id}`, () => {
    assert.equal(onlyHostPassTells(program), true)
  })
}

test('plain programs need no second reading', () => {
  assert.equal(onlyHostPassTells(cuda({})), false)
  assert.equal(onlyHostPassTells(kernel('a[i] = f(n);', '__device__ int f(int x) { return x; }\n')), false)
  assert.equal(
    half('int twice(int x) { return 2 * x; }\nvoid run(int n) { dim3 grid(n, 1); vector<int> v(n); v.push_back(twice(n)); }'),
    false,
  )
  assert.equal(half('void run(int n) { float x = sqrt(n) + std::max(n, 2); }'), false)
})

test('no sign: shapes declared together, manipulators, a pointer to functions', () => {
  assert.equal(half('void run(int n) { dim3 grid(n, 1), block(2), third(n); }'), false)
  assert.equal(half('void run(double x) { cout << setprecision(17) << x; void (*p)(double) = &run; }'), false)
})

const SIGNS: [id: string, wrapper: string, code?: string][] = [
  ['a function nobody here knows', 'void run(int n) { n = unheard_of(n); }'],
  ['a word of the compiler', 'void run(int *a) { int x = __ldg(a); }'],
  ['a header that may differ', '#include <thrust/sort.h>\nvoid run(int n) {}'],
  ['a condition of the preprocessor', '#ifdef DEBUG\n#endif\nvoid run(int n) {}'],
  ['a method of the device', 'void run(int n) { S s; s.size(); }', 'struct S { __device__ int size() { return 1; } };'],
  ['a constructor of the device', 'void run(int n) { S s(1); }', 'struct S { __device__ S(int) {} };'],
  [
    'a function by a name that the device has too',
    'double int2double(double a) { return a; } void run(int n) { n = int2double(n); }',
  ],
  ['a call after a shape', 'void run(int n) { dim3(n), f(n); }', '__device__ int g(int x) { return x; }'],
  ['an operator', 'void run(int n) {}', '__device__ int2 operator+(int2 a, int2 b) { return a; }'],
  ['the address of a function of the device', 'void run(int n) { auto p = &f; }', '__device__ int f(int x) { return x; }'],
  [
    'a function for both that calls one of the device',
    '__host__ __device__ int g(int x) { return f(x); }',
    '__device__ int f(int x) { return x; }',
  ],
]
for (const [id, wrapper, code] of SIGNS) {
  test(`a sign: ${id}`, () => {
    assert.equal(half(wrapper, code), true)
  })
}
