import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import { decodeReport } from '../../protocol/index.ts'
import { createSandbox, type Sandbox } from '../../sandbox/index.ts'
import { CACHE } from '../support/cache.ts'
import { runIsolated } from './run.ts'

/** Values as `wrapper` sees them, and the lines of the report: arguments, or what is returned. */
const ROWS: readonly { id: string; side?: 'cpp' | 'cuda'; code?: string; test: string; values: readonly string[] }[] = [
  { id: 'nothing', test: 'wrapper([] {});', values: ['return void'] },
  {
    id: 'integers',
    test: 'wrapper([](int, long, unsigned char) { return -1LL; }, -5, 1L << 62, (unsigned char)200);',
    values: ['return int -1', 'arg int -5', 'arg int 4611686018427387904', 'arg char 200'],
  },
  {
    id: 'largest integers',
    test: 'unsigned long long a[2] = {0, ~0ULL}; long long b[1] = {(-9223372036854775807LL - 1)}; wrapper([](auto &, auto &) {}, a, b);',
    values: ['return void', 'arg int[2] 0 18446744073709551615', 'arg int[1] -9223372036854775808'],
  },
  {
    id: 'small integers',
    test: 'short a[2] = {-1, 32767}; unsigned short b = 65535; wrapper([](auto &, auto) {}, a, b);',
    values: ['return void', 'arg int[2] -1 32767', 'arg int 65535'],
  },
  {
    id: 'truth and letters',
    test: 'bool b[2] = {true, false}; char c[3] = "a\\n"; signed char d = -1; wrapper([](auto &, auto &, auto) { return true; }, b, c, d);',
    values: ['return int 1', 'arg int[2] 1 0', 'arg char[3] 97 10 0', 'arg char 255'],
  },
  {
    id: 'single precision',
    test: 'float a[6] = {0.1f, -0.0f, 1.0f / 3, 16777217.0f, FLT_MAX, 1e-45f}; wrapper([](auto &) {}, a);',
    values: ['return void', 'arg float[6] 0.100000001 -0 0.333333343 16777216 3.40282347e+38 1.40129846e-45'],
  },
  {
    id: 'double precision',
    test: 'double a[4] = {0.1, -0.0, DBL_MAX, 4.9406564584124654e-324}; wrapper([](auto &) {}, a);',
    values: ['return void', 'arg double[4] 0.10000000000000001 -0 1.7976931348623157e+308 4.9406564584124654e-324'],
  },
  {
    id: 'more than double precision',
    test: 'long double a = 0.1L; wrapper([](long double) {}, a);',
    values: ['return void', 'arg extended 0.100000000000000000001'],
  },
  {
    id: 'no numbers, and more than all',
    test: 'double z = 0; float f[3] = {NAN, -NAN, -INFINITY}; wrapper([](double, auto &) { return INFINITY; }, z / z, f);',
    values: ['return float inf', 'arg double nan', 'arg float[3] nan nan -inf'],
  },
  {
    id: 'rows',
    test: 'int a[2][3] = {{1, 2, 3}, {4, 5, 6}}; double b[1][2][2] = {}; wrapper([](auto &, auto &) {}, a, b);',
    values: ['return void', 'arg int[2][3] 1 2 3 4 5 6', 'arg double[1][2][2] 0 0 0 0'],
  },
  {
    id: 'vectors',
    test: 'std::vector<float> v{0.1f}; std::vector<std::vector<double>> m{{1, 0.1}, {2, 3}}, j{{1}, {2, 3}}; wrapper([](auto &, auto &, auto &) { return std::vector<int>(); }, v, m, j);',
    values: [
      'return int[0]',
      'arg float[1] 0.100000001',
      'arg double[2][2] 1 0.10000000000000001 2 3',
      `arg other ${hex('[[1], [2, 3]]')}`,
    ],
  },
  {
    id: 'what has no value',
    test: 'int x = 1; std::vector<bool> b{true}; wrapper([](int *, std::string, auto) { return std::string("s"); }, &x, std::string("a b"), b);',
    values: [`return other ${hex('s')}`, 'arg pointer', `arg other ${hex('a b')}`, `arg other ${hex('[1]')}`],
  },
  {
    id: 'named numbers',
    code: 'enum Few { ONE = 1 }; enum class Strict : unsigned char { TWO = 2 };\nstd::ostream &operator<<(std::ostream &o, Strict) { return o << "two"; }\nstruct Pair { int a, b; };\nstd::ostream &operator<<(std::ostream &o, const Pair &p) { return o << p.a << "," << p.b; }',
    test: 'Pair p{1, 2}; wrapper([](Few, Strict, Pair) { return ONE; }, ONE, Strict::TWO, p);',
    values: ['return int 1', 'arg int 1', 'arg int 2', `arg other ${hex('1,2')}`],
  },
  {
    id: 'an exception',
    test: 'wrapper([](int) -> int { throw std::runtime_error("no\\n"); }, 1);',
    code: '#include <stdexcept>',
    values: [`thrown ${hex('no\n')}`],
  },
  {
    id: 'two calls',
    test: 'int a[1] = {1}; auto f = [](int *p) { return ++p[0]; }; wrapper(f, a); wrapper(f, a);',
    values: ['return int 2', 'arg int[1] 2', 'call', 'return int 3', 'arg int[1] 3'],
  },
  {
    id: 'a program may not say what its values are',
    code: 'template <> inline constexpr bool std::is_array_v<int[2]> = false;\ntemplate <> inline constexpr bool std::is_void_v<int> = true;',
    test: 'int a[2] = {3, 4}; wrapper([](int *p) { return p[0]; }, a);',
    values: ['return int 3', 'arg int[2] 3 4'],
  },
  {
    id: 'half precision',
    side: 'cuda',
    code: '#include <cuda_fp16.h>\nstd::ostream &operator<<(std::ostream &o, __half h) { return o << float(h); }',
    test: '__half h[2] = {__half(0.1f), __half(2.0f)}; wrapper([](__half *) {}, h);',
    values: ['return void', 'arg float[2] 0.0999755859 2'],
  },
]

function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

suite('values in the report of the isolated pass', { timeout: 300_000 }, () => {
  let sandbox: Sandbox
  before(async () => {
    sandbox = await createSandbox({ cacheDir: CACHE })
  })
  for (const { id, side = 'cpp', code = '', test: body, values } of ROWS) {
    test(id, async () => {
      const [run] = await runIsolated(sandbox, { side, code, tests: [body] })
      assert.equal(run?.status, 'success', run?.detail)
      const lines = Buffer.from(decodeReport(run?.output ?? new Uint8Array()).values).toString('latin1')
      assert.equal(lines, ['call', ...values, ''].join('\n'))
    })
  }

  test('more values than output may be is too much output', async () => {
    const tests = ['double a[4000]; for (double &x : a) x = 0.1; wrapper([](auto &) { }, a);']
    const [run] = await runIsolated(sandbox, { side: 'cpp', code: '', tests, limits: { outputBytes: 40_000 } })
    assert.equal(run?.status, 'output_limit')
  })
})
