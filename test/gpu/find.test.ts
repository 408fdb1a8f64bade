import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { chooseGpu, type GpuWish } from '../../sandbox/gpu/choose.ts'
import { driverLibraries, parseLinkerCache } from '../../sandbox/gpu/driver-libraries.ts'
import { type GpuFacts, parseDriverVersion, parseInformation } from '../../sandbox/gpu/find.ts'
import { runtimeNames } from '../../sandbox/gpu/loader.ts'
import { cudaVersion, parseProbe } from '../../sandbox/gpu/probe.ts'
import { shortBus } from '../../sandbox/gpu/shows.ts'
import { type Gpu, parseGpus, parseSlices } from '../../sandbox/gpu/smi.ts'
import { scratch } from '../support/scratch.ts'

test('nvidia-smi’s answer with all that is asked', () => {
  const [gpu] = parseGpus(
    'NVIDIA H200, 580.95.05, 143771, 9.0, Disabled, 0, GPU-0a1b2c3d-1111-2222-3333-444455556666, 00000000:0F:00.0\n',
  )
  assert.deepEqual([gpu?.index, gpu?.uuid, gpu?.bus], [0, 'GPU-0a1b2c3d-1111-2222-3333-444455556666', '00000000:0F:00.0'])
})

test('slices below their cards', () => {
  const text = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa-1)
  MIG 1g.5gb      Device  0: (UUID: MIG-bbbb-2)
  MIG 3g.20gb     Device  1: (UUID: MIG-cccc-3)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-dddd-4)
