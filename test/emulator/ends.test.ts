import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type Built, buildFeatures, type Feature } from './build.ts'

const ALLOCATED = 'int *d; cudaMalloc(&d, 4096);'

/** Programs the emulator cannot act out: they end as such, never with a wrong answer. */
const UNSUPPORTED: (Feature & { reason: RegExp })[] = [
  {
    id: 'a barrier that some threads wait at and others never reach',
    code: '__global__ void half_way(int *p) { if (threadIdx.x < 5) __syncthreads(); else __syncwarp(0xffffffe0u | 1u << threadIdx.x % 32 | 1); }',
    test: `${ALLOCATED} half_way<<<1, 32>>>(d); cudaDeviceSynchronize(); cout << "on";`,
    reason: /wait for each other for ever/,
    prints: '',
  },
  {
    id: 'blocks that wait for later blocks',
    code: '__global__ void across(int *p) { if (blockIdx.x == 0) while (atomicAdd(p, 0) == 0) {} else atomicExch(p, 1); }',
    test: `${ALLOCATED} across<<<2, 1>>>(d); cudaDeviceSynchronize();`,
    reason: /no thread of their block changes/,
    prints: '',
  },
  {
    id: 'integer division by zero',
    code: '__global__ void divide(int *p) { p[0] = 7 / p[1]; }',
    test: `${ALLOCATED} divide<<<1, 1>>>(d); cudaDeviceSynchronize();`,
    reason: /division by zero/,
    prints: '',
  },
  {
    id: 'a mask that leaves out the caller',
    code: '__global__ void left_out(int *p) { p[threadIdx.x] = __shfl_sync(1u, 3, 0); }',
    test: `${ALLOCATED} left_out<<<1, 32>>>(d);`,
    reason: /mask that leaves it out/,
    prints: '',
  },
  {
    id: 'more stack than a thread has',
    code: '__device__ int deeper(volatile int *p, int n) { volatile int local[1000]; local[n % 1000] = n; return n == 0 ? p[0] : deeper(p, n - 1) + local[n % 1000]; } __global__ void deep_calls(int *p) { p[0] = deeper(p, 1000); }',
    test: `${ALLOCATED} deep_calls<<<1, 1>>>(d);`,
    reason: /more stack/,
    prints: '',
  },
  {
    id: 'a launch of a template by an address without a type',
    code: 'template <class T> __global__ void typed(T *p) { p[0] = 1; }',
    test: `${ALLOCATED} void *args[] = {&d}; cudaLaunchKernel((void *)typed<int>, 1, 1, args, 0, 0);`,
    reason: /known by its address alone/,
    prints: '',
  },
  {
    id: 'a barrier across blocks',
    code: '#include <cooperative_groups.h>\n__global__ void meet() { cooperative_groups::this_grid().sync(); }',
    test: `${ALLOCATED} meet<<<1, 32>>>(); meet<<<2, 32>>>();`,
    reason: /barrier across blocks/,
    prints: '',
  },
  {
    id: 'a reservation larger than the arena',
    test: 'char *big; cudaMalloc(&big, 20ULL << 30);',
    reason: /more device memory/,
    prints: '',
  },
]

const ENDLESS: Feature = {
  id: 'endless',
  code: '__global__ void endless(volatile int *p) { while (p[0] == 0) p[1]++; }',
  test: `${ALLOCATED} endless<<<1, 1>>>(d); cout << "never";`,
  prints: '',
}

let built: Built
before(() => {
  built = buildFeatures('emulated', [...UNSUPPORTED, ENDLESS])
})
after(() => built[Symbol.dispose]())

for (const [index, { id, reason }] of UNSUPPORTED.entries()) {
  test(`unsupported: ${id}`, () => {
    const { code, stdout, report } = built.run(index)
    assert.match(report, /^unsupported [^\n]+\n$/)
    assert.match(report, reason)
    assert.deepEqual({ code, stdout }, { code: 86, stdout: '' })
  })
}

test('a device process dies with its host, in the middle of an endless kernel', { timeout: 30_000 }, async () => {
  const host = spawn(built.path, [String(UNSUPPORTED.length)], { stdio: 'ignore' })
  const device = await childOf(host.pid ?? 0)
  await busy(device)
  const ended = new Promise((resolve) => host.once('close', resolve))
  host.kill('SIGKILL')
  await ended
  await until(() => stateOf(device) === null)
})

/** Waiting for another process's state: it tells nobody, so it is asked until it is so, within the test's time limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

async function childOf(host: number): Promise<number> {
  let child = 0
  await until(() => {
    child = processes().find((pid) => stateOf(pid)?.parent === host) ?? 0
    return child !== 0
  })
  return child
}

async function busy(pid: number): Promise<void> {
  const TICKS = 5
  await until(() => (stateOf(pid)?.ticks ?? 0) > TICKS)
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

/** From /proc/PID/stat; null when the process is gone or only waits to be collected. */
function stateOf(pid: number): { parent: number; ticks: number } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? null : { parent: Number(fields[1]), ticks: Number(fields[11]) }
  } catch {
    return null
  }
}
