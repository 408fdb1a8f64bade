import assert from 'node:assert/strict'
import { before, suite, test } from 'node:test'
import type { Program, RunLimits } from '../../protocol/index.ts'
import { CompileBudget } from '../../sandbox/executor/compiler.ts'
import type { OpenJail } from '../../sandbox/executor/open.ts'
import { probeOnce } from '../../sandbox/gpu/device.ts'
import { GpuExecutor } from '../../sandbox/gpu/executor.ts'
import { GpuRunner, gpuAttempts } from '../../sandbox/gpu/runner.ts'
import { IsolatedRunner, LOADER_AT } from '../../sandbox/isolated/runner.ts'
import type { TestRun } from '../../sandbox/types.ts'
import { NO_NVCC, partsHere } from '../nvcc/fixture.ts'
import { patience } from '../support/patience.ts'
import { openStandIn, standInDevice, until } from './fixture.ts'

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
void overruns(int *a, int n, bool frees) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  touch<<<1, 32>>>(d, n + 1);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  if (frees) cudaFree(d);
}
int counts() {
  static int calls = 0;
  int *d;
  cudaMalloc(&d, sizeof(int));
  touch<<<1, 32>>>(d, 1);
  return ++calls;
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
    'int a[3] = {1, 2, 3}; wrapper(overruns, a, 3, true);',
    'int a[3] = {1, 2, 3}; wrapper(overruns, a, 3, false);',
    'wrapper(counts);',
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
    overruns: 11,
    overrunsAndKeeps: 12,
    counts: 13,
  },
} as const

const OPTIONS = { arch: 'sm_90', ways: ['own'] as const, unit: 'isolated' as const }
const printed = ({ output }: TestRun) => Buffer.from(output).toString()
/** What was told, whoever it was of. */
const kinds = (told: readonly string[]) => told.map((one) => one.replace(/^\d+ /, ''))

