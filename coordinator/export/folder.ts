import { createWriteStream } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '../../protocol/index.ts'

/** Names come from a coordinator's answers: nothing but these characters, and no step upwards. */
const SAFE = /^(?!.*(^|\/)\.)[\w.,=/-]{1,1000}$/

/**
 * A folder that is written somewhere beside its place, and is put there when it is whole: who finds it finds all of it.
 * Disposed of before, nothing of it is left.
 */
export class ExportFolder implements AsyncDisposable {
  readonly #place: string
  readonly #draft: string
  #files = 0
  #bytes = 0
  #done = false

  private constructor(place: string, draft: string) {
    this.#place = place
    this.#draft = draft
  }

  /** @throws UsageError `file` when there is something in the folder already, or it cannot be made */
  static async begin(folder: string): Promise<ExportFolder> {
    const place = resolve(folder)
    try {
      const there = await readdir(place).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      if (there.length > 0)
        throw new UsageError('file', `${folder}: there is something in it already; name a new or an empty folder`)
      await mkdir(dirname(place), { recursive: true })
      return new ExportFolder(place, await mkdtemp(join(dirname(place), `.${basename(place)}-`)))
    } catch (error) {
      if (error instanceof UsageError) throw error
      throw new UsageError('file', `${folder}: ${(error as Error).message}`)
    }
  }

  get written(): { files: number; bytes: number } {
    return { files: this.#files, bytes: this.#bytes }
  }

  async has(name: string): Promise<boolean> {
    return await access(this.#path(name)).then(
      () => true,
      () => false,
    )
  }

  async write(name: string, bytes: Uint8Array | string): Promise<void> {
    const path = this.#path(name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
    this.#files++
    this.#bytes += Buffer.byteLength(bytes)
  }

  /** The same of what comes a piece at a time. */
  async writeAll(name: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#path(name)
    await mkdir(dirname(path), { recursive: true })
    const file = createWriteStream(path)
    await pipeline(Readable.from(pieces, { objectMode: false }), file)
    this.#files++
    this.#bytes += file.bytesWritten
  }

  /** Puts it in its place. */
  async finish(): Promise<void> {
    // An empty folder that is there makes room.
    await rmdir(this.#place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    await rename(this.#draft, this.#place)
    this.#done = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#done) await rm(this.#draft, { recursive: true, force: true })
  }

  #path(name: string): string {
    if (!SAFE.test(name)) throw new UsageError('refused', 'the coordinator names something that cannot be the name of a file')
    return join(this.#draft, name)
  }
}
