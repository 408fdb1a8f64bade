import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { type Built, buildFeatures, type Feature } from './build.ts'

const TO_64 =
  'int h[64]; for (int i = 0; i < 64; i++) h[i] = i; int *a, *o, r = 0; cudaMalloc(&a, 256); cudaMalloc(&o, 256); cudaMemcpy(a, h, 256, cudaMemcpyHostToDevice);'
const FETCH = 'cudaMemcpy(&r, o, 4, cudaMemcpyDeviceToHost); cout << r;'

/** Kernels with the lines of their code that race, and what they print in each order. */
interface Kernel extends Omit<Feature, 'prints'> {
  /** Lines of `code`, from 1; empty for none. */
  races: number[]
  forward: string
  reverse: string
  /** Left out where it only must differ from both. */
  interleaved?: string
}

const KERNELS: Kernel[] = [
  {
    id: 'a sum that nothing guards',
    code: `__global__ void sum_plainly(int *o, const int *a) {
  *o += a[blockIdx.x * blockDim.x + threadIdx.x];
}`,
    test: `${TO_64} sum_plainly<<<2, 32>>>(o, a); ${FETCH}`,
    races: [2],
    forward: '2016',
    reverse: '2016',
  },
  {
    id: 'the same between blocks of one thread',
    code: `__global__ void sum_of_blocks(int *o, const int *a) {
  *o += a[blockIdx.x];
}`,
    test: `${TO_64} sum_of_blocks<<<64, 1>>>(o, a); ${FETCH}`,
    races: [2],
    forward: '2016',
    reverse: '2016',
    interleaved: '2016',
  },
  {
    id: 'an atomic sum',
    code: '__global__ void sum_atomically(int *o, const int *a) { atomicAdd(o, a[blockIdx.x * blockDim.x + threadIdx.x]); }',
    test: `${TO_64} sum_atomically<<<2, 32>>>(o, a); ${FETCH}`,
    races: [],
    forward: '2016',
    reverse: '2016',
    interleaved: '2016',
  },
  {
    id: 'shared memory without a barrier',
    code: `__global__ void reverse_early(int *o, const int *a) {
  __shared__ int s[64];
  s[threadIdx.x] = a[threadIdx.x];
  o[63 - threadIdx.x] = s[63 - threadIdx.x] + 1;
}`,
    test: `${TO_64} reverse_early<<<1, 64>>>(o, a); ${FETCH} cudaMemcpy(&r, o + 63, 4, cudaMemcpyDeviceToHost); cout << " " << r;`,
    races: [3, 4],
    forward: '1 1',
    reverse: '1 64',
  },
  {
    id: 'the same with one, and blocks that use the same shared memory after each other',
    code: `__global__ void reverse_block(int *o, const int *a) {
  __shared__ int s[32]; int at = blockIdx.x * 32;
  s[threadIdx.x] = a[at + threadIdx.x]; __syncthreads(); o[at + threadIdx.x] = s[31 - threadIdx.x];
}`,
    test: `${TO_64} reverse_block<<<2, 32>>>(o, a); reverse_block<<<2, 32>>>(o, o); ${FETCH} cudaMemcpy(&r, o + 63, 4, cudaMemcpyDeviceToHost); cout << " " << r;`,
    races: [],
    forward: '0 63',
    reverse: '0 63',
    interleaved: '0 63',
  },
  {
    id: 'a tree within a warp, with __syncwarp',
    code: `__global__ void tree(int *o, const int *a) {
  __shared__ int s[64]; int t = threadIdx.x; s[t] = a[t]; __syncwarp();
  for (int half = 16; half > 0; half /= 2) { if (t < half) s[t] += s[t + half]; __syncwarp(); }
  if (t == 0) o[0] = s[0];
}`,
    test: `${TO_64} tree<<<1, 32>>>(o, a); ${FETCH}`,
    races: [],
    forward: '496',
    reverse: '496',
    interleaved: '496',
  },
  {
    id: 'the same without',
    code: `__global__ void tree_in_step(int *o, const int *a) {
  __shared__ int s[64]; int t = threadIdx.x; s[t] = a[t]; __syncthreads();
  for (int half = 16; half > 0; half /= 2) {
    if (t < half) s[t] += s[t + half];
  }
  if (t == 0) o[0] = s[0];
}`,
    test: `${TO_64} tree_in_step<<<1, 32>>>(o, a); ${FETCH}`,
    races: [4],
    forward: '31',
    reverse: '496',
  },
  {
    id: 'all write the same, neighbours write neighbouring bytes',
    code: '__global__ void flag(int *o, char *c) { o[0] = 5; c[blockIdx.x * blockDim.x + threadIdx.x] = 1; }',
    test: `${TO_64} flag<<<2, 32>>>(o, (char *)a); ${FETCH}`,
    races: [],
    forward: '5',
    reverse: '5',
    interleaved: '5',
  },
  {
    id: 'the last one writes',
    code: `__global__ void who_is_last(int *o) {
  o[0] = blockIdx.x * blockDim.x + threadIdx.x;
}`,
    test: `${TO_64} who_is_last<<<2, 32>>>(o); ${FETCH}`,
    races: [2],
    forward: '63',
    reverse: '0',
  },
  {
    id: 'an atomic maximum by compare-and-swap',
    code: `__device__ void raise_to(int *o, int v) {
  int old = *o, assumed; do { assumed = old; if (assumed >= v) return; old = atomicCAS(o, assumed, v); } while (old != assumed);
}
__global__ void largest(int *o, const int *a) { raise_to(o, a[blockIdx.x * blockDim.x + threadIdx.x]); }`,
    test: `${TO_64} largest<<<2, 32>>>(o, a); ${FETCH}`,
    races: [],
    forward: '63',
    reverse: '63',
    interleaved: '63',
  },
  {
    id: 'a count that is read while others count',
    code: `__global__ void count_and_read(int *o, int *count) {
  atomicAdd(count, 1); o[threadIdx.x] = *count;
}`,
    test: `${TO_64} cudaMemset(a, 0, 4); count_and_read<<<1, 64>>>(o, a); ${FETCH}`,
    races: [2],
    forward: '1',
    reverse: '64',
  },
  {
    id: 'the last block reads what the others have fenced',
    code: `__global__ void of_all(int *part, unsigned *done, int *o) {
  __shared__ bool last; if (threadIdx.x == 0) part[blockIdx.x] = blockIdx.x; __threadfence();
  if (threadIdx.x == 0) last = atomicInc(done, gridDim.x) == gridDim.x - 1; __syncthreads();
  if (last && threadIdx.x == 0) { int s = 0; for (int i = 0; i < gridDim.x; i++) s += part[i]; *o = s; }
}`,
    test: `${TO_64} unsigned *done; cudaMalloc(&done, 4); of_all<<<64, 32>>>(a, done, o); ${FETCH}`,
    races: [],
    forward: '2016',
    reverse: '2016',
    interleaved: '2016',
  },
]

