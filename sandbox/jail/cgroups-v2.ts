import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type CgroupMount, folderOf, makeGroup, readCount, removeGroup, runGroupName, sweepGroups } from './cgroup-tree.ts'
import type { Cgroups, GroupLimits, RunGroup } from './cgroups.ts'
import { isDelegated } from './delegated.ts'

const KIND = 'cgroup-v2'
const CONTROLLERS = ['memory', 'pids'] as const
/** Where this process moves itself and those beside it, because a cgroup that hands controllers on may hold no process. */
const SELF = 'kernelswarm-self'

/** Version 2: one tree; usable where it was delegated to us (a user unit, `systemd-run --user -p Delegate=yes`). */
export class CgroupsV2 implements Cgroups {
  readonly memory: string | null
  readonly tasks: string | null
  readonly #parent: string
  constructor(parent: string, controllers: ReadonlySet<string>) {
    this.#parent = parent
    this.memory = controllers.has('memory') ? KIND : null
    this.tasks = controllers.has('pids') ? KIND : null
  }

  /** Null where there is no version 2, or it is not ours. */
  static async find(memberships: ReadonlyMap<string, string>, mounts: readonly CgroupMount[]): Promise<CgroupsV2 | null> {
    const path = memberships.get('')
    const mount = mounts.find((entry) => entry.version === 2)
    const own = path !== undefined && mount !== undefined ? folderOf(mount, path) : null
    if (own === null) return null
    const parent = basename(own) === SELF ? dirname(own) : own
    if (!(await isDelegated(parent))) return null
    try {
      const controllers = await handOn(parent)
      if (controllers.size === 0) return null
      await sweepGroups(parent)
      await tryOne(parent)
      return new CgroupsV2(parent, controllers)
    } catch {
      return null
    }
  }

  async create(limits: GroupLimits): Promise<RunGroup> {
    const folder = join(this.#parent, runGroupName())
    await makeGroup(folder, [
      ...(this.memory === null ? [] : memorySettings(limits.memoryBytes)),
      ...(this.tasks === null ? [] : [['pids.max', String(limits.tasks)] as [string, string]]),
    ])
    // Not on every kernel: then what is over may go to the swap of the host, and one process is killed instead of all.
    await Promise.all([setIfThere(join(folder, 'memory.swap.max'), '0'), setIfThere(join(folder, 'memory.oom.group'), '1')])
    return new RunGroupV2(folder)
  }
}

class RunGroupV2 implements RunGroup {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  get joinFiles(): string[] {
    return [join(this.#folder, 'cgroup.procs')]
  }

  async usage() {
    const [oomKills, atLimit, peakBytes] = await Promise.all([
      readCount(join(this.#folder, 'memory.events'), 'oom_kill'),
      readCount(join(this.#folder, 'memory.events'), 'oom'),
      readCount(join(this.#folder, 'memory.peak')),
    ])
    return { oomKills, atLimit, peakBytes }
  }

  async remove(): Promise<void> {
    await setIfThere(join(this.#folder, 'cgroup.kill'), '1')
    await removeGroup(this.#folder)
  }
}

/**
 * Lets the children of `parent` use memory and pids; returns those they may use.
 * 1. Handed on already: done.
 * 2. Else all that is in it steps aside into a child: this process, and what it was started by or beside (a shell, npm).
 * 3. The controllers are handed on. Refused, because it is not ours: step back and say so.
 */
async function handOn(parent: string): Promise<Set<string>> {
  const offered = await wordsOf(join(parent, 'cgroup.controllers'))
  const wanted = CONTROLLERS.filter((name) => offered.has(name))
  const handed = await wordsOf(join(parent, 'cgroup.subtree_control'))
  if (wanted.length === 0 || wanted.every((name) => handed.has(name))) return new Set(wanted)
  const self = join(parent, SELF)
  await mkdir(self, { recursive: true })
  const switchOn = async () => await writeFile(join(parent, 'cgroup.subtree_control'), wanted.map((name) => `+${name}`).join(' '))
  try {
    await emptied(parent, self, switchOn)
  } catch (error) {
    await emptied(self, parent, () => rmdir(self)).catch(() => {})
    throw error
  }
  return new Set(wanted)
}

/** What is in a cgroup may start processes while it is moved: then there is another to move, a few times at most. */
const MOVES = 10

/** Does what may need a cgroup to be empty, as often as it is not after moving all its processes to another. */
async function emptied(from: string, to: string, act: () => Promise<void>): Promise<void> {
  for (let move = 1; ; move++) {
    try {
      return await act()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || move > MOVES) throw error
    }
    for (const pid of await wordsOf(join(from, 'cgroup.procs'))) await writeFile(join(to, 'cgroup.procs'), pid).catch(unlessGone)
  }
}

/** A process that ended in the meantime needs no move. */
function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ESRCH') throw error
}

async function tryOne(parent: string): Promise<void> {
  const trial = join(parent, runGroupName())
  await mkdir(trial)
  await removeGroup(trial)
}

function memorySettings(bytes: number): [string, string][] {
  return [['memory.max', String(bytes)]]
}

async function setIfThere(file: string, value: string): Promise<void> {
  // r+ does not create: in a real cgroup tree a missing file is a missing feature.
  await writeFile(file, value, { flag: 'r+' }).catch(() => {})
}

async function wordsOf(file: string): Promise<Set<string>> {
  return new Set((await readFile(file, 'utf8')).split(/\s+/).filter((word) => word !== ''))
}
