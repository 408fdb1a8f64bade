import assert from 'node:assert/strict'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskEntry } from '../../coordinator/state/model.ts'
import type { Volunteer } from '../../node/index.ts'
import type { Environment, ExecutorName, ResearcherClient, RoundSpec } from '../../protocol/index.ts'
import { openSandbox } from '../../sandbox/executor/open.ts'
import { projectComposer } from '../../sandbox/executor/project-composer.ts'
import type { OpenGpu } from '../../sandbox/gpu/index.ts'
import { NO_NVCC } from '../nvcc/fixture.ts'
import { CACHE } from '../support/cache.ts'
import { FakeSandbox, honest } from '../support/fake-sandbox.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { ended, SPEC, TestSwarm } from '../support/swarm.ts'
import { openStandIn } from './fixture.ts'

const GPU_SPEC: RoundSpec = { ...SPEC, executor: 'gpu', policy: { kind: 'majority', quorum: 1, replicas: 1 } }
const STRICT: Partial<RoundSpec> = { rule: 'strict', passes: ['isolated'] }

/** A case whose kernel does on a GPU what the stand-in does for every kernel of that name: 1 to each byte. */
function caseLine(id: string, { launches = 1 } = {}): string {
  const test = (name: string) => [`int a[3] = {1, 2, ${id.length}};\nwrapper(${name}, a, 3);`]
  return JSON.stringify({
    id,
    cpp_code: 'void add(int *a, int n) { for (int i = 0; i < n; i++) a[i] += 0x01010101; }',
    cuda_code: '__global__ void touch(int *a, int n) { if (threadIdx.x < n) a[threadIdx.x] += 0x01010101; }',
    cuda_wrapper: `void add_cuda(int *a, int n) {
  int *d;
  cudaMalloc(&d, n * sizeof(int));
  cudaMemcpy(d, a, n * sizeof(int), cudaMemcpyHostToDevice);
  for (int i = 0; i < ${launches}; i++) touch<<<1, 32>>>(d, n);
  cudaMemcpy(a, d, n * sizeof(int), cudaMemcpyDeviceToHost);
  cudaFree(d);
}`,
    consistent_cpp_inputs: test('add'),
    consistent_cuda_inputs: test('add_cuda'),
  })
}

/** A sandbox of this machine with a GPU that is none; `settings` is the file by which it is told how to behave. */
async function sandboxWithGpu(t: TestContext) {
  // As root, jails are made by nobody, who may not look into a scratch folder.
  const settings = join(CACHE, `stand-in-${process.pid}-${t.name.length}`)
  t.after(async () => await rm(settings, { force: true }))
  await writeFile(settings, '')
  let gpu: OpenGpu | null = null
  const openGpu: typeof import('../../sandbox/gpu/index.ts').openGpu = async (parts) => {
    gpu = await openStandIn(parts, [], { driver: [{ kind: 'shown', path: settings, at: '/stand-in' }] })
    return gpu
  }
  const sandbox = await openSandbox({ composer: projectComposer, openGpu }, { cacheDir: CACHE })
  assert.ok(sandbox.gpu.used, sandbox.gpu.says)
  const { device } = gpu as unknown as Extract<OpenGpu, { device: unknown }>
  const behave = async (text: string) => {
    await writeFile(`${settings}.new`, text)
    await rename(`${settings}.new`, settings)
  }
  return { sandbox, device, behave }
}

/** A node that says it has a GPU of that architecture. */
class FakeGpu extends FakeSandbox {
  readonly #arch: string
  constructor(arch: string) {
    super(honest, ['host', 'gpu'])
    this.#arch = arch
  }