/** The first line of a kernel's code in the text that all share. */
const firstLine = KERNELS.map((_, index) => 1 + KERNELS.slice(0, index).flatMap(({ code = '' }) => code.split('\n')).length)

let built: Built
before(() => {
  built = buildFeatures(
    'emulated',
    KERNELS.map(({ forward, ...rest }) => ({ ...rest, prints: forward })),
    { watched: true },
  )
})
after(() => built[Symbol.dispose]())

for (const [index, kernel] of KERNELS.entries()) {
  const { id, races, forward, reverse, interleaved } = kernel
  test(`${races.length === 0 ? 'orderly' : 'a race'}: ${id}`, () => {
    const ran = (['forward', 'reverse', 'interleaved'] as const).map((order) => built.run(index, order))
    const [first, second, third] = ran.map(({ stdout }) => stdout)
    assert.deepEqual([first, second], [forward, reverse])
    if (interleaved !== undefined) assert.equal(third, interleaved)
    else assert.ok(third !== first || third !== second, `interleaved prints ${third} too`)
    const lines = ran.map(({ report }) => reportedLines(report).map((line) => line - (firstLine[index] ?? 0) + 1))
    if (races.length === 0) assert.deepEqual(lines, [[], [], []])
    // Another order may show another of several places first, never one that does not race.
    assert.deepEqual(lines[0], races)
    for (const found of lines)
      assert.ok(
        found.every((line) => races.includes(line)),
        String(found),
      )
  })
}

const MISALIGNED: Feature[] = [
  {
    id: 'what is not aligned for its type',
    code: `__global__ void odd_float(char *p) { *(float *)(p + threadIdx.x) = 1; }
__global__ void odd_four(const float *p, float4 *o) { *o = *(const float4 *)(p + 1); }
struct __attribute__((packed)) Packed { char c; int i; }; __global__ void packed(Packed *p) { p->i = 7; }`,
    test: 'char *p; cudaMalloc(&p, 64); odd_float<<<1, 1>>>(p); cout << cudaDeviceSynchronize(); packed<<<1, 1>>>((Packed *)p); cout << cudaDeviceSynchronize(); odd_float<<<1, 2>>>(p); cout << " " << cudaGetErrorName(cudaDeviceSynchronize());',
    prints: '00 cudaErrorMisalignedAddress',
  },
  {
    id: 'a vector of four, at a float',
    test: 'float *p; float4 *o; cudaMalloc(&p, 64); cudaMalloc(&o, 16); odd_four<<<1, 1>>>(p + 3, o); cout << cudaDeviceSynchronize(); odd_four<<<1, 1>>>(p, o); cout << " " << cudaDeviceSynchronize();',
    prints: '0 716',
  },
]

test('misaligned accesses fail the kernel', () => {
  const watched = buildFeatures('emulated', MISALIGNED, { watched: true })
  try {
    for (const [index, { id, prints }] of MISALIGNED.entries()) {
      const { stdout, report } = watched.run(index)
      assert.deepEqual({ id, stdout }, { id, stdout: prints })
      assert.match(
        report,
        /^misaligned [0-9a-f]+ (?:4|8|16) bytes at an address that is \d more than a multiple of that, by thread [01] of block 0\n$/,
      )
    }
  } finally {
    watched[Symbol.dispose]()
  }
})

test('an order that is not there is refused', () => {
  const plain = buildFeatures('emulated', [{ id: 'nothing', test: 'cout << 1;', prints: '1' }])
  try {
    assert.match(plain.run(0, 'interleaved').report, /^unsupported .*interleaved/)
    assert.equal(plain.run(0, 'reverse').stdout, '1')
  } finally {
    plain[Symbol.dispose]()
  }
})

/** The lines of the code that reports name, in order, each once. */
function reportedLines(report: string): number[] {
  const offsets = [...report.matchAll(/^race ([0-9a-f]+) /gm)].map(([, offset = '']) =>
    (Number.parseInt(offset, 16) - 1).toString(16),
  )
  if (offsets.length === 0) return []
  const found = spawnSync('addr2line', ['-e', built.path, ...offsets])
    .stdout.toString()
    .trim()
    .split('\n')
  const lines = found.map((line) => Number(/\bcode:(\d+)/.exec(line)?.[1]))
  return [...new Set(lines)].sort((a, b) => a - b)
}
