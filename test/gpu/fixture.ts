import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMPILE_WALL_MS } from '../../protocol/index.ts'
import { DiskCompileCache } from '../../sandbox/executor/compile-cache.ts'
import { type OpenJail, openJail } from '../../sandbox/executor/open.ts'
import { projectComposer } from '../../sandbox/executor/project-composer.ts'
import { openGpuBuilder } from '../../sandbox/gpu/build/index.ts'
import { GpuDevice, type GpuJail } from '../../sandbox/gpu/device.ts'
import { prepareLoader } from '../../sandbox/gpu/loader.ts'
import type { OpenGpuParts } from '../../sandbox/gpu/open.ts'
import { type Means, openDevice } from '../../sandbox/gpu/open.ts'
import { Turns } from '../../sandbox/gpu/turns.ts'
import type { Jail } from '../../sandbox/jail/jail.ts'
import { ask } from '../../sandbox/toolchain/ask.ts'
import { programLibraries } from '../../sandbox/toolchain/libraries.ts'
import { findNvcc } from '../../sandbox/toolchain/nvcc/find.ts'
import { nvccMounts } from '../../sandbox/toolchain/nvcc/mounts.ts'
import { CACHE } from '../sandbox/fixture.ts'

const nvcc = await findNvcc()
/** Why tests that build the loader are left out here, or false. */
export const NO_NVCC = nvcc === null ? 'no nvcc on this machine' : false

const RUNTIME = fileURLToPath(new URL('stand-in/runtime.cpp', import.meta.url))

/** What a GPU is opened with here. */
export async function partsHere(): Promise<OpenGpuParts & Pick<OpenJail, 'throttles'>> {
  const opened = await openJail({ composer: projectComposer }, { cacheDir: CACHE })
  const cache = await DiskCompileCache.open(join(CACHE, 'products'), { maxBytes: 512 * 1024 ** 2 })
  return { ...opened, cache, composer: projectComposer, cacheDir: CACHE, compileWallMs: COMPILE_WALL_MS }
}

/** The stand-in for CUDA's static runtime, as a library. */
export async function standInRuntime(include: string): Promise<string> {
  const folder = join(CACHE, 'stand-in')
  await mkdir(folder, { recursive: true })
  const own = (name: string) => join(folder, `${process.pid}-${name}`)
  await ask('/usr/bin/g++', ['-std=c++17', '-O1', '-fPIC', `-I${include}`, '-c', RUNTIME, '-o', own('runtime.o')])
  await ask('/usr/bin/ar', ['rcs', own('runtime.a'), own('runtime.o')])
  await rename(own('runtime.a'), join(folder, 'runtime.a'))
  return join(folder, 'runtime.a')
}

let made: Promise<string> | null = null

/** A GPU that is none: all of the production code, its loader linked to the stand-in. */
export async function openStandIn(parts: OpenGpuParts, environment: string[], change: Partial<Means> = {}) {
  if (nvcc === null) throw new Error('no nvcc')
  made ??= standInRuntime(join(nvcc.root, 'include'))
  const gpu = {
    ...{ name: 'stand-in', driver: '580.95.05', memoryMib: 32, computeCapability: '9.0', mig: false },
    ...{ index: 0, uuid: 'GPU-0', bus: null },
  }
  return await openDevice(parts, {
    chosen: { gpu, slice: null, devices: [], visible: '0' },
    driver: [],
    nvcc,
    runtime: await made,
    arch: 'sm_90',
    environment,
    ...change,
  })
}

/** Runs of units on a device that is none, with an environment that a test may change while it is used. */
export async function standInDevice(parts: OpenGpuParts) {
  if (nvcc === null) throw new Error('no nvcc')
  made ??= standInRuntime(join(nvcc.root, 'include'))
  const { jail, toolchain, composer, cache, equipment, cacheDir } = parts
  const order = { compiler: toolchain.compiler, nvcc, arch: 'sm_90', includeDir: composer.includeDir, cacheDir }
  const loader = await prepareLoader({ ...order, runtime: await made })
  const libraries = await programLibraries(join(loader.folder, loader.file))
  const environment: string[] = []
  const shows: GpuJail = { mounts: [], environment, filter: 'gpu' }
  const turns = new Turns(join(cacheDir, 'gpu', `test-${process.pid}.lock`))
  const told: string[] = []
  const device = new GpuDevice({ jail: telling(jail, told), loader, libraries, shows, turns, recheckMs: 3_600_000, pauseMs: 1 })
  const mounts = await nvccMounts(nvcc.root, toolchain.mounts)
  const builder = await openGpuBuilder({ jail, cache, toolchain, equipment, nvcc, mounts, cacheDir })
  return { device, builder, environment, told, parts: { jail, loader, libraries, shows } }
}

/** A jail whose programs on the GPU are told of: `N is ready`, `N has its orders`, `N ends`; and `probe`. */
function telling(jail: Jail, told: string[]): Pick<Jail, 'run'> {
  let last = 0
  return {
    async run(step, options) {
      if (step.argv.includes('probe')) {
        told.push('probe')
        return await jail.run(step, options)
      }
      const number = ++last
      const onReport = (piece: Buffer) => {
        if (piece.toString('latin1').startsWith('ready\n')) told.push(`${number} is ready`)
        step.onReport?.(piece)
      }
      if (step.stdin !== null && 'bytes' in step.stdin) {
        const come = () => told.push(`${number} has its orders`)
        step.stdin.bytes.then(come, () => {})
      }
      return await jail.run({ ...step, onReport }, options).finally(() => told.push(`${number} ends`))
    },
  }
}

/** Waits until something is told. */
export async function until(told: readonly string[], what: RegExp, count = 1): Promise<void> {
  while (told.filter((one) => what.test(one)).length < count) await new Promise((resolve) => setTimeout(resolve, 2))
}
