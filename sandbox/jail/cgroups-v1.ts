import { join } from 'node:path'
import { type CgroupMount, folderOf, makeGroup, readCount, removeGroup, runGroupName, sweepGroups } from './cgroup-tree.ts'
import type { Cgroups, GroupLimits, RunGroup } from './cgroups.ts'

const KIND = 'cgroup-v1'
/** Each processor takes memory from a group in portions: at its limit a group may look this much below it. */
const SLACK_BYTES = 1024 ** 2

/** Version 1: each controller is a tree of its own; as root, below the cgroup this process is in. */
export class CgroupsV1 implements Cgroups {
  readonly #memory: string | null
  readonly #pids: string | null
  constructor(folders: { memory: string | null; pids: string | null }) {
    this.#memory = folders.memory
    this.#pids = folders.pids
  }

  /** Tries each controller by making a group and setting its limit; null where neither can be used. */
  static async find(memberships: ReadonlyMap<string, string>, mounts: readonly CgroupMount[]): Promise<CgroupsV1 | null> {
    const memory = await usable('memory', ['memory.limit_in_bytes', `${64 * 1024 ** 2}`], memberships, mounts)
    const pids = await usable('pids', ['pids.max', '16'], memberships, mounts)
    return memory === null && pids === null ? null : new CgroupsV1({ memory, pids })
  }

  get memory(): string | null {
    return this.#memory && KIND
  }

  get tasks(): string | null {
    return this.#pids && KIND
  }

  async create(limits: GroupLimits): Promise<RunGroup> {
    const name = runGroupName()
    const memory = this.#memory && join(this.#memory, name)
    const pids = this.#pids && join(this.#pids, name)
    const ends = await Promise.allSettled([
      pids !== null && makeGroup(pids, [['pids.max', String(limits.tasks)]]),
      memory !== null && makeMemoryGroup(memory, limits.memoryBytes),
    ])
    const group = new RunGroupV1(memory, pids, limits.memoryBytes)
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed === undefined) return group
    await group.remove()
    throw failed.reason
  }
}

class RunGroupV1 implements RunGroup {
  readonly #memory: string | null
  readonly #pids: string | null
  readonly #memoryBytes: number
  constructor(memory: string | null, pids: string | null, memoryBytes: number) {
    this.#memory = memory
    this.#pids = pids
    this.#memoryBytes = memoryBytes
  }

  get #folders(): string[] {
    return [this.#memory, this.#pids].filter((folder) => folder !== null)
  }

  /** `tasks`, not `cgroup.procs`: one thread that moves itself needs no lock that waits 10 ms for all processors. */
  get joinFiles(): string[] {
    return this.#folders.map((folder) => join(folder, 'tasks'))
  }

  async usage() {
    if (this.#memory === null) return { oomKills: 0, atLimit: 0, peakBytes: 0 }
    const [oomKills, peakBytes, peakWithSwap] = await Promise.all([
      readCount(join(this.#memory, 'memory.oom_control'), 'oom_kill'),
      readCount(join(this.#memory, 'memory.max_usage_in_bytes')),
      readCount(join(this.#memory, 'memory.memsw.max_usage_in_bytes')),
    ])
    // The kernel counts refusals too, but newer ones not those at the limit with swap.
    const atLimit = Math.max(peakBytes, peakWithSwap) >= this.#memoryBytes - SLACK_BYTES ? 1 : 0
    return { oomKills, atLimit, peakBytes }
  }

  async remove(): Promise<void> {
    const ends = await Promise.allSettled(this.#folders.map(removeGroup))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

/** Memory, and memory with swap where the kernel counts it: a program may not escape into the swap of its host. */
async function makeMemoryGroup(folder: string, bytes: number): Promise<void> {
  const plain: [string, string][] = [['memory.limit_in_bytes', String(bytes)]]
  try {
    await makeGroup(folder, [...plain, ['memory.memsw.limit_in_bytes', String(bytes)]])
  } catch {
    await makeGroup(folder, plain)
  }
}

async function usable(
  controller: string,
  setting: [string, string],
  memberships: ReadonlyMap<string, string>,
  mounts: readonly CgroupMount[],
): Promise<string | null> {
  const path = memberships.get(controller)
  const mount = mounts.find((entry) => entry.version === 1 && entry.controllers.includes(controller))
  const parent = path !== undefined && mount !== undefined ? folderOf(mount, path) : null
  if (parent === null) return null
  await sweepGroups(parent)
  const trial = join(parent, runGroupName())
  try {
    await makeGroup(trial, [setting])
    await removeGroup(trial)
    return parent
  } catch {
    return null
  }
}
