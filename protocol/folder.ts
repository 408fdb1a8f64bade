import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from './errors.ts'

/**
 * Makes a folder and those above it; one that is there stays as it is. (`mkdir` with `recursive`
 * never returns where a parent exists and still nothing can be made in it, as in /proc.)
 * @param options.secret only its owner may look into it (keys are kept there)
 * @throws UsageError `file` saying why it cannot be made
 */
export async function makeFolder(path: string, options: { secret?: boolean } = {}): Promise<void> {
  try {
    await make(path, options.secret ? 0o700 : 0o777)
  } catch (error) {
    throw new UsageError('file', `${path}: cannot be written (${(error as Error).message}); choose another folder`)
  }
}

async function make(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    const parent = dirname(path)
    if (code !== 'ENOENT' || parent === path || (await isThere(parent))) throw error
    await make(parent, mode)
    await make(path, mode)
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
