import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SandboxFault } from '../types.ts'
import { REAP_MS } from './limits.ts'

/** A mounted cgroup hierarchy: version 2, or version 1 with its controllers. */
export interface CgroupMount {
  version: 1 | 2
  controllers: string[]
  /** Which cgroup is shown at the mount point. */
  root: string
  at: string
}

/** `/proc/self/cgroup`: the cgroup of this process by controller; version 2 under the empty name. */
export function parseMemberships(text: string): Map<string, string> {
  const rows = text.split('\n').flatMap((line) => {
    const [, controllers, ...path] = line.split(':')
    if (controllers === undefined || path.length === 0) return []
    return controllers.split(',').map((name): [string, string] => [name, path.join(':')])
  })
  return new Map(rows)
}

/** `/proc/self/mountinfo`: fields 4 (root), 5 (mount point), and after the dash type, source, options. */
export function parseMounts(text: string): CgroupMount[] {
  return text.split('\n').flatMap((line): CgroupMount[] => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root = '/', at = ''] = before.split(' ')
    const [type, , options = ''] = after.split(' ')
    if (type === 'cgroup2') return [{ version: 2, controllers: [], root, at }]
    if (type === 'cgroup') return [{ version: 1, controllers: options.split(','), root, at }]
    return []
  })
}

/** The folder of a cgroup under a mount, or null where the mount does not show it. */
export function folderOf(mount: CgroupMount, path: string): string | null {
  if (mount.root === '/') return join(mount.at, path)
  return path === mount.root || path.startsWith(`${mount.root}/`) ? join(mount.at, path.slice(mount.root.length)) : null
}

const PREFIX = 'kernelswarm-'
let made = 0

/** A name for a run's cgroup that tells who made it. */
export function runGroupName(): string {
  made += 1
  return `${PREFIX}${process.pid}-${made}`
}

/** Makes a cgroup and writes its settings; leaves nothing when one of them is refused. */
export async function makeGroup(folder: string, settings: readonly [file: string, value: string][]): Promise<void> {
  await mkdir(folder)
  try {
    for (const [file, value] of settings) await writeFile(join(folder, file), value)
  } catch (error) {
    await rmdir(folder)
    throw error
  }
}

/** Kills what is in a cgroup and removes it, within REAP_MS. Gone already is fine. */
export async function removeGroup(folder: string): Promise<void> {
  const until = performance.now() + REAP_MS
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 100)) {
    try {
      return await rmdir(folder)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return
      if (code !== 'EBUSY' || performance.now() > until) {
        throw new SandboxFault('jail', `cgroup ${folder} cannot be removed: ${code}`, { cause: error })
      }
    }
    await killMembers(folder)
    await delay(waitMs)
  }
}

async function killMembers(folder: string): Promise<void> {
  const members = (await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')).split('\n')
  for (const pid of members.map(Number).filter((pid) => pid > 0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone in the meantime.
    }
  }
}

/** Removes cgroups of runs whose maker is no more: it was killed before it could. */
export async function sweepGroups(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const maker = new RegExp(`^${PREFIX}(\\d+)-\\d+$`).exec(name)?.[1]
    if (maker !== undefined && !isAlive(Number(maker))) await removeGroup(join(parent, name)).catch(() => {})
  }
}

/** Whether a process of that number exists. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The number after a word in a `word number` file, or the whole file as a number; 0 where there is none. */
export async function readCount(file: string, word?: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const found = word === undefined ? text : new RegExp(`^${word} (\\d+)$`, 'm').exec(text)?.[1]
  const value = Number(found)
  return Number.isFinite(value) ? value : 0
}