`
  assert.deepEqual(parseSlices(text), [
    { card: 'GPU-aaaa-1', uuid: 'MIG-bbbb-2', profile: '1g.5gb', device: 0 },
    { card: 'GPU-aaaa-1', uuid: 'MIG-cccc-3', profile: '3g.20gb', device: 1 },
  ])
})

suite('what the driver tells in /proc', () => {
  const VERSIONS = [
    {
      id: 'open modules',
      text: 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (root@x)\nGCC version: gcc 12.2.0\n',
      version: '580.95.05',
    },
    {
      id: 'closed modules',
      text: 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.223.02  Sat Oct  7\n',
      version: '470.223.02',
    },
    { id: 'none', text: '', version: null },
  ]
  for (const { id, text, version } of VERSIONS) test(id, () => assert.equal(parseDriverVersion(text), version))

  test('one GPU', () => {
    const text =
      'Model: \t\t NVIDIA H200\nIRQ:   \t\t 100\nGPU UUID: \t GPU-aa-1\nVideo BIOS: \t 96\nBus Location: \t 0000:0f:00.0\nDevice Minor: \t 3\n'
    const [gpu] = parseInformation(text, '580.95.05')
    assert.deepEqual([gpu?.name, gpu?.uuid, gpu?.bus, gpu?.index], ['NVIDIA H200', 'GPU-aa-1', '0000:0f:00.0', 3])
    assert.deepEqual(parseInformation('', '580.95.05'), [])
  })

  test('one place on the bus, by all its names', () => {
    assert.equal(shortBus('00000000:0F:00.0'), shortBus('0000:0f:00.0'))
    assert.notEqual(shortBus('00010000:0F:00.0'), shortBus('0000:0f:00.0'))
  })
})

const H200: Gpu = {
  ...{ name: 'NVIDIA H200', driver: '580.95.05', memoryMib: 1, computeCapability: '9.0', mig: false },
  ...{ index: 0, uuid: 'GPU-1', bus: null },
}
const FACTS: GpuFacts = {
  ...{ list: [H200], slices: [], cardWithoutDriver: false },
  ...{ devices: ['nvidia-uvm', 'nvidia0', 'nvidia1', 'nvidiactl'], closed: [] },
}
const SLICE = { card: 'GPU-1', uuid: 'MIG-1', profile: '1g.18gb', device: 0 }

suite('which GPU is used', () => {
  const ROWS: { id: string; change: Partial<GpuFacts>; name?: string; visible?: string; card?: string; why?: RegExp }[] = [
    { id: 'the only one', change: {}, visible: '0' },
    {
      id: 'the only one that a container is shown of many',
      change: { devices: ['nvidia-uvm', 'nvidia5', 'nvidiactl'] },
      visible: '0',
      card: '/dev/nvidia5',
    },
    { id: 'the first of two, by its UUID', change: { list: [H200, { ...H200, index: 1, uuid: 'GPU-2' }] }, visible: 'GPU-1' },
    { id: 'one by index', change: { list: [H200, { ...H200, index: 1, uuid: 'GPU-2' }] }, name: '1', visible: 'GPU-2' },
    { id: 'one that is not there', change: {}, name: '7', why: /no GPU 7; there is 0: NVIDIA H200 \(GPU-1\)/ },
    { id: 'a slice', change: { list: [{ ...H200, mig: true }], slices: [SLICE] }, name: 'MIG-1', visible: 'MIG-1' },
    { id: 'a split card without slices', change: { list: [{ ...H200, mig: true }] }, why: /has no slice/ },
    {
      id: 'files that may not be opened',
      change: { devices: [], closed: ['nvidiactl'] },
      why: /\/dev\/nvidiactl: this user may not open/,
    },
    {
      id: 'no file for unified memory',
      change: { devices: ['nvidia0', 'nvidiactl'] },
      why: /nvidia-uvm not there: sudo nvidia-modprobe/,
    },
    { id: 'a card without a driver', change: { list: [], cardWithoutDriver: true }, why: /driver does not answer/ },
    { id: 'files and nothing that tells of them', change: { list: [] }, why: /files of a GPU in \/dev/ },
    { id: 'none', change: { list: [], devices: [] }, why: /no NVIDIA GPU/ },
  ]
  for (const { id, change, name, visible, card, why } of ROWS) {
    test(id, async () => {
      const wish: GpuWish = name === undefined ? { kind: 'first' } : { kind: 'named', name }
      const chosen = await chooseGpu({ ...FACTS, ...change }, wish)
      if ('why' in chosen) return assert.match(chosen.why, why ?? /^$/)
      assert.equal(chosen.visible, visible)
      const paths = chosen.devices.flatMap((mount) => (mount.kind === 'device' ? [mount.path] : []))
      const own = card ?? (chosen.gpu.index === 1 ? '/dev/nvidia1' : '/dev/nvidia0')
      assert.deepEqual(paths, ['/dev/nvidiactl', '/dev/nvidia-uvm', own])
    })
  }
})

test('the driver’s libraries: of one folder, by the names they are asked for, and no others', async (t) => {
  const folder = await scratch(t)
  await mkdir(join(folder, 'empty'))
  for (const name of ['libcuda.so.580.95.05', 'libnvidia-nvvm.so.580.95.05', 'libnvidia-glcore.so.580.95.05']) {
    await writeFile(join(folder, name), '')
  }
  await symlink('libcuda.so.580.95.05', join(folder, 'libcuda.so.1'))
  // Where this machine has a driver, its own folder comes first.
  const own = parseLinkerCache(
    '\tlibcuda.so.1 (libc6,x86-64) => /usr/lib/x86_64-linux-gnu/libcuda.so.1\n\tlibcuda.so.1 (libc6) => /usr/lib32/libcuda.so.1\n',
  )
  assert.deepEqual(own, ['/usr/lib/x86_64-linux-gnu'])
  const mounts = await driverLibraries([join(folder, 'empty'), folder])
  const shown = mounts.flatMap((mount) => (mount.kind === 'shown' ? [mount.at] : []))
  assert.ok(shown.includes('/driver/libcuda.so.1'))
  assert.ok(
    shown.every((at) => /^\/driver\/lib(cuda|cudadebugger|nvidia-(nvvm|ptxjitcompiler|gpucomp|ml))\.so\./.test(at)),
    shown.join(),
  )
})

test('functions of the runtime, and nothing else of it', () => {
  const text =
    'lib.a[x.o]:\ncudaMalloc T 10 20\n__cudaRegisterFatBinary T 30 4\ncudaThing D 0 8\nmalloc T 1 1\ncudart_x T 1 1\ncudaMalloc W 1 1\n'
  assert.deepEqual(runtimeNames(text), ['__cudaRegisterFatBinary', 'cudaMalloc'])
})

suite('what a probe says', () => {
  const of = (report: string, exitCode: number | null, stop: 'ended' | 'wall' = 'ended') =>
    parseProbe({
      ...{ stop, exitCode, report: Buffer.from(report), stdout: Buffer.alloc(0), stderr: Buffer.from('complaint\n') },
      ...{ wallMs: 1, peakBytes: 0 },
    })
  test('a device that computes', () => {
    const found = of('refused 157\ndevice 9.0 150754820096 13000 13000 0 NVIDIA H200\n', 0)
    assert.ok(found.kind === 'computes')
    assert.deepEqual([found.device.name, found.device.computeCapability, found.refused], ['NVIDIA H200', '9.0', [157]])
  })
  test('no context, with the error’s name', () => {
    const found = of('no-context cudaErrorInsufficientDriver CUDA driver version is insufficient\n', 124)
    assert.ok(found.kind === 'fails' && found.why.startsWith('cudaErrorInsufficientDriver'))
  })
  test('a probe that said all and then did not end well has not computed', () => {
    assert.equal(of('device 9.0 1 13000 13000 0 x\n', 139).kind, 'fails')
    assert.equal(of('device 9.0 1 13000 13000 0 x\n', null, 'wall').kind, 'fails')
  })
  test('versions', () => assert.deepEqual([cudaVersion(13000), cudaVersion(12040)], ['13.0', '12.4']))
})
