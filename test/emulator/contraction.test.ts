import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Built, buildFeatures, type Feature } from './build.ts'

/** What a kernel computes of a to f, and which operations a GPU's compiler makes of it. */
interface Form {
  id: string
  /** Sets `r`. */
  kernel: string
  /** The same, with every fused operation written out; subtractions of and from products as `fma` with a minus. */
  meant: string
  /** Functions the kernel calls. */
  code?: string
}

const FORMS: Form[] = [
  { id: 'product and sum', kernel: 'r = a * b + c;', meant: 'fma(a,b,c)' },
  { id: 'sum and product', kernel: 'r = c + a * b;', meant: 'fma(a,b,c)' },
  { id: 'product less', kernel: 'r = a * b - c;', meant: 'fma(a,b,-c)' },
  { id: 'less product', kernel: 'r = c - a * b;', meant: 'fma(-a,b,c)' },
  { id: 'of two products the first', kernel: 'r = a * b + c * d;', meant: 'fma(a,b,(c*d))' },
  { id: 'of a difference of two the first', kernel: 'r = a * b - c * d;', meant: 'fma(a,b,-(c*d))' },
  { id: 'three products', kernel: 'r = a * b + c * d + e * f;', meant: 'fma(e,f,fma(a,b,(c*d)))' },
  { id: 'polynomial', kernel: 'r = (a * b + c) * b + d;', meant: 'fma(fma(a,b,c),b,d)' },
  { id: 'product of a sum', kernel: 'r = a * (b + c * d);', meant: '(fma(c,d,b)*a)' },
  { id: 'three factors', kernel: 'r = a * b * c + d;', meant: 'fma((a*b),c,d)' },
  { id: 'interpolation', kernel: 'r = c * (1.0f - d) + e * d;', meant: 'fma((1-d),c,(d*e))' },
  { id: 'sum in two statements', kernel: 'r = c; r += a * b; r += d * e;', meant: 'fma(d,e,fma(a,b,c))' },
  { id: 'a product that is used as it is, too', kernel: 'float x = a * b; r = (x + c) / x;', meant: '(((a*b)+c)/(a*b))' },
  { id: 'a product in two sums', kernel: 'float x = a * b; r = (x + c) / (x + d);', meant: '(fma(a,b,c)/fma(a,b,d))' },
  {
    id: 'a product of another function',
    code: '__device__ float times(float x, float y) { return x * y; }\n',
    kernel: 'r = times(a, b) + c;',
    meant: 'fma(a,b,c)',
  },
  {
    id: 'a product of a function of host and device',
    code: '#define BOTH __host__ __device__\nBOTH inline float twice_marked(float x, float y) { return x * y; }\n',
    kernel: 'r = twice_marked(a, b) + c;',
    meant: 'fma(a,b,c)',
  },
  {
    id: 'a product of a template',
    code: 'template <class T> __host__ __device__ T product_of(T x, T y) { return x * y; }\n',
    kernel: 'r = product_of(a, b) + c;',
    meant: 'fma(a,b,c)',
  },
]

/** Only in the emulator's own words, so not asked of nvcc. */
const OWN_FORMS: Form[] = [
  {
    id: 'a product of a lambda',
    kernel: 'auto times_a = [&](float x) { return x * a; }; r = times_a(b) + c;',
    meant: 'fma(a,b,c)',
  },
  { id: 'stated roundings stay', kernel: 'r = __fadd_rn(__fmul_rn(a, b), c);', meant: '((a*b)+c)' },
  { id: 'a product and a stated sum', kernel: 'r = (float)__dadd_rn((double)a * b * d, c);', meant: '(float)((double)a*b*d+c)' },
  {
    id: 'a stated product and a sum',
    kernel: 'r = (float)(__dmul_rn((double)a * b, d) + c);',
    meant: '(float)((double)a*b*d+c)',
  },
]

const kernelOf = ({ kernel, code = '' }: Form, index: number) =>
  `${code}__global__ void form_${index}(float *out, float a, float b, float c, float d, float e, float f) { float r; ${kernel} *out = r; }\n`

/** Compares with the host, where nothing is fused by itself, and counts how often fusing shows. */
const CHECK = `template <class K, class M, class P> void check(K kernel, M meant, P plain) {
  float *d, got; cudaMalloc(&d, 4); unsigned state = 1; int wrong = 0, shows = 0;
  auto next = [&] { state = state * 1664525u + 1013904223u; return (float)(int)state / (1 << 28); };
  for (int i = 0; i < 500; i++) {
    float a = next(), b = next(), c = next(), e = next(), f = next(), g = next();
    kernel<<<1, 1>>>(d, a, b, c, e, f, g); cudaMemcpy(&got, d, 4, cudaMemcpyDeviceToHost);
    wrong += got != meant(a, b, c, e, f, g); shows += got != plain(a, b, c, e, f, g);
  }
  cout << wrong << " wrong, fused " << (shows > 0);
}
`
const LAMBDA = '[](float a, float b, float c, float d, float e, float f)'

function featureOf(form: Form, index: number): Feature {
  // A kernel's words in a function of the host: the same expression with nothing fused.
  return {
    id: form.id,
    code: kernelOf(form, index),
    test: `check(form_${index}, ${LAMBDA} -> float { return ${form.meant}; }, ${LAMBDA} -> float { float r; ${form.kernel} return r; });`,
    prints: `0 wrong, fused ${form.meant.includes('fma') ? 1 : 0}`,
  }
}

