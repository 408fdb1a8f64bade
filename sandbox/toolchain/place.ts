import { lstat, readlink, realpath } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Mount } from '../jail/policy.ts'

type Link = Extract<Mount, { kind: 'link' }>
type System = Extract<Mount, { kind: 'system' }>

/** A chain longer than this is a loop, which the kernel refuses as well. */
const MAX_LINKS = 40

/**
 * How paths of this machine come to stand in a jail under the same names: what they lead to at the place where it really is,
 * and every link on the way there (`/lib` to `usr/lib`). Links in /etc (its alternatives) are left out: a file that is a link
 * becomes one straight to its end. Paths that do not exist are left out, and so is what lies in a folder that is shown as
 * a whole.
 */
export async function place(paths: Iterable<string>): Promise<Mount[]> {
  const placed = (await Promise.all([...paths].map(placeOne))).flat()
  const folders = placed.flatMap((mount) => (mount.kind === 'folder' ? [mount.path] : []))
  const hidden = (at: string) => folders.some((folder) => isBelow(at, folder))
  const mounts = placed.map((mount): Link | System => (mount.kind === 'link' ? mount : { kind: 'system', path: mount.path }))
  const byPlace = new Map(mounts.map((mount) => [mount.kind === 'link' ? mount.at : mount.path, mount]))
  return [...byPlace].flatMap(([at, mount]) => (hidden(at) ? [] : [mount])).sort(linksFirst)
}

/** Whether a path lies in a folder, and is not the folder itself. */
export function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`)
}

type Placed = Link | { kind: 'file' | 'folder'; path: string }

async function placeOne(path: string): Promise<Placed[]> {
  const end = await realpath(path).catch(() => null)
  if (end === null) return []
  const links = (await walk(path, '/')).links.filter(({ at }) => !isBelow(at, '/etc'))
  // Straight to the end for the file's own links; those of folders stay as they are.
  const own = links.map((link) => (link.whole ? { ...link, target: end } : link))
  const shown = { kind: (await lstat(end)).isDirectory() ? ('folder' as const) : ('file' as const), path: end }
  return [...own.map(({ target, at }) => ({ kind: 'link' as const, target, at })), shown]
}

/** A link on the way along a path; `whole` where nothing of the path is left after it. */
interface Met {
  target: string
  at: string
  whole: boolean
}

/** Goes along a path as the kernel does: where it leads, and the links that were met. */
async function walk(path: string, from: string, last = true, depth = 0): Promise<{ at: string; links: Met[] }> {
  if (depth > MAX_LINKS) throw new Error(`${path} is a loop of links`)
  const links: Met[] = []
  let at = isAbsolute(path) ? '/' : from
  const names = path.split('/').filter((name) => name !== '')
  for (const [index, name] of names.entries()) {
    const next = join(at, name)
    const target = await readlink(next).catch(() => null)
    if (target === null) {
      at = next
      continue
    }
    const whole = last && index === names.length - 1
    const beyond = await walk(target, at, whole, depth + 1)
    links.push({ target, at: next, whole }, ...beyond.links)
    at = beyond.at
  }
  return { at, links }
}

/** bubblewrap makes what it is told in this order: a link in the place of which it had made a folder would fail. */
function linksFirst(a: Mount, b: Mount): number {
  return Number(b.kind === 'link') - Number(a.kind === 'link')
}
