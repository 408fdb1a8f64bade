import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { prepareHostHeaders } from '../../../sandbox/gpu/build/fast/prepare.ts'
import { GpuBuilder, openGpuBuilder } from '../../../sandbox/gpu/build/index.ts'
import type { Jail } from '../../../sandbox/jail/jail.ts'
import { HOST_RESERVE_BYTES, RUN_TASKS, RUN_TEMPORARY_BYTES } from '../../../sandbox/jail/limits.ts'
import { type Mount, RUN_ENVIRONMENT } from '../../../sandbox/jail/policy.ts'
import { programLibraries } from '../../../sandbox/toolchain/libraries.ts'
import { findNvcc } from '../../../sandbox/toolchain/nvcc/find.ts'
import { nvccMounts } from '../../../sandbox/toolchain/nvcc/mounts.ts'
import { partsHere } from '../../nvcc/fixture.ts'
import { CACHE } from '../../support/cache.ts'

const run = promisify(execFile)

const HARNESS = fileURLToPath(new URL('../../../sandbox/harness/isolated/loader/', import.meta.url))
const STAND_IN = fileURLToPath(new URL('../stand-in/runtime.cpp', import.meta.url))
const FIRST = fileURLToPath(new URL('first.cpp', import.meta.url))

const LOADER_AT = '/loader'
const WALL_MS = 20_000
const MEMORY_BYTES = 256 * 1024 ** 2
const MOST_BYTES = 8 * 1024 ** 2
/** Any byte that is none of an honest program's: memory nobody wrote holds it both times. */
const FILL = 0x7b

/** What a unit did on the stand-in: all of it must be the same for both builds of a program. */
export interface Played {
  end: string
  printed: string
  /** Calls of CUDA's runtime, and what the program wrote to its standard error. */
  calls: string
  /** Values that wrapper saw. */
  report: string
}

/** A jail, a builder, and a loader whose CUDA runtime is the stand-in. */
export interface Stage {
  builder: GpuBuilder
  /** The same with all headers for every program. */
  heavyBuilder: GpuBuilder
  play(unit: Uint8Array, index: number): Promise<Played>
}

/** @throws when this machine has no nvcc */
export async function openStage(): Promise<Stage> {
  const parts = await partsHere()
  const nvcc = await findNvcc()
  if (nvcc === null) throw new Error('no nvcc')
  const mounts = await nvccMounts(nvcc.root, parts.toolchain.mounts)
  const own = { ...parts, nvcc, mounts, cacheDir: CACHE }
  const builder = await openGpuBuilder(own)
  const heavyBuilder = new GpuBuilder({ ...own, heavy: null, hostHeaders: await prepareHostHeaders(own) })
  const folder = join(CACHE, `stand-in-${process.pid}`)
  await mkdir(folder, { recursive: true })
  process.once('exit', () => rmSync(folder, { recursive: true }))
  await chmod(folder, 0o755)
  const loader = join(folder, 'loader')
  const flags = ['-std=c++17', '-O1', '-fPIE', '-pie', '-rdynamic', '-pthread', `-I${nvcc.root}/include`]
  await run(parts.toolchain.compiler, [...flags, `${HARNESS}host.cpp`, STAND_IN, FIRST, '-o', loader, '-ldl'])
  await chmod(loader, 0o755)
  const libraries = await programLibraries(loader)
  return { builder, heavyBuilder, play: async (unit, index) => await play(parts.jail, libraries, folder, unit, index) }
}

async function play(jail: Jail, libraries: readonly Mount[], folder: string, unit: Uint8Array, index: number): Promise<Played> {
  const nonce = '0'.repeat(64)
  const result = await jail.run(
    {
      argv: [LOADER_AT, String(index), String(FILL), '0', String(MOST_BYTES)],
      environment: [...RUN_ENVIRONMENT, 'STAND_IN_RECORD=fd:2'],
      mounts: [...libraries, { kind: 'own-file', folder, file: 'loader', at: LOADER_AT }],
      data: { at: '/program', bytes: unit },
      stdin: Buffer.from(nonce),
      filter: 'run',
      reportBytes: 2 * MOST_BYTES,
      limits: {
        ...{ wallMs: WALL_MS, memoryBytes: MEMORY_BYTES, reserveBytes: HOST_RESERVE_BYTES, tasks: RUN_TASKS },
        ...{ temporaryBytes: RUN_TEMPORARY_BYTES, sharedBytes: 0, stdoutBytes: MOST_BYTES },
        stderr: { maxBytes: MOST_BYTES, whenFull: 'discard' },
      },
    },
    { signal: new AbortController().signal },
  )
  const text = (bytes: Buffer) => bytes.toString('latin1')
  // Where memory lies is another matter every time.
  const printed = text(result.stdout).replace(/0x[0-9a-f]+/g, '0x')
  // Which elements changed is told from what an array held before, which in one that nobody set is another matter each build.
  const report = text(result.report).replace(/^change .*\n/gm, '')
  return { end: `${result.stop} ${result.exitCode}`, printed, calls: text(result.stderr), report }
}
