import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type Built, buildFeatures, type Feature } from './build.ts'

/** A function, where it is looked at, the reference one size wider, and at most how far off it is here and on a GPU (ULP). */
interface Row {
  name: string
  from: number
  to: number
  /** Where it has two arguments. */
  call?: string
  /** @default the name without its f, in double; in long double for doubles */
  reference?: string
  here: number
  cuda: number
}

/**
 * Errors on a GPU are the largest that NVIDIA's guide has stated for its full range in any version since 9; the fast ones
 * (__expf and their like) have bounds that depend on the argument and are not among them.
 */
const FLOATS: Row[] = [
  { name: 'sqrtf', from: 0, to: 1e6, here: 0.5, cuda: 0.5 },
  { name: 'rsqrtf', from: 1e-6, to: 1e6, reference: '1 / sqrt(x)', here: 1, cuda: 2 },
  { name: 'cbrtf', from: -1e6, to: 1e6, here: 1, cuda: 1 },
  { name: 'rcbrtf', from: 1, to: 1e6, reference: '1 / cbrt(x)', here: 1, cuda: 2 },
  { name: 'expf', from: -80, to: 80, here: 1, cuda: 2 },
  { name: 'exp2f', from: -100, to: 100, here: 1, cuda: 2 },
  { name: 'exp10f', from: -30, to: 30, reference: 'pow(10.0, x)', here: 1, cuda: 2 },
  { name: 'expm1f', from: -5, to: 80, here: 1, cuda: 1 },
  { name: 'logf', from: 1e-6, to: 1e6, here: 1, cuda: 1 },
  { name: 'log2f', from: 1e-6, to: 1e6, here: 1, cuda: 3 },
  { name: 'log10f', from: 1e-6, to: 1e6, here: 2, cuda: 3 },
  { name: 'log1pf', from: -0.9, to: 1e3, here: 1, cuda: 2 },
  { name: 'sinf', from: -100, to: 100, here: 1, cuda: 2 },
  { name: 'cosf', from: -100, to: 100, here: 1, cuda: 2 },
  { name: 'tanf', from: -100, to: 100, here: 1, cuda: 4 },
  { name: 'asinf', from: -1, to: 1, here: 1, cuda: 4 },
  { name: 'acosf', from: -1, to: 1, here: 1, cuda: 3 },
  { name: 'atanf', from: -1e3, to: 1e3, here: 1, cuda: 2 },
  { name: 'sinhf', from: -80, to: 80, here: 2, cuda: 3 },
  { name: 'coshf', from: -80, to: 80, here: 2, cuda: 2 },
  { name: 'tanhf', from: -10, to: 10, here: 2, cuda: 2 },
  { name: 'asinhf', from: -1e3, to: 1e3, here: 2, cuda: 3 },
  { name: 'acoshf', from: 1, to: 1e3, here: 2, cuda: 4 },
  { name: 'atanhf', from: -0.99, to: 0.99, here: 2, cuda: 3 },
  { name: 'erff', from: -5, to: 5, here: 1, cuda: 3 },
  { name: 'erfcf', from: -5, to: 9, here: 4, cuda: 6 },
  { name: 'tgammaf', from: 0.1, to: 30, here: 5, cuda: 11 },
  { name: 'lgammaf', from: 3, to: 1e3, here: 2, cuda: 6 },
  { name: 'powf', call: 'powf(x, 2.3f)', from: 1e-6, to: 1e6, reference: 'pow(x, 2.3f)', here: 1, cuda: 8 },
  { name: 'atan2f', call: 'atan2f(x, 3.7f)', from: -1e3, to: 1e3, reference: 'atan2(x, 3.7f)', here: 1, cuda: 3 },
  { name: 'hypotf', call: 'hypotf(x, 3.7f)', from: -1e3, to: 1e3, reference: 'hypot(x, 3.7f)', here: 1, cuda: 3 },
  { name: 'erfinvf', from: -0.999, to: 0.999, reference: 'erfinv(x)', here: 0.5, cuda: 3 },
  { name: 'erfcinvf', from: 0.001, to: 1.999, reference: 'erfcinv(x)', here: 0.5, cuda: 7 },
  { name: 'sinpif', from: -100, to: 100, reference: 'sinpi(x)', here: 0.5, cuda: 2 },
  { name: 'normcdff', from: -5, to: 5, reference: 'normcdf(x)', here: 0.5, cuda: 6 },
]
const DOUBLES: Row[] = [
  { name: 'sqrt', from: 0, to: 1e6, here: 0.5, cuda: 0.5 },
  { name: 'rsqrt', from: 1e-6, to: 1e6, reference: '1 / sqrtl(x)', here: 1.5, cuda: 1 },
  { name: 'exp', from: -700, to: 700, here: 1, cuda: 1 },
  { name: 'log', from: 1e-6, to: 1e6, here: 1, cuda: 1 },
  { name: 'pow', call: 'pow(x, 2.3)', from: 1e-6, to: 1e6, reference: 'powl(x, 2.3)', here: 1, cuda: 2 },
  { name: 'sin', from: -100, to: 100, here: 1, cuda: 2 },
  { name: 'cos', from: -100, to: 100, here: 1, cuda: 2 },
  { name: 'tan', from: -100, to: 100, here: 1, cuda: 2 },
  { name: 'atan', from: -1e3, to: 1e3, here: 1, cuda: 2 },
  { name: 'tanh', from: -10, to: 10, here: 2, cuda: 2 },
  { name: 'cbrt', from: -1e6, to: 1e6, here: 4, cuda: 1 },
  { name: 'erf', from: -5, to: 5, here: 1, cuda: 2 },
  { name: 'tgamma', from: 0.1, to: 100, here: 10, cuda: 10 },
]