suite('programs on a GPU that is none', { skip: NO_NVCC, timeout: patience(300_000) }, () => {
  let here: Awaited<ReturnType<typeof standInDevice>>
  let product: Uint8Array
  let throttles: OpenJail['throttles']
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
    const parts = await partsHere()
    throttles = parts.throttles
    here = await standInDevice(parts)
    // The stand-in's kernels are known by name to it alone, so one product does for every row.
    const built = await here.builder.build(PROGRAM, [...PROGRAM.tests.keys()], OPTIONS, new CompileBudget(), signal)
    assert.ok(built.kind === 'product' && built.unit === 'isolated', JSON.stringify(built))
    product = built.bytes
  })

  test('the known kernel computes, in the least jail', async () => {
    const probe = await probeOnce(here.parts, [LOADER_AT, 'probe'], here.parts.shows, { signal })
    assert.ok(probe.kind === 'computes')
    assert.deepEqual([probe.device.computeCapability, probe.device.leftBytes, probe.refused], ['9.0', 0, []])
  })

  test('the plain pass: what it prints, kernel time, peak of device memory', async () => {
    const made = await run('plain', TEST.touched)
    assert.equal(made.status, 'success')
    assert.match(printed(made), /\[ 16843010, 16843011, 16843012 \]/)
    // By the stand-in's clock every launch takes half a millisecond.
    assert.deepEqual([made.measured.kernelMs, made.measured.peakGpuMemoryBytes], [0.5, 12])
  })

  const ISOLATED: { id: string; index: number; flags: string[] }[] = [
    { id: 'a kernel that changes its argument', index: TEST.touched, flags: [] },
    { id: 'one that has nothing to change, in place', index: TEST.untouched, flags: [] },
    { id: 'the work done by the host', index: TEST.onHost, flags: ['no-kernel-work'] },
    { id: 'a sum that is 0', index: TEST.zeroSum, flags: [] },
    { id: 'device memory that nobody has set', index: TEST.unset, flags: ['undefined-behaviour'] },
    { id: 'a kernel that writes past the end', index: TEST.overruns, flags: ['undefined-behaviour'] },
    { id: 'the same, of memory that is never freed', index: TEST.overrunsAndKeeps, flags: ['undefined-behaviour'] },
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

  test('a process takes one test: nothing of it is there for the next', async () => {
    for (const _ of [1, 2]) assert.match(printed(await run('plain', TEST.counts)), /Return value: 1\b/)
  })

  test('one has the GPU, and the next has its context ready meanwhile; no others are started', async () => {
    const { told } = here
    told.length = 0
    const first = under('STAND_IN_HANG=touch', async () => {
      const hung = run('plain', TEST.touched, { ...LIMITS, wallMs: 1500 })
      await until(told, /has its orders/)
      return { hung }
    })
    const { hung } = await first
    const others = [1, 2].map(() => run('plain', TEST.touched))
    await until(told, /is ready/, 2)
    assert.deepEqual(kinds(told), ['is ready', 'has its orders', 'is ready'])
    const [end, ...ends] = await Promise.all([hung, ...others])
    assert.deepEqual([end.status, ...ends.map(({ status }) => status)], ['timeout', 'success', 'success'])
    // The device is looked at after the one that was stopped, before the next has it.
    assert.deepEqual(
      kinds(told).filter((kind) => kind !== 'is ready'),
      ['has its orders', 'ends', 'probe', 'has its orders', 'ends', 'has its orders', 'ends'],
    )
  })

  test('many at once: one at a time, each process with one test, and no look at a device that nobody harmed', async () => {
    const { told } = here
    told.length = 0
    const runs = await Promise.all(Array.from({ length: 6 }, () => run('plain', TEST.counts)))
    for (const one of runs) assert.match(printed(one), /Return value: 1\b/)
    const turns = told.filter((one) => !one.endsWith('is ready'))
    const numbers = turns.filter((one) => one.endsWith('ends')).map((one) => one.split(' ')[0])
    assert.deepEqual(
      turns,
      numbers.flatMap((number) => [`${number} has its orders`, `${number} ends`]),
    )
    assert.equal(new Set(numbers).size, 6)
  })

  test('programs are built while another has the GPU', async () => {
    const { told, builder } = here
    told.length = 0
    const abort = new AbortController()
    const order = { program: PROGRAM, product, index: TEST.touched, executor: 'gpu' as const, limits: LIMITS }
    const { hung } = await under('STAND_IN_HANG=touch', async () => {
      const run = new GpuRunner({ device: here.device }).run({ ...order, limits: { ...LIMITS, wallMs: 300_000 } }, abort)
      await until(told, /has its orders/)
      return { hung: run.catch((error: unknown) => error) }
    })
    const other = { ...PROGRAM, code: `${PROGRAM.code}\nint made_at = ${Date.now()};` }
    const built = await builder.build(other, [0], OPTIONS, new CompileBudget(), signal)
    assert.equal(built.kind, 'product')
    assert.deepEqual(kinds(told), ['is ready', 'has its orders'])
    abort.abort(new Error('enough'))
    assert.match(String(await hung), /enough/)
  })

  test('a program’s own code and its own signal', async () => {
    here.told.length = 0
    assert.match((await run('plain', TEST.exits)).detail, /exit code 3/)
    assert.match((await run('plain', TEST.dies)).detail, /SIGABRT/)
    assert.equal((await run('isolated', TEST.exits)).status, 'runtime_error')
    assert.equal(here.device.outOfService, null)
    // Once, after the signal: a code is the program's own matter.
    assert.equal(here.told.filter((one) => one === 'probe').length, 1)
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

  test('a device that does not recover is out of service, until it computes again; nothing is said of the run', async () => {
    const told: (string | null)[] = []
    here.device.onChange(() => told.push(here.device.outOfService))
    const { environment } = here
    here.told.length = 0
    const { dead } = await under('STAND_IN_HANG=touch', async () => {
      const hung = run('plain', TEST.touched, { ...LIMITS, wallMs: 2000 })
      // It has its environment since it was started; the probes after it have another.
      await until(here.told, /is ready/)
      environment.push('STAND_IN_NO_CONTEXT=1')
      return { dead: hung }
    })
    await assert.rejects(dead, { code: 'gpu' })
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

    const { told } = here
    told.length = 0
    const seen: string[][] = []
    const one = { ...PROGRAM, tests: [PROGRAM.tests[0] ?? ''] }
    await executor.execute(one, 'plain', LIMITS, { signal, onBuilt: () => seen.push([...told]) })
    assert.deepEqual(seen, [[]], 'it says once that it is built, before it asks for the GPU')
    assert.deepEqual(kinds(told), ['is ready', 'has its orders', 'ends'])
  })

  test('runs for the GPU’s share of the time, and its wall time stands meanwhile', async () => {
    throttles.gpu.share = 0.2
    try {
      const began = performance.now()
      const ended = await under('STAND_IN_HANG=touch', () => run('plain', TEST.touched, { ...LIMITS, wallMs: 600 }))
      assert.equal(ended.status, 'timeout')
      // 600 ms, of which each second has 200: twice at least it stood for 800.
      assert.ok(performance.now() - began >= 600 + 2 * 800)
    } finally {
      throttles.gpu.share = 1
    }
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
