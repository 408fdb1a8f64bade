import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from './errors.ts'

/**
 * Makes a folder and those above it, for its owner alone; one that is there stays as it is. (`mkdir` with `recursive`
 * never returns where a parent exists and still nothing can be made in it, as in /proc.)
 * @throws UsageError `file` saying why it cannot be made
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await make(path)
  } catch (error) {
    throw new UsageError('file', `${path}: cannot be written (${(error as Error).message}); choose another folder`)
  }
}

async function make(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    const parent = dirname(path)
    if (code !== 'ENOENT' || parent === path || (await isThere(parent))) throw error
    await make(parent)
    await make(path)
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
