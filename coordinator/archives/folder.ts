import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { holds, KernelswarmError, makeFolder } from '../../protocol/index.ts'
import { Aside } from './aside.ts'
import { readFrom } from './read-from.ts'

/** Of a data folder: the archives of rounds that were closed, beside the store. */
export const ARCHIVES = 'archives'

/** Archives that are kept open: reading a round's results asks one of them some thousand times. */
const OPEN_ARCHIVES = 8

/** How long nothing more is said of an archive that cannot be read, and of how many. */
const SAID_MS = 60_000
const MAX_SAID = 100

/** An archive that is not there, or not what it was; the message says which, and what to do. */
export class ArchiveError extends KernelswarmError<'archive'> {}

/** Where a content is that has left the store: in the archive of which round, and there. */
export interface Place {
  round: string
  offset: number
  length: number
}

interface Opened {
  handle: Promise<FileHandle>
  reading: number
  /** Closed as soon as nobody reads from it. */
  dropped: boolean
}

/** The archives of a coordinator: each is written once, whole or not at all, and never changed. */
export class ArchiveFolder {
  /** Told when an archive could not be read: at most once a minute of each. */
  onUnreadable: ((round: string, detail: string) => void) | null = null
  readonly folder: string
  readonly #said = new Map<string, number>()
  /** The one that was asked last is the last. */
  readonly #opened = new Map<string, Opened>()

  constructor(folder: string) {
    this.folder = folder
  }

  fileOf(round: string): string {
    return join(this.folder, `${round}.car`)
  }

  /**
   * Writes the archive of a round; it has its name when all of it is on disk. One that is there by that name is replaced.
   * @returns its length in bytes
   * @throws whatever the disk says, or the pieces; nothing is left of it then
   */
  async write(round: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
    await makeFolder(this.folder, { secret: true })
    const draft = `${this.fileOf(round)}.part`
    try {
      const bytes = await writeAll(draft, pieces)
      await rename(draft, this.fileOf(round))
      await syncFolder(this.folder)
      this.#drop(round)
      return bytes
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }

  /** A place for what the archive of a round is made of, on the same disk; it takes as much as the archive's lists. One for a round at a time. */
  async aside(round: string): Promise<Aside> {
    await makeFolder(this.folder, { secret: true })
    return await Aside.at(join(this.folder, `${round}.lists.part`))
  }

  /** A content that is in an archive. @throws ArchiveError when it cannot be read there, or is another one */
  async read(cid: string, { round, offset, length }: Place): Promise<Uint8Array> {
    const opened = this.#open(round)
    opened.reading++
    try {
      const bytes = await readFrom(await opened.handle, offset, length)
      if (bytes === null || !(await holds(cid, bytes))) throw new Error(`it is damaged at byte ${offset}`)
      return bytes
    } catch (error) {
      // Whoever puts a good copy there is heard at the next reading.
      this.#drop(round)
      this.#say(round, error as Error)
      throw new ArchiveError('archive', sayUnreadable(round, error as NodeJS.ErrnoException))
    } finally {
      opened.reading--
      closeUnused(opened)
    }
  }

  /** Archives that are open. */
  get open(): number {
    return this.#opened.size
  }

  async close(): Promise<void> {
    const all = [...this.#opened.values()]
    for (const round of [...this.#opened.keys()]) this.#drop(round)
    await Promise.allSettled(all.map(({ handle }) => handle))
  }

  #say(round: string, { message }: Error): void {
    const now = performance.now()
    for (const [other, at] of this.#said) if (now - at >= SAID_MS) this.#said.delete(other)
    if (this.#said.has(round) || this.#said.size >= MAX_SAID) return
    this.#said.set(round, now)
    this.onUnreadable?.(round, message)
  }

  #open(round: string): Opened {
    const known = this.#opened.get(round)
    const opened = known ?? { handle: open(this.fileOf(round), 'r'), reading: 0, dropped: false }
    if (known === undefined) opened.handle.catch(() => undefined)
    this.#opened.delete(round)
    this.#opened.set(round, opened)
    const [oldest = ''] = this.#opened.keys()
    if (this.#opened.size > OPEN_ARCHIVES) this.#drop(oldest)
    return opened
  }

  #drop(round: string): void {
    const opened = this.#opened.get(round)
    if (opened === undefined) return
    this.#opened.delete(round)
    opened.dropped = true
    closeUnused(opened)
  }
}

function closeUnused({ handle, reading, dropped }: Opened): void {
  if (!dropped || reading > 0) return
  handle.then((file) => file.close()).catch(() => undefined)
}

function sayUnreadable(round: string, { code, message }: NodeJS.ErrnoException): string {
  const why = code === 'ENOENT' ? 'it is not there' : message
  return `what is asked for is in ${ARCHIVES}/${round}.car of the coordinator, which cannot be read (${why}); its operator has to put a good copy there`
}

async function writeAll(path: string, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  await using file = await open(path, 'w', 0o600)
  let bytes = 0
  for await (const piece of pieces) {
    await file.writeFile(piece)
    bytes += piece.byteLength
  }
  await file.sync()
  return bytes
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
