import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Level } from 'level'
import { UsageError } from '../../protocol/index.ts'

/** Files that are never changed once they are written: a link to them is enough. */
const TABLE = /^\d+\.(ldb|sst)$/
/** Files that stand for nothing. */
const NOTES = new Set(['LOCK', 'LOG', 'LOG.old'])

/**
 * A store that is only read: LevelDB writes to a folder as soon as it opens it, so it is given one of its own, with links to
 * what it does not change and copies of the rest, which is small. The store itself stays as it is to the byte.
 */
export class Shadow implements AsyncDisposable {
  readonly db: Level<string, Uint8Array>
  readonly #folder: string

  private constructor(db: Level<string, Uint8Array>, folder: string) {
    this.db = db
    this.#folder = folder
  }

  /** @throws UsageError `file` when there is no store or somebody uses it; whatever LevelDB throws when it cannot be read */
  static async open(store: string): Promise<Shadow> {
    await assertUnused(store)
    const names = await readdir(store).catch((error: Error) => {
      throw new UsageError('file', `${store}: cannot be read (${error.message})`)
    })
    if (!names.includes('CURRENT')) throw new UsageError('file', `${store}: there is no event log`)
    const folder = join(await mkdtemp(join(tmpdir(), 'kernelswarm-read-')), randomUUID())
    await mkdir(folder)
    const db = new Level<string, Uint8Array>(folder, { keyEncoding: 'utf8', valueEncoding: 'view', createIfMissing: false })
    const shadow = new Shadow(db, folder)
    try {
      for (const name of names) {
        if (TABLE.test(name)) await symlink(resolve(store, name), join(folder, name))
        else if (!NOTES.has(name)) await copyFile(join(store, name), join(folder, name))
      }
      await db.open()
      return shadow
    } catch (error) {
      await shadow[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.db.close()
    await rm(join(this.#folder, '..'), { recursive: true, force: true })
  }
}

/** @throws UsageError `file` when some process has the store open */
export async function assertUnused(store: string): Promise<void> {
  if (await isUsed(store))
    throw new UsageError('file', `${store}: in use by a running coordinator; stop it, or back it up and read the backup`)
}

/** Whether some process has the store open: Linux says who holds a lock on which file. */
export async function isUsed(store: string): Promise<boolean> {
  const lock = await stat(join(store, 'LOCK')).catch(() => null)
  if (lock === null) return false
  const held = await readFile('/proc/locks', 'utf8').catch(() => '')
  return held.split('\n').some((line) => line.includes(`:${lock.ino} `))
}
