import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Program } from '../../../protocol/index.ts'
import type { OpenJail } from '../../../sandbox/executor/open.ts'
import { notRun } from '../../../sandbox/executor/outcome.ts'
import type { TestRunner } from '../../../sandbox/executor/runner.ts'
import type { GpuBuilder, Way } from '../../../sandbox/gpu/build/index.ts'
import { GpuExecutor } from '../../../sandbox/gpu/executor.ts'
import { findRuntime, LOADER_FILE, prepareLoader } from '../../../sandbox/gpu/loader.ts'
import { findNvcc, type Nvcc } from '../../../sandbox/toolchain/nvcc/find.ts'
import { standInRuntime } from '../../gpu/fixture.ts'
import { openBuilder } from '../there/builder.ts'
import type { PackedFile } from './archive.ts'
import { RecordingBuilder } from './products.ts'

/** As the executor asks. */
const AS_ASKED: readonly Way[] = ['fast', 'own']
/** nvcc's own host pass, to be held against it. */
const OWN: readonly Way[] = ['own']
const LIMITS = { wallMs: 1000, memoryBytes: 64 * 1024 ** 2, outputBytes: 1024 }

/** What makes the parts of a kit that are for GPUs. */
export interface GpuMaker {
  nvcc: Nvcc
  builder: GpuBuilder
  /** CUDA's static runtime, or the stand-in for it. */
  runtime: string
}

/** @throws Error naming what is not there: without nvcc no kit is made */
export async function openGpuMaker(opened: OpenJail, cacheDir: string, { standIn }: { standIn: boolean }): Promise<GpuMaker> {
  const nvcc = await findNvcc()
  if (nvcc === null) throw new Error('no nvcc in its usual places: the programs of a kit are built where it is made')
  const runtime = standIn ? await standInRuntime(join(nvcc.root, 'include')) : await findRuntime(nvcc)
  if (runtime === null) throw new Error(`nvcc ${nvcc.version} has no libcudart_static.a beside it`)
  return { nvcc, runtime, builder: await openBuilder(opened, nvcc, cacheDir) }
}

/** The loader for one kind of GPU. */
export async function loaderFile(
  { nvcc, runtime }: GpuMaker,
  { toolchain, composer }: OpenJail,
  arch: string,
  cacheDir: string,
): Promise<PackedFile> {
  const order = { compiler: toolchain.compiler, nvcc, arch, runtime, includeDir: composer.includeDir, cacheDir }
  const { folder } = await prepareLoader(order)
  return { path: `equipment/${arch}/${LOADER_FILE}`, bytes: await readFile(join(folder, LOADER_FILE)), executable: true }
}

/** A program to build, and whether also by nvcc's own host pass alone, which takes three times as long as all else. */
export interface ToBuild {
  program: Program
  own: boolean
}

/** Every product that the executor will ask for, by asking it: nothing is run. */
export async function productFiles(
  { builder }: GpuMaker,
  { composer }: OpenJail,
  arch: string,
  programs: readonly ToBuild[],
  { signal, done }: { signal: AbortSignal; done(): void },
): Promise<PackedFile[]> {
  const recording = new RecordingBuilder(builder, arch)
  const nothing: TestRunner = { run: async () => notRun('unsupported', 'nothing is run where a kit is made') }
  const waiting = programs.values()
  const worker = async () => {
    for (const { program, own } of waiting) {
      for (const ways of own ? [AS_ASKED, OWN] : [AS_ASKED]) {
        const parts = { builder: recording.asking(ways), arch, runners: { plain: nothing }, sharesFile: composer.sharesFile }
        await new GpuExecutor(parts).execute(program, 'plain', LIMITS, { signal })
      }
      done()
    }
  }
  await Promise.all([worker(), worker()])
  return recording.files()
}
