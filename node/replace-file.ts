import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'

/**
 * Puts a file that only its owner reads in the place of the one that is there, if any: whoever reads sees the old one or the new one,
 * whole, after a kill too.
 * @param options.flush whether that holds after a power cut as well, for what is not written all the time
 */
export async function replaceFile(file: string, content: string | Uint8Array, { flush = true } = {}): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, content, { mode: 0o600, flush })
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}
