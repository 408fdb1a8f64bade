import { lstat, readlink, realpath } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Mount } from '../jail/policy.ts'
import { find } from './find.ts'

/** What a compiler needs of the system: programs, headers, libraries. Nothing of /etc, /var, /usr/local, /usr/share. */
const FOLDERS = [
  '/usr/bin',
  '/usr/include',
  '/usr/lib',
  '/usr/lib32',
  '/usr/lib64',
  '/usr/libexec',
  '/bin',
  '/lib',
  '/lib32',
  '/lib64',
] as const

/** Programs the driver starts by name; distributions reach some of them through /etc/alternatives. */
const TOOLS = ['g++', 'as', 'ld', 'sh', 'cat'] as const

/** The folders as they are on this machine (a link stays a link), and the links that tools are reached by. */
export async function compilerMounts(): Promise<Mount[]> {
  const folders = await Promise.all(FOLDERS.map(folderMount))
  const links = await Promise.all(TOOLS.map(linksOutside))
  const byPlace = new Map(links.flat().map((mount) => [mount.at, mount]))
  return [...folders.flat(), ...byPlace.values()]
}

async function folderMount(path: string): Promise<Mount[]> {
  const stat = await lstat(path).catch(() => null)
  if (stat === null) return []
  return stat.isSymbolicLink() ? [{ kind: 'link', target: await readlink(path), at: path }] : [{ kind: 'system', path }]
}

/** Walks the links of a tool; each that lies in /etc is made anew in the jail, straight to where they all lead. */
async function linksOutside(name: string): Promise<{ kind: 'link'; target: string; at: string }[]> {
  const first = await find(name)
  if (first === null) return []
  const target = await realpath(first)
  const found: { kind: 'link'; target: string; at: string }[] = []
  // A chain longer than this is a loop, which realpath has refused already.
  for (let at = first, step = 0; step < 40; step++) {
    const next = await readlink(at).catch(() => null)
    if (next === null) break
    if (at.startsWith('/etc/')) found.push({ kind: 'link', target, at })
    at = resolve(dirname(at), next)
  }
  return found
}
