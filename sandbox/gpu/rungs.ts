import type { GpuFilterName } from '../jail/filter/policy.ts'

/**
 * How much of this machine a jail with a GPU shows, least first. What CUDA's driver reads of /proc and /sys differs between its
 * versions and is written nowhere, so the first row is taken on which a context stands and a kernel computes right. Nothing here
 * shows another process of the machine, and nothing can be written.
 */
export interface Rung {
  /** As verdicts and the doctor say it. */
  name: string
  filter: Exclude<GpuFilterName, 'gpu-checked'>
  shows: readonly Show[]
  reason: string
}

/** What a row may show; see `shows.ts` for the paths. */
export type Show =
  /** The driver's words about itself and this one GPU. */
  | 'driver'
  /** Files of /proc about the machine: processor, memory, numbers of devices. */
  | 'machine'
  /** A /proc of the jail's own, which holds its own processes only, with what tells of the machine's owner covered. */
  | 'processes'
  /** Folders of /sys: which processors and nodes of memory there are, this GPU's place on the bus. */
  | 'topology'

export const RUNGS: readonly Rung[] = [
  { name: 'devices', filter: 'gpu', shows: [], reason: 'the devices, the driver and nothing else' },
  { name: 'driver', filter: 'gpu', shows: ['driver'], reason: 'drivers read how they were set up' },
  {
    name: 'machine',
    filter: 'gpu',
    shows: ['driver', 'machine'],
    reason: 'drivers look up the numbers of their devices, and the processor',
  },
  {
    name: 'topology',
    filter: 'gpu',
    shows: ['driver', 'machine', 'topology'],
    reason: 'drivers ask which memory is near a GPU',
  },
  { name: 'processes', filter: 'gpu', shows: ['driver', 'processes'], reason: 'drivers read the maps of their own process' },
  {
    name: 'processes-topology',
    filter: 'gpu',
    shows: ['driver', 'processes', 'topology'],
    reason: 'both',
  },
  {
    name: 'topology-more-calls',
    filter: 'gpu-more',
    shows: ['driver', 'machine', 'topology'],
    reason: 'with further system calls, where no /proc can be made for a jail',
  },
  {
    name: 'processes-topology-more-calls',
    filter: 'gpu-more',
    shows: ['driver', 'processes', 'topology'],
    reason: 'with further system calls: all that is given',
  },
]
