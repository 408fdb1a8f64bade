import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ChosenGpu, chooseGpu } from '../../../sandbox/gpu/choose.ts'
import { driverLibraries } from '../../../sandbox/gpu/driver-libraries.ts'
import { findGpus } from '../../../sandbox/gpu/find.ts'
import { type Climb, climb } from '../../../sandbox/gpu/ladder.ts'
import type { PreparedLoader } from '../../../sandbox/gpu/loader.ts'
import type { Jail } from '../../../sandbox/jail/jail.ts'
import type { Mount } from '../../../sandbox/jail/policy.ts'
import { archFor } from './archs.ts'
import { equipmentOf, openKitJail } from './jail.ts'
import { loaderLibraries } from './libraries.ts'
import type { KitFacts } from './report.ts'
import type { Places } from './stand.ts'

/** All that is needed to try whether a kernel computes here. */
export interface GpuMeans {
  jail: Jail
  /** Where its bubblewrap is. */
  bubblewrap: string
  chosen: ChosenGpu
  driver: readonly Mount[]
  /** Which of the kit's machine code runs on this GPU. */
  arch: string
  loader: PreparedLoader
  libraries: readonly Mount[]
  /** Whose libraries programs are linked to. */
  whose: 'of the machine' | 'of the kit'
  cacheDir: string
  standIn: boolean
}

/** What a stand-in says it is. */
const STAND_IN: ChosenGpu = {
  gpu: {
    ...{ name: 'stand-in', driver: '0.0', memoryMib: null, computeCapability: null, mig: false },
    ...{ index: 0, uuid: null, bus: null },
  },
  slice: null,
  devices: [],
  visible: '0',
}

export const kitFacts = ({ work }: Places): KitFacts =>
  JSON.parse(readFileSync(join(work, 'project', 'kit.json'), 'utf8')) as KitFacts

/** The GPU of this machine with all that the kit has for it, or why there is none. */
export async function findMeans(places: Places): Promise<GpuMeans | { why: string }> {
  const { archs, standIn } = kitFacts(places)
  const chosen = standIn ? STAND_IN : await chooseGpu(await findGpus(), { kind: 'first' })
  if ('why' in chosen) return chosen
  const driver = standIn ? [] : await driverLibraries()
  if (!standIn && driver.length === 0) return { why: `${chosen.gpu.name}: libcuda.so.1 is in none of its usual places` }
  const arch = standIn ? (archs[0] ?? null) : kitArch(chosen, archs)
  if (arch === null) {
    return {
      why: `${chosen.gpu.name} has compute capability ${chosen.gpu.computeCapability}, and the kit was made for ${archs.join(' ')}`,
    }
  }
  const cacheDir = join(places.work, 'cache')
  mkdirSync(join(cacheDir, 'gpu'), { recursive: true, mode: 0o755 })
  const loader = { folder: join(equipmentOf(places), arch), file: 'load-gpu', id: `kit-${arch}` }
  const { jail, path: bubblewrap } = await openKitJail(places)
  return { jail, bubblewrap, chosen, driver, arch, loader, ...(await loaderLibraries(places, loader)), cacheDir, standIn }
}

/** A driver that does not tell what the GPU can runs the kit that was made for one kind of GPU. */
function kitArch({ gpu }: ChosenGpu, archs: readonly string[]): string | null {
  if (gpu.computeCapability === null) return archs.length === 1 ? (archs[0] ?? null) : null
  return archFor(`sm_${gpu.computeCapability.replace('.', '')}`, archs)
}

/** The least that a jail must show for a kernel to compute right. */
export async function climbHere(means: GpuMeans, signal: AbortSignal): Promise<Climb> {
  return await climb(means, { signal })
}