const COMMON = `template <class F, class T> __global__ void apply(F f, const T *x, T *y, int n) { int i = blockIdx.x * blockDim.x + threadIdx.x; if (i < n) y[i] = f(x[i]); }
template <class T, class W, class F, class G> void largest(F f, G exact, double from, double to) {
  const int n = 20000; vector<T> x(n), y(n); T *dx, *dy; cudaMalloc(&dx, n * sizeof(T)); cudaMalloc(&dy, n * sizeof(T));
  for (int i = 0; i < n; i++) x[i] = T(from + (to - from) * ((i * 7919LL % n) + 0.37) / n);
  cudaMemcpy(dx, x.data(), n * sizeof(T), cudaMemcpyHostToDevice); apply<<<(n + 255) / 256, 256>>>(f, dx, dy, n); cudaMemcpy(y.data(), dy, n * sizeof(T), cudaMemcpyDeviceToHost);
  double most = 0;
  for (int i = 0; i < n; i++) {
    W want = exact(W(x[i])); T near = T(want); W step = W(nextafter(fabs(near), T(INFINITY))) - W(fabs(near));
    most = max(most, double(fabs((W(y[i]) - want) / step)));
  }
  cout << most;
}
`

function featureOf(row: Row, type: 'float' | 'double'): Feature {
  const wide = type === 'float' ? 'double' : 'long double'
  const same = type === 'float' ? `${row.name.slice(0, -1)}(x)` : `${row.name}l(x)`
  return {
    id: row.name,
    test: `largest<${type}, ${wide}>([](${type} x) { return ${row.call ?? `${row.name}(x)`}; }, [](${wide} x) -> ${wide} { return ${row.reference ?? same}; }, ${row.from}, ${row.to});`,
    prints: '',
  }
}

const rows = [...FLOATS, ...DOUBLES]
const features = [...FLOATS.map((row) => featureOf(row, 'float')), ...DOUBLES.map((row) => featureOf(row, 'double'))]
const page = readFileSync(new URL('../../docs/emulator.md', import.meta.url), 'utf8')

let built: Built
before(() => {
  built = buildFeatures('emulated', [{ ...(features[0] as Feature), code: COMMON }, ...features.slice(1)])
})
after(() => built[Symbol.dispose]())

for (const [index, { name, here, cuda }] of rows.entries()) {
  test(`${name} is as exact as the page says`, () => {
    const most = Number(built.run(index).stdout)
    // A reference that is itself rounded moves half a unit by a little.
    assert.ok(most > 0 && most <= here + 0.001, `${name}: ${most} ULP`)
    assert.ok(page.includes(`| \`${name}\` | ${here} | ${cuda} |`), `docs/emulator.md has no row for ${name}`)
  })
}
