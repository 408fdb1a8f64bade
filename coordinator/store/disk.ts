import { EventEmitter } from 'node:events'
import { statfs } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Level } from 'level'
import { KernelswarmError, UsageError } from '../../protocol/index.ts'
import { type DiskCondition, GOOD, type Trouble, troubleOf, WORDS } from './condition.ts'
import { watchForMerging } from './merging.ts'

/** Text is kept as UTF-8, and goes to the database as it is: a copy of it in a buffer is memory that only a full collection frees. */
export type Operation =
  | { type: 'put'; key: string; value: Uint8Array }
  | { type: 'put'; key: string; value: string; valueEncoding: 'utf8' }
  | { type: 'del'; key: string }

/**
 * What LevelDB gathers in memory (twice that at most) before it makes a table of it; what is synced is in its log meanwhile. Records
 * of the state are written again and again while a task is under way, and never get into a table when they are gathered for
 * longer: with LevelDB's own 4 MiB a verdict cost 71 KB of writes, with this 15. A start reads as much of the log again.
 */
const WRITE_BUFFER_BYTES = 64 * 2 ** 20
/**
 * How large LevelDB's tables are. Each is synced by itself, and merged with those of the next level that it overlaps: of its own
 * 2 MiB there are hundreds, and its thread takes a sixth more of a core.
 */
const TABLE_BYTES = 32 * 2 ** 20
/** Waits between tries to write to a disk that failed: doubling. Somebody who has made room does not wait long. */
const FIRST_TRY_MS = 500
const LONGEST_TRY_MS = 15_000
/** How often it is seen how much space is left: at 100 MB a second, ten times before the default reserve is used up. */
const SPACE_INTERVAL_MS = 2_000
/**
 * Space below which nothing new is begun: what is out can be finished (a thousand nodes with 64 verdicts each of 4 KiB are
 * 256 MiB), and the database may hold what it writes twice while it tidies up.
 */
export const DEFAULT_RESERVE_BYTES = 512 * 1024 * 1024
/** So much more than the reserve must be free before it goes on, so that it does not change its mind every second. */
const AGAIN_FACTOR = 1.25

/** What LevelDB can do beside what every database of its kind can. */
interface Compacting {
  compactRange(from: string, to: string): Promise<void>
}

export interface DiskInit {
  /** @default DEFAULT_RESERVE_BYTES */
  reserveBytes?: number
  /** Bytes that may still be written to the disk of a folder. @default what the system says */
  freeBytes?: (folder: string) => Promise<number>
  /** @default SPACE_INTERVAL_MS */
  spaceIntervalMs?: number
}

/**
 * The Level database of a folder, and how the disk under it does. A write that fails is tried again, with the database
 * opened anew (LevelDB takes nothing more after a failure, and what it says of the end of its log must be read again),
 * until it is on disk or `close` is called: to whoever waits, a full disk is a very slow one. What is written again is
 * the same, so that it does not matter whether the first try got through. Everybody else sees `condition`, and begins
 * nothing while it is not good.
 */
export class Disk {
  readonly changes = new EventEmitter<{ condition: [DiskCondition] }>()
  readonly #db: Level<string, Uint8Array>
  readonly #folder: string
  readonly #reserveBytes: number
  readonly #freeBytes: (folder: string) => Promise<number>
  readonly #closing = new AbortController()
  #condition: DiskCondition = GOOD
  #mending: Promise<void> | null = null
  #watch: NodeJS.Timeout | null = null

  private constructor(db: Level<string, Uint8Array>, folder: string, init: DiskInit) {
    this.#db = db
    this.#folder = folder
    this.#reserveBytes = init.reserveBytes ?? DEFAULT_RESERVE_BYTES
    this.#freeBytes = init.freeBytes ?? freeOn
    this.changes.setMaxListeners(0)
  }

  /**
   * @throws UsageError `file` when the folder cannot be used or is in use; KernelswarmError `store` when its disk is full or
   *   fails, which may be mended
   */
  static async open(folder: string, init: DiskInit = {}): Promise<Disk> {
    const db = new Level<string, Uint8Array>(folder, {
      keyEncoding: 'utf8',
      valueEncoding: 'view',
      writeBufferSize: WRITE_BUFFER_BYTES,
      maxFileSize: TABLE_BYTES,
    })
    const lowerMerging = await watchForMerging()
    try {
      await db.open()
    } catch (error) {
      throw openError(folder, error as Error)
    }
    const disk = new Disk(db, folder, init)
    // No key is there, so that nothing is tidied up.
    await lowerMerging(() => disk.compact({ gte: '~', lt: '~' }).catch(() => undefined))
    await disk.#look()
    disk.#watch = setInterval(() => void disk.#look(), init.spaceIntervalMs ?? SPACE_INTERVAL_MS).unref()
    return disk
  }

  get condition(): DiskCondition {
    return this.#condition
  }

  /** Resolves when writes go through, at once where they do; also when it is closed. */
  async writable(): Promise<void> {
    while (this.#condition.state === 'failing' && !this.#closing.signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.changes.once('condition', () => resolve())
      await promise
    }
  }

