import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { Program, RunLimits } from '../../protocol/index.ts'
import { CompileBudget } from '../../sandbox/executor/compiler.ts'
import { probeOnce } from '../../sandbox/gpu/device.ts'
import { GpuExecutor } from '../../sandbox/gpu/executor.ts'
import { GpuRunner, gpuAttempts } from '../../sandbox/gpu/runner.ts'
import { IsolatedRunner, LOADER_AT } from '../../sandbox/isolated/runner.ts'
import { patience } from '../support/patience.ts'
import { NO_NVCC, openStandIn, partsHere, standInDevice } from './fixture.ts'

const LIMITS: RunLimits = { wallMs: 20_000, memoryBytes: 128 * 1024 ** 2, outputBytes: 64 * 1024 }
const { signal } = new AbortController()

/** One program for all rows, so that it is compiled once. Of its kernels `touch` alone does something, in the stand-in. */
const PROGRAM: Program = {
  v: 1,
  side: 'cuda',
  code: `__global__ void touch(int *a, int n) {}
__global__ void nothing(int *a, int n) {}
__device__ int seen = 5;`,
  wrapper: `#include <cstdlib>
#include <unistd.h>
void by_kernel(int *a, int n, bool work) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  if (work) touch<<<1, 32>>>(d, n);
  else nothing<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}
void on_host(int *a, int *out, int n) {
  int *d;
  for (int i = 0; i < n; i++) out[i] = 2 * a[i];
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, out, n * sizeof(int), cudaMemcpyHostToDevice);
  nothing<<<1, 32>>>(d, n);
  cudaMemcpy(out, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}
void zero_sum(int *out) {
  int *d;
  cudaMalloc(&d, sizeof(int));
  cudaMemset(d, 0, sizeof(int));
  nothing<<<1, 32>>>(d, 1);
  cudaMemcpy(out, d, sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}
void unset(int *out, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  touch<<<1, 32>>>(d, n);
  cudaMemcpy(out, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}
void copied_through(int *a, int *out, int n) {
  int *d, *e;
  cudaMalloc(&d, n * sizeof(int));
  cudaMalloc(&e, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  touch<<<1, 32>>>(d, n);
  cudaMemcpy(e, d, n * sizeof(int), cudaMemcpyDeviceToDevice);
  cudaMemcpy(out, e, n * sizeof(int), cudaMemcpyDeviceToHost);
}
void managed(int *a, int n) {
  int *m;
  cudaMallocManaged(&m, n * sizeof(int));
  for (int i = 0; i < n; i++) m[i] = a[i];
  touch<<<1, 32>>>(m, n);
  cudaDeviceSynchronize();
  for (int i = 0; i < n; i++) a[i] = m[i];
  cudaFree(m);
}
int symbol(int x) {
  int back = 0;
  cudaMemcpyToSymbol(seen, &x, sizeof(int));
  nothing<<<1, 1>>>(nullptr, 0);
  cudaMemcpyFromSymbol(&back, seen, sizeof(int));
  return back;
}
void too_many(int n) { touch<<<1, 4096>>>(nullptr, n); }
void leaves(int code) { _exit(code); }
void dies(int) { abort(); }`,
  tests: [
    'int a[3] = {1, 2, 3}; wrapper(by_kernel, a, 3, true);',
    'int a[3] = {1, 2, 3}; wrapper(by_kernel, a, 3, false);',
    'int a[3] = {1, 2, 3}, out[3] = {}; wrapper(on_host, a, out, 3);',
    'int out[1] = {9}; wrapper(zero_sum, out);',
    'int out[3] = {}; wrapper(unset, out, 3);',
    'int a[3] = {1, 2, 3}, out[3] = {}; wrapper(copied_through, a, out, 3);',
    'int a[3] = {1, 2, 3}; wrapper(managed, a, 3);',
    'wrapper(symbol, 7);',
    'wrapper(too_many, 1);',
    'wrapper(leaves, 3);',
    'wrapper(dies, 0);',
  ],
}
const TEST = {
  ...{
    touched: 0,
    untouched: 1,
    onHost: 2,
    zeroSum: 3,
    unset: 4,
    through: 5,
    managed: 6,
    symbol: 7,
    tooMany: 8,
    exits: 9,
    dies: 10,
  },
} as const