const EXACT: Feature[] = [
  {
    id: 'the rounding of a product shows on the host and not in a kernel',
    // With a = 1 + 2^-12 the square is 1 + 2^-11 + 2^-24, of which a float keeps all but the last.
    code: `__device__ __host__ float rest(float a) { return a * a - (1 + 1.0f / 2048); }
__global__ void rest_of(float *o, double *p, float a, double b) { o[0] = rest(a); o[1] = a * a - (1 + 1.0f / 2048); p[0] = b * b - (1 + 0x1p-29); }
__global__ void accumulate(float *sum, const float *x, int n) { float s = -(1 + 1.0f / 2048); for (int i = 0; i < n; i++) s += x[i] * x[i]; *sum = s; }
template <class T> __global__ void of_type(T *o, T a, T c) { *o = a * a - c; }
__global__ void into(float *sum, float a) { atomicAdd(sum, a * a); }`,
    test: `float a = 1 + 1.0f / 4096, *o, h[6]; double b = 1 + 0x1p-30, *p, q; cudaMalloc(&o, 24); cudaMalloc(&p, 8);
rest_of<<<1, 1>>>(o, p, a, b); float *x; cudaMalloc(&x, 4); cudaMemcpy(x, &a, 4, cudaMemcpyHostToDevice); accumulate<<<1, 1>>>(o + 2, x, 1);
of_type<float><<<1, 1>>>(o + 3, a, 1 + 1.0f / 2048); float less = -(1 + 1.0f / 2048); cudaMemcpy(o + 4, &less, 4, cudaMemcpyHostToDevice); into<<<1, 1>>>(o + 4, a);
cudaMemcpy(h, o, 24, cudaMemcpyDeviceToHost); cudaMemcpy(&q, p, 8, cudaMemcpyDeviceToHost);
float w = a * a - (1 + 1.0f / 2048);
cout << rest(a) << w << " " << h[0] * 0x1p24f << h[1] * 0x1p24f << h[2] * 0x1p24f << h[3] * 0x1p24f << " " << h[4] << " " << q * 0x1p60;`,
    prints: '00 1111 0 1',
  },
]

const features = [...[...FORMS, ...OWN_FORMS].map(featureOf), ...EXACT]
let built: Built
before(() => {
  built = buildFeatures('emulated', [{ ...(features[0] as Feature), code: CHECK + features[0]?.code }, ...features.slice(1)])
})
after(() => built[Symbol.dispose]())
for (const [index, { id, prints }] of features.entries()) {
  test(`fused: ${id}`, () => assert.deepEqual({ id, stdout: built.run(index).stdout }, { id, stdout: prints }))
}

const nvcc = spawnSync('nvcc', ['--version']).status === 0

test('a GPU’s compiler fuses the same', { skip: !nvcc && 'nvcc is not installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'kernelswarm-ptx-'))
  try {
    writeFileSync(join(folder, 'forms.cu'), FORMS.map(kernelOf).join(''))
    const done = spawnSync('nvcc', ['-arch=sm_80', '-ptx', join(folder, 'forms.cu'), '-o', join(folder, 'forms.ptx')])
    assert.equal(done.status, 0, String(done.stderr))
    const kernels = readFileSync(join(folder, 'forms.ptx'), 'latin1').split('.entry ').slice(1)
    const found = FORMS.map(({ id }, index) => [
      id,
      formOf(kernels.find((text) => text.startsWith(`_Z${`form_${index}`.length}form_${index}P`)) ?? ''),
    ])
    assert.deepEqual(
      found,
      FORMS.map(({ id, meant }) => [id, meant]),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/**
 * The expression a kernel of PTX stores, in the words of `meant`. `mul`, `sub` and `neg` without a stated rounding stay
 * separate in PTX; the assembler fuses them where the product has no other use (seen in the machine code as FFMA with a sign).
 */
function formOf(ptx: string): string {
  const values = new Map<string, string>()
  const value = (name = '') => values.get(name) ?? (name === '0f3F800000' ? '1' : name)
  let stored = ''
  for (const line of ptx.split('\n')) {
    const [, operation = '', operands = ''] = /^\s*([\w.]+)\s+(.*);/.exec(line) ?? []
    const [to = '', ...from] = operands.split(',').map((one) => one.trim())
    const [x, y, z] = from.map(value)
    if (operation === 'ld.param.f32') values.set(to, 'abcdef'[Number(/param_(\d+)/.exec(operands)?.[1]) - 1] ?? '')
    else if (operation === 'fma.rn.f32') values.set(to, `fma(${x},${y},${z})`)
    else if (operation === 'mul.f32') values.set(to, `(${x}*${y})`)
    else if (operation === 'add.f32') values.set(to, `(${x}+${y})`)
    else if (operation === 'sub.f32') values.set(to, fusedDifference(x ?? '', y ?? ''))
    else if (operation === 'div.rn.f32') values.set(to, `(${x}/${y})`)
    else if (operation === 'mov.f32') values.set(to, x ?? '')
    else if (operation === 'st.global.f32') stored = x ?? ''
  }
  return stored
}

function fusedDifference(x: string, y: string): string {
  const [, a, b] = /^\((\w)\*(\w)\)$/.exec(x) ?? []
  const [, c, d] = /^\((\w)\*(\w)\)$/.exec(y) ?? []
  if (a !== undefined) return `fma(${a},${b},-${y})`
  return c !== undefined ? `fma(-${c},${d},${x})` : `(${x}-${y})`
}
