import { chmod, cp, mkdir, readdir, realpath, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Mount } from '../jail/policy.ts'
import { diskFault, hashOf, removeStale, settle, sweepTemporary, temporaryName } from './folders.ts'
import { isBelow } from './place.ts'
import { SYSTEM_HEADERS } from './system-headers.ts'

/** The headers a jail shows beside the compiler's own. */
export interface Headers {
  /** Changes when they do: what was compiled with others is not to be used. */
  id: string
  mounts: Mount[]
}

/** A folder the compiler looks in that holds headers of everything installed, and the folders of C++ in it. */
interface Root {
  at: string
  /** Below `at`, itself included. */
  folders: string[]
  cpp: string[]
}

/**
 * Folders of C++ headers are shown as they are. Of the others, which hold the headers of whatever is installed, the C
 * library's and the kernel's are copied into the cache folder: one folder to show, where they are hundreds of files.
 * What is shown already, the compiler's own, is left as it is.
 */
export async function prepareHeaders(folders: readonly string[], shown: readonly Mount[], cacheDir: string): Promise<Headers> {
  const isShown = (folder: string) => shown.some((mount) => mount.kind === 'system' && isBelow(folder, mount.path))
  const real = (await Promise.all(folders.map((folder) => realpath(folder).catch(() => [])))).flat()
  const there = real.filter((folder) => !isShown(folder))
  const cpp = outermost(there.filter(isCpp))
  const rest = there.filter((folder) => !isCpp(folder))
  const roots = outermost(await withHeaders(rest)).map((at) => {
    const inside = (all: readonly string[]) => all.filter((folder) => folder === at || isBelow(folder, at))
    return { at, folders: inside(rest), cpp: inside(cpp) }
  })
  const id = hashOf(...(await Promise.all(roots.map(stateOf)))).slice(0, 32)
  const shelf = join(cacheDir, 'headers')
  const folder = join(shelf, id)
  try {
    await mkdir(shelf, { recursive: true })
    await sweepTemporary(shelf)
    if ((await stat(folder).catch(() => null)) === null) await copyAll(roots, folder)
    await utimes(folder, new Date(), new Date())
    await removeStale(shelf, id)
  } catch (error) {
    throw diskFault(folder, error)
  }
  const own = roots.map(({ at }, index): Mount => ({ kind: 'own', folder: join(folder, String(index)), at }))
  return { id, mounts: [...own, ...cpp.map((path): Mount => ({ kind: 'system', path }))] }
}

/** Without those that hold nothing of the table, as /usr/local/include on most machines. */
async function withHeaders(folders: readonly string[]): Promise<string[]> {
  const names = new Set(SYSTEM_HEADERS)
  const lists = await Promise.all(folders.map(async (folder) => ({ folder, entries: await readdir(folder) })))
  return lists.flatMap(({ folder, entries }) => (entries.some((name) => names.has(name)) ? [folder] : []))
}

function isCpp(folder: string): boolean {
  return /\/c\+\+(\/|$)/.test(folder)
}

function outermost(folders: readonly string[]): string[] {
  const all = [...new Set(folders)]
  return all.filter((folder) => !all.some((other) => isBelow(folder, other)))
}

/** When headers were last changed: a package that changes one changes the time of its folder. */
async function stateOf({ at, folders, cpp }: Root): Promise<string> {
  const names = await Promise.all(
    folders.flatMap((folder) => SYSTEM_HEADERS.map(async (name) => await timesOf(join(folder, name)))),
  )
  // Those of C++ are precompiled with ours where they stand.
  const shown = await Promise.all(cpp.map(timesOf))
  return JSON.stringify([at, folders, cpp, names.flat(), shown.flat()])
}

async function timesOf(path: string): Promise<[string, number][]> {
  const found = await stat(path).catch(() => null)
  if (found === null) return []
  const inside = found.isDirectory() ? await readdir(path, { recursive: true, withFileTypes: true }) : []
  const folders = inside.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
  const times = folders.sort().map(async (folder): Promise<[string, number]> => [folder, (await stat(folder)).mtimeMs])
  return [[path, found.mtimeMs], ...(await Promise.all(times))]
}

async function copyAll(roots: readonly Root[], final: string): Promise<void> {
  const draft = join(dirname(final), temporaryName('headers'))
  try {
    for (const [index, root] of roots.entries()) await copyRoot(root, join(draft, String(index)))
    await openToAll(draft)
    await settle(draft, final)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Links become what they lead to: a folder of links out of the copy would lead nowhere in the jail. */
async function copyRoot({ at, folders, cpp }: Root, to: string): Promise<void> {
  for (const folder of folders) {
    const place = join(to, relative(at, folder))
    await mkdir(place, { recursive: true })
    for (const name of SYSTEM_HEADERS) {
      const from = join(folder, name)
      if ((await stat(from).catch(() => null)) !== null) {
        await cp(from, join(place, name), { recursive: true, dereference: true })
      }
    }
  }
  // Where they are mounted: nothing can be made in a folder that is read-only.
  for (const folder of cpp) await mkdir(join(to, relative(at, folder)), { recursive: true })
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    await chmod(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644)
  }
}
