import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { MUTATION_KINDS, MUTATIONS, type MutationKind } from '../../sandbox/mutate/kinds.ts'
import { applyEdits } from '../../sandbox/source/edits.ts'
import { tokenize } from '../../sandbox/source/tokens.ts'

/** What each kind makes of a text, site by site; nothing where it must leave the text alone. */
const ROWS: { kind: MutationKind; text: string; becomes: string[] }[] = [
  { kind: 'arithmetic', text: 'x = a + b * c;', becomes: ['x = a - b * c;', 'x = a + b + c;'] },
  { kind: 'arithmetic', text: 'float *p = (float *)q; f(-x, &y); T *r;', becomes: [] },
  { kind: 'assignment', text: 's += v; i++;', becomes: ['s -= v; i++;', 's += v; i--;'] },
  { kind: 'comparison', text: 'if (i < n && j >= m) f();', becomes: ['if (i <= n && j >= m) f();', 'if (i < n && j > m) f();'] },
  { kind: 'comparison', text: 'k<float, 4><<<g, b>>>(static_cast<int>(x) >> 1);', becomes: [] },
  { kind: 'logic', text: 'if (!a && b) c();', becomes: ['if (a && b) c();', 'if (!a || b) c();'] },
  { kind: 'logic', text: 'f(int &&x); a != b;', becomes: [] },
  {
    kind: 'bound',
    text: 'for (i = 0; i < n; i++) ;',
    becomes: ['for (i = 0; i < n - 1; i++) ;', 'for (i = 0; i < n + 1; i++) ;'],
  },
  { kind: 'index', text: 'int s[4]; s[i] = 0;', becomes: ['int s[4]; s[i + 1] = 0;', 'int s[4]; s[i - 1] = 0;'] },
  { kind: 'index', text: 'auto f = [=](int v) { return v; };', becomes: [] },
  { kind: 'constant', text: '#define N 16\n', becomes: ['#define N 15\n', '#define N 17\n'] },
  { kind: 'constant', text: 'x = 0.5f;', becomes: ['x = (2 * 0.5f);'] },
  {
    kind: 'type',
    text: 'double x; unsigned int y; std::float z;',
    becomes: ['float x; unsigned int y; std::float z;', 'double x; signed int y; std::float z;'],
  },
  { kind: 'initialisation', text: 'int sum = 0; sum = 0;', becomes: ['int sum ; sum = 0;'] },
  { kind: 'function', text: 'x = min(a, b); int min;', becomes: ['x = max(a, b); int min;'] },
  { kind: 'name', text: 'a[i] = 1;', becomes: ['a[i_] = 1;'] },
  {
    kind: 'statement',
    text: '{ int x; x = 1; f(x); return; }',
    becomes: ['{ int x; ; f(x); return; }', '{ int x; x = 1; ; return; }'],
  },
  { kind: 'semicolon', text: 'a = 1;', becomes: ['a = 1'] },
  { kind: 'condition', text: 'if (i < n) f();', becomes: ['if (!(i < n)) f();'] },
  { kind: 'guard', text: 'if (i < n) f();', becomes: ['if (true) f();'] },
  { kind: 'host-call', text: '__global__ void k() {}', becomes: ['__global__ void k() { std::cout << threadIdx.x; }'] },
  { kind: 'host-call', text: '__global__ void k();', becomes: [] },
  { kind: 'synchronisation', text: '{ s[t] = 1; __syncthreads(); }', becomes: ['{ s[t] = 1; ; }'] },
  {
    kind: 'atomic',
    text: '{ atomicAdd(&s[i], f(a, b)); x = atomicAdd(p, 1); }',
    becomes: ['{ *(&s[i]) += f(a, b); x = atomicAdd(p, 1); }'],
  },
  { kind: 'copy', text: '{ cudaMemcpy(a, b, n, k); }', becomes: ['{ ; }'] },
  { kind: 'direction', text: 'f(cudaMemcpyHostToDevice);', becomes: ['f(cudaMemcpyDeviceToHost);'] },
  { kind: 'allocation', text: '{ cudaMalloc(&p, n); cudaFree(p); }', becomes: ['{ ; cudaFree(p); }'] },
  { kind: 'size', text: 'n * sizeof(float)', becomes: ['n * 1'] },
  { kind: 'launch', text: '{ k<<<1, n>>>(a); }', becomes: ['{ ; }'] },
  { kind: 'grid', text: 'k<<<(n + 7) / 8, 8>>>(a);', becomes: ['k<<<(n + 7) / 8 - 1, 8>>>(a);'] },
  { kind: 'grid', text: 'k<<<blocks, 8>>>(a);', becomes: ['k<<<1, 8>>>(a);'] },
  { kind: 'grid', text: 'dim3 g((w + 7) / 8, h); dim3 b(8);', becomes: ['dim3 g((w + 7) / 8 - 1, h); dim3 b(8);'] },
  { kind: 'thread-number', text: 'threadIdx.x', becomes: ['blockIdx.x', 'threadIdx.y'] },
  { kind: 'arguments', text: 'k<<<1, n>>>(a, b + 1, b + 1);', becomes: ['k<<<1, n>>>(b + 1, a, b + 1);'] },
  { kind: 'arguments', text: 'void f(int a, int b) { if (a) g(); }', becomes: [] },
  { kind: 'qualifier', text: '__device__ int f();', becomes: ['int f();'] },
]

const plain = (text: string) => text.trim().replaceAll(/ +/g, ' ')

describe('the kinds of mutation', () => {
  for (const { kind, text, becomes } of ROWS) {
    test(`${kind}: ${text.trim()}`, () => {
      const made = MUTATIONS[kind](tokenize(text).tokens).map((site) => applyEdits(text, [site]))
      assert.deepEqual(made.map(plain), becomes.map(plain))
    })
  }

  test('stand in docs/mutants.md, and no others', () => {
    const page = readFileSync(new URL('../../docs/mutants.md', import.meta.url), 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| `'))
    const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name))
    assert.deepEqual(listed.sort(), [...MUTATION_KINDS].sort())
  })

  test('have an example each', () => {
    assert.deepEqual(
      MUTATION_KINDS.filter((kind) => !ROWS.some((row) => row.kind === kind && row.becomes.length > 0)),
      [],
    )
  })
})
