import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelswarmError } from '../../protocol/index.ts'
import { ARCHIVES, ArchiveFolder } from '../archives/folder.ts'
import { placeFrom, prunedKey } from '../archives/records.ts'
import type { Event } from '../state/events.ts'
import { Disk, type DiskInit, type Operation } from './disk.ts'
import { eventFrom, eventText } from './event-text.ts'
import { bringUpToDate, type OnMigration } from './schema.ts'

/** Bytes on their way to the disk above which whoever can wait does: some seconds of a slow one. */
const BEHIND_BYTES = 64 * 1024 * 1024
/**
 * While appends come faster than one at a time, a batch begins so long after the one before at the earliest: a few larger ones cost
 * the event loop less than many small ones, and whoever is told afterwards is told of more at once.
 */
const GATHER_MS = 8
/** What an operation takes beside its value. */
const OPERATION_BYTES = 128

interface Pending {
  operations: Operation[]
  bytes: number
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * What is kept on disk, in one Level database:
 *
 *     meta/schema         the layout's version, as text
 *     event/<number>      the log, numbered from 1 in 16 decimal digits, as JSON
 *     blob/<cid>          content by name: programs, outputs, signed envelopes (under their payload's name)
 *     archive/<round>     that the archive of a round is on disk, and how far its contents are pruned
 *     pruned/<cid>        in which archive a content is that has left the store, and where there
 *     view/<record>       what follows from the log (`views`)
 *
 * `append` is durable when it resolves (synced); appends that come while one is being written share the next sync.
 */
export class Store {
  /** Told of every synced write: how many appends shared it, and how long it took. */
  onWritten: ((write: { appends: number; ms: number }) => void) | null = null
  /**
   * Called before each batch is taken to be written, and when nothing waits any more: what is appended then is in that batch, so that it is
   * on disk, and may be told, together with what led to it.
   */
  onGather: (() => void) | null = null
  readonly disk: Disk
  /** Archives of rounds that were closed. */
  readonly archives: ArchiveFolder
  #next: number
  #queue: Pending[] = []
  #writing: Promise<void> | null = null
  /** Resolves when all that was appended is on disk, or never will be. */
  #last: Promise<void> = Promise.resolve()
  #closed = false
  /** When the last batch began, by `performance.now`, and whether it held several appends. */
  #began = 0
  #shared = false
  /** Bytes that were appended and are not on disk. */
  #waiting = 0
  /** Contents that somebody is about to name, and by how many. */
  readonly #held = new Map<string, number>()

  private constructor(disk: Disk, next: number, archives: ArchiveFolder) {
    this.disk = disk
    this.archives = archives
    this.#next = next
  }

  /**
   * Opens the store of a folder, and brings it to this version.
   * @throws UsageError `file` when the folder cannot be used, is in use, or was written by a version that this one cannot
   *   read; KernelswarmError `store` when its disk is full
   */
  static async open(folder: string, init: StoreInit = {}): Promise<Store> {
    const disk = await Disk.open(folder, init)
    try {
      await bringUpToDate(disk, folder, init.onMigration ?? (() => {}))
      let last: string | undefined
      for await (const key of disk.keys({ gte: 'event/', lt: 'event0', reverse: true, limit: 1 })) last = key
      const archives = new ArchiveFolder(init.archives ?? join(dirname(folder), ARCHIVES))
      return new Store(disk, last === undefined ? 1 : Number(last.slice('event/'.length)) + 1, archives)
    } catch (error) {
      await disk.close()
      throw error
    }
  }

  /** The number of the last event; 0 while there is none. */
  get last(): number {
    return this.#next - 1
  }

  /** The log after so many events, in order. */
  async *events(after = 0): AsyncGenerator<Event> {
    for await (const [, value] of this.disk.iterator({ gte: eventKey(after + 1), lt: 'event0' })) {
      yield eventFrom(value) as Event
    }
  }

  /**
   * Adds events, the content they name and other operations, in one atomic batch. Where the disk fails it waits until that is mended.
   * @throws KernelswarmError `store` when the store is closed
   */
  append(
    events: readonly Event[],
    blobs: ReadonlyMap<string, Uint8Array> = new Map(),
    others: readonly Operation[] = [],
  ): Promise<void> {
    if (this.#closed) return Promise.reject(new KernelswarmError('store', 'the store is closed'))
    const operations: Operation[] = [...blobs].map(([cid, value]) => ({ type: 'put', key: `blob/${cid}`, value }))
    for (const event of events) {
      operations.push({ type: 'put', key: eventKey(this.#next++), value: eventText(event), valueEncoding: 'utf8' })
    }
    operations.push(...others)
    const bytes = operations.reduce((sum, one) => sum + ('value' in one ? one.value.length : 0) + OPERATION_BYTES, 0)
    this.#waiting += bytes
    const done = new Promise<void>((resolve, reject) => this.#queue.push({ operations, bytes, resolve, reject }))
    this.#last = done.catch(() => undefined)
    this.#writing ??= this.#write()
    return done
  }

  /** Whether a batch is being written or waits for its time, so that `onGather` will be called. */
  get isWriting(): boolean {
    return this.#writing !== null
  }

  /** Whether the disk has more to write than is good: `append` takes what it is given, and whoever has a choice waits for `room`. */
  get isBehind(): boolean {
    return this.#waiting > BEHIND_BYTES
  }

  /** Resolves when the disk is not behind, at once where it is not; also when the store is closed. */
  async room(): Promise<void> {
    while (this.isBehind && this.#writing !== null) await this.#last
  }

  /**
   * Content by name, from the archive that has it where it has left the store; undefined where there is none. For names that
   * the log says: one that comes from outside is nobody's to look for.
   * @throws ArchiveError when its archive is not there, or damaged
   */
  async content(cid: string): Promise<Uint8Array | undefined> {
    return (await this.contents([cid]))[0]
  }

  /** The same of several, in their order: the disk is asked for all of them at once. @throws ArchiveError as `content` */
  async contents(cids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const found = await this.blobs(cids)
    for (const [at, cid] of cids.entries()) {
      if (found[at] !== undefined) continue
      const place = await this.disk.get(prunedKey(cid))
      if (place !== undefined) found[at] = await this.archives.read(cid, placeFrom(place))
    }
    return found
  }

  /** Keeps contents in the store that somebody is about to name, until what is returned is called. */
  hold(cids: Iterable<string>): () => void {
    const own = new Set(cids)
    for (const cid of own) this.#held.set(cid, (this.#held.get(cid) ?? 0) + 1)
    return () => {
      for (const cid of own) {
        const left = (this.#held.get(cid) ?? 1) - 1
        if (left > 0) this.#held.set(cid, left)
        else this.#held.delete(cid)
      }
      own.clear()
    }
  }

  isHeld(cid: string): boolean {
    return this.#held.has(cid)
  }

  /** What the store itself has by that name, or undefined. What was appended and is still on its way to the disk is waited for. */
  async blob(cid: string): Promise<Uint8Array | undefined> {
    return (await this.blobs([cid]))[0]
  }

  /** The same of several, in their order: the disk is asked for all of them at once. */
  async blobs(cids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const keys = cids.map((cid) => `blob/${cid}`)
    const last = this.#writing === null ? null : this.#last
    const found = await this.disk.getMany(keys)
    if (last === null || !found.includes(undefined)) return found
    await last
    return await this.disk.getMany(keys)
  }

  /** Waits for what was appended, unless the disk fails, then closes. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    const written = new AbortController()
    const writing = this.#writing?.finally(() => written.abort())
    if (writing !== undefined) await Promise.race([writing, this.disk.failing(written.signal)])
    await this.disk.close()
    await this.archives.close()
    await writing
  }

  /** A fault of whoever adds something is none of what waits to be written: it ends the process, as it would have elsewhere. */
  #gather(): void {
    try {
      this.onGather?.()
    } catch (error) {
      setImmediate(() => {
        throw error
      })
    }
  }

  async #write(): Promise<void> {
    // One turn of the event loop lets everything that is ready now into the first batch.
    await new Promise((resolve) => setImmediate(resolve))
    for (;;) {
      if (this.#queue.length === 0) this.#gather()
      if (this.#queue.length === 0) break
      const early = this.#began + GATHER_MS - performance.now()
      if (early > 0 && this.#shared) await sleep(early)
      this.#gather()
      const group = this.#queue
      this.#queue = []
      const from = performance.now()
      this.#began = from
      this.#shared = group.length > 1
      try {
        await this.disk.batch(group.flatMap(({ operations }) => operations))
        for (const { resolve } of group) resolve()
        this.onWritten?.({ appends: group.length, ms: performance.now() - from })
      } catch (error) {
        for (const { reject } of group) reject(error as Error)
      }
      this.#waiting -= group.reduce((sum, { bytes }) => sum + bytes, 0)
    }
    this.#writing = null
  }
}

function eventKey(number: number): string {
  return `event/${String(number).padStart(16, '0')}`
}

export interface StoreInit extends DiskInit {
  /** Folder of the archives. @default `archives` beside the store's own */
  archives?: string
  /** Told before each step that leads an older store to this version. */
  onMigration?: OnMigration
}
