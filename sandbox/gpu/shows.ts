import { access, readdir, realpath } from 'node:fs/promises'
import type { Mount } from '../jail/policy.ts'
import type { Rung, Show } from './rungs.ts'

/** Paths of each thing a row may show, with the reason. `BUS` stands for the GPU's place on the bus. */
export const SHOWN: Readonly<Record<Show, readonly { path: string; reason: string }[]>> = {
  driver: [
    { path: '/proc/driver/nvidia/params', reason: 'how the module was set up: who may make device files' },
    { path: '/proc/driver/nvidia/version', reason: 'library and module must be of one version' },
    { path: '/proc/driver/nvidia/gpus/BUS', reason: 'this GPU, none beside it' },
  ],
  machine: [
    { path: '/proc/devices', reason: 'numbers of devices, held against those in /dev' },
    { path: '/proc/cpuinfo', reason: 'what the processor can' },
    { path: '/proc/meminfo', reason: 'how much may be pinned' },
    { path: '/proc/sys/vm/mmap_min_addr', reason: 'where addresses begin' },
    { path: '/proc/sys/vm/overcommit_memory', reason: 'whether address space may be reserved' },
    { path: '/proc/modules', reason: 'whether the module for unified memory is there' },
  ],
  processes: [],
  topology: [
    { path: '/sys/devices/system/cpu', reason: 'which processors there are' },
    { path: '/sys/devices/system/node', reason: 'which memory is near which processor' },
    { path: '/sys/devices/system/memory', reason: 'in which pieces memory comes' },
    { path: '/sys/bus/pci/devices/BUS', reason: "the GPU's place, and which memory is near it" },
    { path: '/sys/module/nvidia', reason: 'that the module is loaded, and its version' },
    { path: '/sys/module/nvidia_uvm', reason: 'the same for unified memory' },
  ],
}

/** Of a /proc of the jail's own, what tells of the machine beyond what a driver asks. Files cannot be covered by a folder, so these are folders. */
const COVERED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/scsi',
  '/proc/tty',
  '/proc/pressure',
] as const

/** The mounts of one row for one GPU; what this machine has not is left out. */
export async function mountsOf({ shows }: Rung, bus: string | null): Promise<Mount[]> {
  const own: Mount[] = shows.includes('processes') ? [{ kind: 'processes', at: '/proc' }] : []
  const covered =
    own.length === 0
      ? []
      : await Promise.all(COVERED.map(async (at): Promise<Mount[]> => ((await isFolder(at)) ? [{ kind: 'empty', at }] : [])))
  // A /proc of the jail's own holds what the driver tells, of all GPUs; the rows that show single files do not need it.
  const files = shows.flatMap((show) => (own.length > 0 && show === 'driver' ? [] : SHOWN[show])).map(({ path }) => path)
  const shown = await Promise.all(files.map((path) => showOne(path, bus)))
  return [...own, ...covered.flat(), ...shown.flat()]
}

async function showOne(path: string, bus: string | null): Promise<Mount[]> {
  if (path.endsWith('/BUS')) return bus === null ? [] : await showBus(path.slice(0, -'BUS'.length), bus)
  return (await exists(path)) ? [{ kind: 'shown', path, at: path }] : []
}

/** /proc names a GPU `0000:0f:00.0`, nvidia-smi `00000000:0F:00.0`; /sys has a link there. */
async function showBus(folder: string, bus: string): Promise<Mount[]> {
  const wanted = shortBus(bus)
  const name = (await readdir(folder).catch(() => [])).find((one) => shortBus(one) === wanted)
  if (name === undefined) return []
  const at = `${folder}${name}`
  return [{ kind: 'shown', path: await realpath(at), at }]
}

export function shortBus(bus: string): string {
  return bus.toLowerCase().replace(/^0+(?=[0-9a-f]{4}:)/, '')
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

async function isFolder(path: string): Promise<boolean> {
  return await readdir(path).then(
    () => true,
    () => false,
  )
}