suite('programs on a GPU that is none', { skip: NO_NVCC, timeout: patience(300_000) }, () => {
  let here: Awaited<ReturnType<typeof standInDevice>>
  let product: Uint8Array
  const run = async (pass: 'plain' | 'isolated', index: number, limits = LIMITS) => {
    const { device } = here
    const runner = pass === 'plain' ? new GpuRunner({ device }) : new IsolatedRunner(gpuAttempts({ device }))
    return await runner.run({ program: PROGRAM, product, index, executor: 'gpu', limits }, { signal })
  }
  const under = async <T>(setting: string, work: () => Promise<T>): Promise<T> => {
    here.environment.push(setting)
    return await work().finally(() => here.environment.splice(here.environment.indexOf(setting), 1))
  }

  before(async () => {
    here = await standInDevice(await partsHere())
    // The stand-in's kernels are known by name to it alone, so one product does for every row.
    const options = { arch: 'sm_90', ways: ['own'] as const, unit: 'isolated' as const }
    const built = await here.builder.build(PROGRAM, [...PROGRAM.tests.keys()], options, new CompileBudget(), signal)
    assert.ok(built.kind === 'product' && built.unit === 'isolated', JSON.stringify(built))
    product = built.bytes
  })

  test('the known kernel computes, in the least jail', async () => {
    const probe = await probeOnce(here.parts, [LOADER_AT, 'probe'], here.parts.shows, { signal })
    assert.ok(probe.kind === 'computes')
    assert.deepEqual([probe.device.computeCapability, probe.device.leftBytes, probe.refused], ['9.0', 0, []])
  })

  test('the plain pass: what it prints, kernel time, peak of device memory', async () => {
    const { status, output, measured } = await run('plain', TEST.touched)
    assert.equal(status, 'success')
    assert.match(Buffer.from(output).toString(), /\[ 16843010, 16843011, 16843012 \]/)
    // By the stand-in's clock every launch takes half a millisecond.
    assert.deepEqual([measured.kernelMs, measured.peakGpuMemoryBytes], [0.5, 12])
  })

  const ISOLATED: { id: string; index: number; flags: string[] }[] = [
    { id: 'a kernel that changes its argument', index: TEST.touched, flags: [] },
    { id: 'one that has nothing to change, in place', index: TEST.untouched, flags: [] },
    { id: 'the work done by the host', index: TEST.onHost, flags: ['no-kernel-work'] },
    { id: 'a sum that is 0', index: TEST.zeroSum, flags: [] },
    { id: 'device memory that nobody has set', index: TEST.unset, flags: ['undefined-behaviour'] },
    { id: 'a copy between two buffers', index: TEST.through, flags: [] },
    { id: 'managed memory', index: TEST.managed, flags: [] },
    { id: 'a variable that no kernel writes', index: TEST.symbol, flags: ['no-kernel-work'] },
    { id: 'a launch that fails, its error read by nobody', index: TEST.tooMany, flags: ['cuda-error', 'no-kernel-work'] },
  ]
  for (const { id, index, flags } of ISOLATED) {
    test(`the isolated pass: ${id}`, async () => {
      const { status, findings, detail } = await run('isolated', index)
      assert.equal(status, 'success', detail)
      assert.deepEqual(findings.map(({ flag }) => flag).sort(), flags)
    })
  }

  test('a program’s own code and its own signal', async () => {
    assert.match((await run('plain', TEST.exits)).detail, /exit code 3/)
    assert.match((await run('plain', TEST.dies)).detail, /SIGABRT/)
    assert.equal((await run('isolated', TEST.exits)).status, 'runtime_error')
    assert.equal(here.device.outOfService, null)
  })

  test('a kernel without end is stopped, and the GPU is looked at before the next', async () => {
    const hung = await under('STAND_IN_HANG=touch', () => run('plain', TEST.touched, { ...LIMITS, wallMs: 1000 }))
    assert.equal(hung.status, 'timeout')
    assert.equal((await run('plain', TEST.touched)).status, 'success')
  })

  test('an illegal address that nobody reads', async () => {
    const { findings } = await under('STAND_IN_ILLEGAL=touch', () => run('isolated', TEST.touched))
    assert.ok(findings.some(({ flag, what }) => flag === 'cuda-error' && what.includes('cudaErrorIllegalAddress')))
    assert.equal(here.device.outOfService, null)
  })

  test('a device that does not recover is out of service, until it computes again', async () => {
    const told: (string | null)[] = []
    here.device.onChange(() => told.push(here.device.outOfService))
    const { environment } = here
    const dead = await under('STAND_IN_HANG=touch', async () => {
      const waits = run('plain', TEST.touched, { ...LIMITS, wallMs: 2000 })
      // Its process has its environment as soon as it is started; the probes after it have another.
      await new Promise((resolve) => setTimeout(resolve, 500))
      environment.push('STAND_IN_NO_CONTEXT=1')
      return await waits
    })
    assert.equal(dead.status, 'timeout')
    assert.match(here.device.outOfService ?? '', /cudaErrorNoDevice/)
    await assert.rejects(run('plain', TEST.touched), { code: 'gpu' })
    await here.device.recheck()
    assert.match(here.device.outOfService ?? '', /cudaErrorNoDevice/)
    environment.splice(0)
    await here.device.recheck()
    assert.equal(here.device.outOfService, null)
    assert.equal(told.length, 2)
    assert.equal((await run('plain', TEST.touched)).status, 'success')
  })

  test('aborted while it waits and while it runs, everything is gone and the next has its turn', async () => {
    const abort = new AbortController()
    const order = { program: PROGRAM, product, index: TEST.touched, executor: 'gpu' as const, limits: LIMITS }
    const runner = new GpuRunner({ device: here.device })
    const runs = await under('STAND_IN_HANG=touch', async () => {
      const started = [1, 2, 3].map(() => runner.run(order, { signal: abort.signal }))
      const ended = Promise.allSettled(started)
      await new Promise((resolve) => setTimeout(resolve, 800))
      abort.abort(new Error('withdrawn'))
      return await ended
    })
    for (const one of runs) assert.ok(one.status === 'rejected' && /withdrawn/.test(String(one.reason)))
    assert.equal((await run('plain', TEST.touched)).status, 'success')
  })

  test('the executor: all tests of a program in their order, also where one of them does not compile', async () => {
    const { device, builder } = here
    const runners = { plain: new GpuRunner({ device }), isolated: new IsolatedRunner(gpuAttempts({ device })) }
    const executor = new GpuExecutor({ builder, arch: 'sm_90', runners, sharesFile: () => true })
    assert.deepEqual(executor.passes, ['plain', 'isolated'])
    const program = { ...PROGRAM, tests: [PROGRAM.tests[0] ?? '', 'wrapper(nobody, 1);', PROGRAM.tests[7] ?? ''] }
    const { tests, compileMs } = await executor.execute(program, 'plain', LIMITS, { signal })
    assert.deepEqual(
      tests.map(({ status }) => status),
      ['success', 'compile_error', 'success'],
    )
    assert.ok(compileMs > 0)
  })
})

suite('opening a GPU', { skip: NO_NVCC, timeout: patience(120_000) }, () => {
  test('the least row that does; and what is said where none does', async () => {
    const parts = await partsHere()
    const opened = await openStandIn(parts, [])
    assert.ok(opened.executor !== null)
    assert.deepEqual(opened.environment, {
      model: 'stand-in',
      arch: 'sm_90',
      driver: '580.95.05',
      toolkit: opened.environment.toolkit,
      memoryMib: 32,
    })
    assert.ok(opened.limits.includes('gpu-jail:devices') && !opened.limits.includes('memory:address-space'))
    const wrong = await openStandIn(parts, ['STAND_IN_WRONG=1'])
    assert.equal(wrong.executor, null)
    assert.match(wrong.says, /no kernel computes in a jail: devices: .*; processes-topology-more-calls: /)
  })

  test('memory that the driver does not clear is said', async () => {
    const opened = await openStandIn(await partsHere(), ['STAND_IN_DIRTY=1'])
    assert.ok(opened.executor !== null && opened.limits.includes('video-memory:not-cleared,unlimited'))
  })
})
