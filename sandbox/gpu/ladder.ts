import { readFile, writeFile } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { LOADER_AT } from '../isolated/runner.ts'
import { callName, PROCESSORS } from '../jail/filter/calls.ts'
import type { Mount } from '../jail/policy.ts'
import { hashOf } from '../toolchain/folders.ts'
import { SandboxFault } from '../types.ts'
import type { ChosenGpu } from './choose.ts'
import { type GpuDeviceParts, type GpuJail, probeOnce } from './device.ts'
import { DRIVER_AT } from './driver-libraries.ts'
import type { Probe, ProbedDevice } from './probe.ts'
import { RUNGS, type Rung } from './rungs.ts'
import { mountsOf, SHOWN } from './shows.ts'

export interface LadderParts extends Pick<GpuDeviceParts, 'jail' | 'loader' | 'libraries'> {
  chosen: ChosenGpu
  /** The driver's libraries. */
  driver: readonly Mount[]
  /** The row that held last is kept there. */
  cacheDir: string
  /** More of the environment. @default none */
  environment?: readonly string[]
}

/** The row that was taken, or what was tried. */
export type Climb =
  | { kind: 'stands'; rung: Rung; shows: GpuJail; device: ProbedDevice; tried: Tried[] }
  | { kind: 'none'; tried: Tried[]; refused: string[] }

/** A row on which no kernel computed, and why. */
export interface Tried {
  rung: string
  why: string
}

/**
 * The first row on which a context stands and a kernel computes right. The one that did so last, with this driver, GPU and
 * kernel, is tried first: a machine climbs once.
 */
export async function climb(parts: LadderParts, { signal }: { signal: AbortSignal }): Promise<Climb> {
  const file = join(parts.cacheDir, 'gpu', `rung-${keyOf(parts)}`)
  const last = (await readFile(file, 'utf8').catch(() => '')).trim()
  const rungs = [...RUNGS.filter(({ name }) => name === last), ...RUNGS.filter(({ name }) => name !== last)]
  const tried: Tried[] = []
  for (const rung of rungs) {
    const shows = await showsOf(parts, rung)
    const probe = await tryRung(parts, [LOADER_AT, 'probe'], shows, signal)
    if (probe.kind === 'fails') {
      tried.push({ rung: rung.name, why: probe.why })
      continue
    }
    // What cannot be kept is found out again.
    if (rung.name !== last) await writeFile(file, rung.name).catch(() => {})
    return { kind: 'stands', rung, shows, device: probe.device, tried }
  }
  return { kind: 'none', tried, refused: await refusedCalls(parts, signal) }
}

async function showsOf({ chosen, driver, environment = [] }: LadderParts, rung: Rung): Promise<GpuJail> {
  return {
    mounts: [...chosen.devices, ...driver, ...(await mountsOf(rung, chosen.gpu.bus))],
    environment: [
      `LD_LIBRARY_PATH=${DRIVER_AT}`,
      `CUDA_VISIBLE_DEVICES=${chosen.visible}`,
      'CUDA_DEVICE_ORDER=PCI_BUS_ID',
      // What PTX is compiled to is kept in the home folder, which a jail has not.
      'CUDA_CACHE_DISABLE=1',
      ...environment,
    ],
    filter: rung.filter,
  }
}

/** A jail that cannot be made as a row asks is that row's failure: containers do not let every one make a /proc. */
async function tryRung(
  parts: LadderParts,
  argv: readonly [string, ...string[]],
  shows: GpuJail,
  signal: AbortSignal,
): Promise<Probe> {
  try {
    return await probeOnce(parts, argv, shows, { signal })
  } catch (error) {
    if (!(error instanceof SandboxFault)) throw error
    return { kind: 'fails', why: error.message.slice(0, 300), refused: [] }
  }
}

/** The system calls that the widest rows refused, by name: what to look at first on a machine where none stands. */
async function refusedCalls(parts: LadderParts, signal: AbortSignal): Promise<string[]> {
  const processor = PROCESSORS.find((name) => name === process.arch) ?? 'x64'
  const numbers = new Set<number>()
  for (const rung of RUNGS.filter(({ name }) => name.endsWith('more-calls'))) {
    const shows = { ...(await showsOf(parts, rung)), filter: 'gpu-more-named' as const }
    for (const call of (await tryRung(parts, [LOADER_AT, 'probe', 'named'], shows, signal)).refused) numbers.add(call)
  }
  return [...numbers].map((call) => callName(call, processor) ?? String(call)).sort()
}

function keyOf({ chosen, loader }: LadderParts): string {
  const { gpu, visible } = chosen
  return hashOf(gpu.driver, gpu.uuid ?? '', visible, loader.id, release(), JSON.stringify([RUNGS, SHOWN])).slice(0, 16)
}