  /** Resolves when the last write of now failed, or the disk is closed. To be raced with what may never come. */
  async failing(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = ({ state }: DiskCondition) => state === 'failing' && resolve()
    const done = () => resolve()
    this.changes.on('condition', look)
    signal.addEventListener('abort', done, { once: true })
    look(this.#condition)
    if (signal.aborted) resolve()
    await promise
    this.changes.off('condition', look)
    signal.removeEventListener('abort', done)
  }

  /**
   * Writes all of it or nothing; on disk when it resolves, however long that takes.
   * @throws KernelswarmError `store` when it was closed before
   */
  async batch(operations: readonly Operation[]): Promise<void> {
    for (;;) {
      if (this.#closing.signal.aborted) throw closedError()
      try {
        await this.#mending
        await this.#db.batch<string, Uint8Array | string>([...operations], { sync: true })
        if (this.#condition.state === 'failing') await this.#look(true)
        return
      } catch (error) {
        await this.#mend(error as Error)
      }
    }
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    await this.#mending
    return await this.#db.get(key)
  }

  /** In the order of the keys. */
  async getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    await this.#mending
    return await this.#db.getMany([...keys])
  }

  /** Takes away all in a range of keys; not synced, and to be done again where it is not sure that it was. */
  async clear(range: { gte: string; lt: string }): Promise<void> {
    await this.#db.clear(range)
  }

  /** Has the database tidy up a range of keys, so that what was taken away there takes no space any longer. */
  async compact(range: { gte: string; lt: string }): Promise<void> {
    await this.#mending
    await (this.#db as unknown as Compacting).compactRange(range.gte, range.lt)
  }

  /** What stands in a range of keys as of now, in their order: later writes do not change it. */
  iterator(
    range: { gte?: string; gt?: string; lt?: string; reverse?: boolean; limit?: number } = {},
  ): AsyncIterable<[string, Uint8Array]> {
    return this.#db.iterator(range)
  }

  keys(range: { gte?: string; lt?: string; reverse?: boolean; limit?: number }): AsyncIterable<string> {
    return this.#db.keys(range)
  }

  /** Gives up what could not be written. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort()
    if (this.#watch !== null) clearInterval(this.#watch)
    this.changes.emit('condition', this.#condition)
    await this.#mending
    await this.#db.close()
  }

  /** Opens the database anew, as often as it takes; resolves when it is open, or closed for good. */
  async #mend(error: Error): Promise<void> {
    this.#failed(error)
    this.#mending ??= this.#reopen().finally(() => {
      this.#mending = null
    })
    await this.#mending
  }

  async #reopen(): Promise<void> {
    const { signal } = this.#closing
    for (let tries = this.#tries(); !signal.aborted; tries = this.#tries()) {
      await sleep(Math.min(FIRST_TRY_MS * 2 ** (tries - 1), LONGEST_TRY_MS), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.#db.close()
        await this.#db.open()
        return
      } catch (error) {
        this.#failed(error as Error)
      }
    }
  }

  #tries(): number {
    return this.#condition.state === 'failing' ? this.#condition.tries : 1
  }

  #failed(error: Error): void {
    if (this.#closing.signal.aborted) return
    const { trouble, detail } = troubleOf(error)
    const before = this.#condition.state === 'failing' ? this.#condition : { since: Date.now(), tries: 0 }
    this.#become({ state: 'failing', trouble, detail, since: before.since, tries: before.tries + 1 })
  }

  /** How much space is left. @param wrote a write went through, so that the disk does not fail any longer */
  async #look(wrote = false): Promise<void> {
    const freeBytes = await this.#freeBytes(this.#folder).catch(() => null)
    const { state } = this.#condition
    if (state === 'failing' && !wrote) return
    const enough = this.#reserveBytes * (state === 'low' ? AGAIN_FACTOR : 1)
    if (freeBytes === null || freeBytes >= enough) {
      if (state !== 'good') this.#become(GOOD)
      return
    }
    const since = this.#condition.state === 'low' ? this.#condition.since : Date.now()
    const low: DiskCondition = { state: 'low', since, freeBytes, wantedBytes: this.#reserveBytes }
    if (state === 'low') this.#condition = low
    else this.#become(low)
  }

  #become(condition: DiskCondition): void {
    this.#condition = condition
    this.changes.emit('condition', condition)
  }
}

async function freeOn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

function closedError(): KernelswarmError {
  return new KernelswarmError('store', 'the store was closed before this was on disk')
}

function openError(folder: string, error: Error): KernelswarmError {
  const cause = error.cause as NodeJS.ErrnoException | undefined
  if (cause?.code === 'LEVEL_LOCKED') return new UsageError('file', `${folder}: in use by another kernelswarm process`)
  const { trouble, detail } = troubleOf(error)
  if (isOfTheDisk(trouble)) return new KernelswarmError('store', `${folder}: ${WORDS[trouble]} (${detail})`)
  return new UsageError('file', `${folder}: cannot be opened or written (${detail})`)
}

/** Whether it may be mended from outside, with nothing to be changed in what was typed. */
function isOfTheDisk(trouble: Trouble): boolean {
  return trouble === 'full' || trouble === 'read-only'
}
