import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFault, sweepTemporary, temporaryName } from '../toolchain/folders.ts'

const DIGEST_BYTES = 32
/** After removal the cache is this full, so that not every product removes another. */
const REFILL = 0.8

/** Products of the compiler by the hash of what they were made from. Runs are never kept, only products. */
export interface CompileCache {
  get(key: string): Promise<Buffer | null>
  put(key: string, product: Uint8Array): Promise<void>
}

/**
 * A folder of files named by key: the product, then its SHA-256. A file that does not hold what its digest says is
 * removed when read. The time of last use is the file's modification time; the least recently used go first.
 */
export class DiskCompileCache implements CompileCache {
  readonly #folder: string
  readonly #maxBytes: number
  #bytes = 0

  private constructor(folder: string, maxBytes: number) {
    this.#folder = folder
    this.#maxBytes = maxBytes
  }

  /** @throws SandboxFault `disk` when the folder cannot be used */
  static async open(folder: string, { maxBytes }: { maxBytes: number }): Promise<DiskCompileCache> {
    const cache = new DiskCompileCache(folder, maxBytes)
    try {
      await mkdir(folder, { recursive: true })
      await sweepTemporary(folder)
      await cache.#trim()
    } catch (error) {
      throw diskFault(folder, error)
    }
    return cache
  }

  async get(key: string): Promise<Buffer | null> {
    const file = join(this.#folder, key)
    const bytes = await readFile(file).catch(() => null)
    if (bytes === null) return null
    const product = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES))
    if (!digestOf(product).equals(bytes.subarray(product.length))) {
      await rm(file, { force: true })
      return null
    }
    const now = new Date()
    // Another process may have removed it since.
    await utimes(file, now, now).catch(() => {})
    return product
  }

  /** Keeps a product if it can: a full disk costs the next compile, not this one. */
  async put(key: string, product: Uint8Array): Promise<void> {
    const draft = join(this.#folder, temporaryName(key))
    try {
      await writeFile(draft, Buffer.concat([product, digestOf(product)]))
      await rename(draft, join(this.#folder, key))
      this.#bytes += product.length + DIGEST_BYTES
      if (this.#bytes > this.#maxBytes) await this.#trim()
    } catch {
      await rm(draft, { force: true })
    }
  }

  /** Counts what is there (other processes write too) and removes the least recently used beyond the cap. */
  async #trim(): Promise<void> {
    const entries = await this.#entries()
    this.#bytes = entries.reduce((sum, entry) => sum + entry.size, 0)
    if (this.#bytes <= this.#maxBytes) return
    entries.sort((a, b) => a.mtimeMs - b.mtimeMs)
    for (const entry of entries) {
      if (this.#bytes <= this.#maxBytes * REFILL) return
      await rm(entry.file, { force: true })
      this.#bytes -= entry.size
    }
  }

  async #entries(): Promise<{ file: string; size: number; mtimeMs: number }[]> {
    const names = (await readdir(this.#folder)).filter((name) => !name.includes('.tmp-'))
    const entries = await Promise.all(
      names.map(async (name) => {
        const file = join(this.#folder, name)
        const found = await stat(file).catch(() => null)
        return found === null ? [] : [{ file, size: found.size, mtimeMs: found.mtimeMs }]
      }),
    )
    return entries.flat()
  }
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
