import { access } from 'node:fs/promises'
import { SandboxFault } from '../types.ts'

/** What newer versions of bubblewrap can and older cannot; used where it is there. */
export const OPTIONAL = ['--size', '--disable-userns'] as const
export type Feature = (typeof OPTIONAL)[number]

/** What no jail can be without; bubblewrap 0.5 and later has it (Debian 12, Ubuntu 22.04). */
const REQUIRED = [
  '--json-status-fd',
  '--die-with-parent',
  '--unshare-cgroup-try',
  '--ro-bind-data',
  '--remount-ro',
  '--perms',
  '--seccomp',
]

/** Reads bubblewrap's help for what it can. @throws SandboxFault `jail` where it is too old */
export function featuresOf(help: string): ReadonlySet<Feature> {
  const missing = REQUIRED.filter((option) => !help.includes(`${option} `))
  if (missing.length > 0) {
    throw new SandboxFault('jail', `bubblewrap is too old: it has no ${missing.join(', ')}; version 0.5 or later is needed`)
  }
  return new Set(OPTIONAL.filter((option) => new RegExp(`${option}\\s`).test(help)))
}

/** Whether this kernel tells a process's children, which the watch on memory goes by. */
export async function canWatch(): Promise<boolean> {
  return await access(`/proc/${process.pid}/task/${process.pid}/children`).then(
    () => true,
    () => false,
  )
}