  override environment(executor: ExecutorName): Environment {
    const own = super.environment(executor)
    return own.gpu === null ? own : { ...own, gpu: { ...own.gpu, arch: this.#arch } }
  }
}

function tasksBy(swarm: TestSwarm, executor: ExecutorName): TaskEntry[] {
  return [...swarm.coordinator.ledger.state.tasks.values()].filter(({ task }) => task.executor === executor)
}

async function start(t: TestContext) {
  const folder = await scratch(t)
  const swarm = await TestSwarm.start(t, folder)
  const submit = async (client: ResearcherClient, name: string, lines: string[], spec: Partial<RoundSpec> = {}) => {
    const file = join(folder, `${name}.jsonl`)
    await writeFile(file, `${lines.join('\n')}\n`)
    return await swarm.submit(client, file, { ...GPU_SPEC, ...spec }, name)
  }
  return { swarm, submit }
}

suite('a swarm with a GPU that is none', { skip: NO_NVCC, timeout: patience(400_000) }, () => {
  test('a round on GPUs is decided; its verdicts say which GPU and what it took, and are of a class of their own', async (t) => {
    const { swarm, submit } = await start(t)
    const { sandbox } = await sandboxWithGpu(t)
    assert.deepEqual(sandbox.executors, ['host', 'emulated', 'gpu'])
    await swarm.join('a', sandbox, 2)
    const client = await swarm.researcher()
    const lines = [caseLine('right'), caseLine('twice', { launches: 2 })]
    const last = await ended(client, await submit(client, 'on-gpu', lines, STRICT))
    assert.deepEqual(last.judgements, { equivalent: 1, different: 1, invalid: 0, undecided: 0 })

    const votes = tasksBy(swarm, 'gpu').flatMap((task) => task.votes.map((vote) => ({ pass: task.task.pass, vote })))
    assert.deepEqual([...new Set(votes.map(({ pass }) => pass))].sort(), ['isolated', 'plain'])
    for (const { vote } of votes) {
      const { gpu, nvcc, limits } = vote.environment
      assert.ok(gpu !== null && nvcc !== null)
      assert.deepEqual(
        [gpu.model, gpu.arch, gpu.driver, gpu.toolkit, gpu.memoryMib],
        ['stand-in', 'sm_90', '580.95.05', nvcc, 32],
      )
      assert.ok(limits.includes('gpu-jail:devices'))
      assert.match(vote.class, /^gpu \/ .* \/ nvcc \d+\.\d+ \/ \S+ \/ sm_90$/)
      assert.ok((vote.resources.kernelMs ?? 0) > 0)
      assert.equal(vote.resources.peakGpuMemoryBytes, 12)
    }

    // The same cases emulated: the same outputs, by votes that are never counted with those.
    const emulated = await ended(client, await submit(client, 'emulated', lines, { ...STRICT, executor: 'emulated' }))
    assert.deepEqual(emulated.judgements, last.judgements)
    const plain = (executor: ExecutorName) => tasksBy(swarm, executor).filter(({ task }) => task.pass === 'plain')
    const outputs = (executor: ExecutorName) =>
      plain(executor).map(({ votes: [vote] }) => vote?.cells.map(({ output }) => output).join())
    assert.deepEqual(outputs('emulated').sort(), outputs('gpu').sort())
    const classes = new Set([...plain('gpu'), ...plain('emulated')].flatMap((task) => task.votes.map((vote) => vote.class)))
    assert.equal(classes.size, 2)
  })

  test('a GPU that goes out of service is offered no more; others have its tasks; it comes back', async (t) => {
    const { swarm, submit } = await start(t)
    const { sandbox, device, behave } = await sandboxWithGpu(t)
    const node = await swarm.join('a', sandbox, 1)
    const client = await swarm.researcher()
    const before = await ended(client, await submit(client, 'before', [caseLine('a')]))
    assert.equal(before.judgements.equivalent, 1)

    await behave('STAND_IN_NO_CONTEXT=1')
    const round = await submit(client, 'meanwhile', [caseLine('bb')])
    const gpuTask = () => tasksBy(swarm, 'gpu').find(({ users }) => users.some((user) => user.round === round))
    let other: Volunteer | null = null
    for await (const { unserved } of client.watch(round)) {
      // A node that comes back with other abilities is away for a moment.
      if (other !== null || unserved === null || !/a node that has a GPU and can run "gpu"/.test(unserved)) continue
      assert.match(device.outOfService ?? '', /cudaErrorNoDevice/)
      assert.deepEqual(sandbox.executors, ['host', 'emulated'])
      // Given back, without a word about the program.
      while (gpuTask()?.wasted === 0) await sleep(5)
      assert.equal(gpuTask()?.votes.length, 0)
      other = await swarm.join('b', new FakeGpu('sm_80'), 1)
    }
    assert.deepEqual(
      gpuTask()?.votes.map(({ node: name }) => name),
      [other?.peerId],
    )
    await other?.stop()

    await behave('')
    await device.recheck()
    assert.equal(device.outOfService, null)
    const after = await submit(client, 'after', [caseLine('ccc')])
    assert.equal((await ended(client, after)).judgements.equivalent, 1)
    const last = tasksBy(swarm, 'gpu').find(({ users }) => users.some((user) => user.round === after))
    assert.deepEqual(
      last?.votes.map(({ node: name }) => name),
      [node.peerId],
    )
  })
})

suite('votes of GPUs', { timeout: patience(60_000) }, () => {
  const ROWS = [
    { id: 'of one architecture agree', archs: ['sm_90', 'sm_90'], judgement: 'equivalent' },
    { id: 'of two architectures are not counted together', archs: ['sm_90', 'sm_80', 'sm_86'], judgement: 'undecided' },
  ] as const
  for (const { id, archs, judgement } of ROWS) {
    test(id, async (t) => {
      const { swarm, submit } = await start(t)
      for (const [at, arch] of archs.entries()) await swarm.join(`n${at}`, new FakeGpu(arch), 1)
      const client = await swarm.researcher()
      const policy = { kind: 'majority', quorum: 2, replicas: 3 } as const
      const last = await ended(client, await submit(client, 'votes', [caseLine('a')], { policy }))
      assert.equal(last.judgements[judgement], 1)
    })
  }
})
