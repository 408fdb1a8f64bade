import { randomUUID } from 'node:crypto'
import { chmod, constants, copyFile, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { makeFolder, UsageError } from '../../protocol/index.ts'
import { ARCHIVES } from '../archives/folder.ts'

/** Of a data folder: the store. */
export const LOG = 'log'
/** Of a data folder: the coordinator's key. */
export const KEY = 'coordinator.key'
const MANIFEST = 'backup.json'

/** What a backup says of itself. */
export const Manifest = z.strictObject({
  v: z.literal(1),
  /** When it was made, milliseconds since 1970. */
  at: z.int(),
  agent: z.string(),
  /** The coordinator's peer id. */
  coordinator: z.string(),
  records: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** Of all records. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The files beside the store, its key among them unless it was left out. */
  files: z.array(z.string()),
  /** The archives of rounds, with contents that have left the store. */
  archives: z.array(z.string()).default([]),
})
export type Manifest = z.infer<typeof Manifest>

/** @throws UsageError `file` when a folder is no backup */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: Error) => {
    throw new UsageError('file', `${folder}: not a backup (${error.message})`)
  })
  try {
    return Manifest.parse(JSON.parse(text))
  } catch {
    throw new UsageError('file', `${folder}: not a backup (${MANIFEST} is not what a backup says of itself)`)
  }
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** The files of a data folder beside its store: its key, its allow-list, whatever else its owner put there. */
export async function filesOf(data: string): Promise<string[]> {
  const entries = await readdir(data, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() && entry.name !== MANIFEST ? [entry.name] : [])).sort()
}

/** The archives of a data folder or a backup. */
export async function archivesOf(data: string): Promise<string[]> {
  const names = await readdir(join(data, ARCHIVES)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => name.endsWith('.car')).sort()
}

/** Copies archives, which are never changed once they are there. */
export async function copyArchives(from: string, to: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await makeFolder(join(to, ARCHIVES), { secret: true })
  await copyFiles(join(from, ARCHIVES), join(to, ARCHIVES), names)
}

/** Copies files; only their owner may read them. */
export async function copyFiles(from: string, to: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE)
    await chmod(join(to, name), 0o600)
  }
}

/**
 * Makes a folder that is there whole or not at all: it gets its name when all in it is on disk.
 * @throws UsageError `file` when something is there by that name already
 */
export async function makeWhole<T>(folder: string, fill: (draft: string) => Promise<T>): Promise<T> {
  await assertFree(folder)
  const draft = join(dirname(folder), `.${basename(folder)}.${randomUUID()}`)
  try {
    await makeFolder(draft, { secret: true })
    const result = await fill(draft)
    await syncAll(draft)
    await rename(draft, folder)
    await sync(dirname(folder))
    return result
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException
    throw syscall === undefined ? error : new UsageError('file', `${folder}: cannot be written (${message})`)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** @throws UsageError `file` when a folder is there and not empty */
export async function assertFree(folder: string): Promise<void> {
  const there = await readdir(folder).catch(async () => ((await stat(folder).catch(() => null)) === null ? [] : ['a file']))
  if (there.length > 0)
    throw new UsageError('file', `${folder}: is there already, and is not overwritten; choose another folder, or move it away`)
}

async function syncAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await syncAll(path)
    else await sync(path)
  }
  await sync(folder)
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}
