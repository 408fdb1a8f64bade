import { readFile } from 'node:fs/promises'
import { parseMemberships, parseMounts } from './cgroup-tree.ts'
import { type Cgroups, NO_CGROUPS } from './cgroups.ts'
import { CgroupsV1 } from './cgroups-v1.ts'
import { CgroupsV2 } from './cgroups-v2.ts'

/** Finds what may be used below the cgroup this process is in; version 2 first, since it is the one people delegate. */
export async function findCgroups(): Promise<Cgroups> {
  const memberships = parseMemberships(await textOf('/proc/self/cgroup'))
  const mounts = parseMounts(await textOf('/proc/self/mountinfo'))
  return (await CgroupsV2.find(memberships, mounts)) ?? (await CgroupsV1.find(memberships, mounts)) ?? NO_CGROUPS
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch(() => '')
}
