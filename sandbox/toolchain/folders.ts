import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isAlive } from '../jail/cgroup-tree.ts'
import { SandboxFault } from '../types.ts'

/** A file of a prepared folder. */
export interface FileEntry {
  /** Relative to the folder. */
  path: string
  bytes: Uint8Array
}

/** All files below a folder, in the order of their names. */
export async function filesBelow(folder: string): Promise<FileEntry[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return await Promise.all(paths.sort().map(async (path) => ({ path: relative(folder, path), bytes: await readFile(path) })))
}

/** Writes files that every user may read, whatever this process's mask: a jailed compiler is nobody. */
export async function writeShared(folder: string, files: readonly FileEntry[]): Promise<void> {
  for (const { path, bytes } of files) {
    const at = join(folder, path)
    await mkdir(join(at, '..'), { recursive: true })
    await writeFile(at, bytes)
  }
}

/** SHA-256 of parts, each with its length, so that no two lists of parts look the same. */
export function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex')
}

/** A name beside the final one, that tells who is at work on it. */
export function temporaryName(name: string): string {
  return `${name}.tmp-${process.pid}-${randomBytes(6).toString('hex')}`
}

/** Removes what processes that are no more have left half done. */
export async function sweepTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const maker = /\.tmp-(\d+)-[0-9a-f]{12}$/.exec(name)?.[1]
    if (maker !== undefined && !isAlive(Number(maker))) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** Moves a finished folder to its place; when another process was first, its work is as good as ours. */
export async function settle(temporary: string, final: string): Promise<void> {
  try {
    await rename(temporary, final)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Prepared folders of other compilers or versions are removed when nobody has used them for this long. */
const STALE_MS = 14 * 24 * 60 * 60 * 1000

/** Removes what stands beside the current folder and has not been used for long. */
export async function removeStale(shelf: string, current: string): Promise<void> {
  for (const name of await readdir(shelf)) {
    const used = await stat(join(shelf, name)).catch(() => null)
    if (name === current || name.includes('.tmp-') || used === null || Date.now() - used.mtimeMs < STALE_MS) continue
    await rm(join(shelf, name), { recursive: true, force: true })
  }
}

/** Whether the disk is why something failed: here, or in a tool that says so in its own words. */
export function isDiskError(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException
  return /^(ENOSPC|EDQUOT|EROFS|EIO)$/.test(code ?? '') || /no space left on device|disk quota exceeded/i.test(message)
}

/** A disk that is full, or a folder that cannot be written, is the machine's fault. */
export function diskFault(folder: string, error: unknown): SandboxFault {
  return new SandboxFault('disk', `cannot write ${folder}: ${(error as Error).message}`, { cause: error })
}
