import { Level } from 'level'
import { decodeCanonical, encodeCanonical, KernelswarmError, UsageError } from '../../protocol/index.ts'
import type { Event } from '../state/events.ts'

/** Version of the layout below and of the events in it; another one is refused. */
const SCHEMA_VERSION = 4
/** Events nest as deep as a verdict's cells in a batch of cases. */
const EVENT_DEPTH = 32

type Operation = { type: 'put'; key: string; value: Uint8Array }

interface Pending {
  operations: Operation[]
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * What is kept on disk, in one Level database:
 *
 *     meta/schema         the layout's version, as text
 *     event/<number>      the log, numbered from 1 in 16 decimal digits
 *     blob/<cid>          content by name: programs, outputs, signed envelopes (under their payload's name)
 *
 * `append` is durable when it resolves (synced); appends that come while one is being written share the next sync.
 */
export class Store {
  readonly #db: Level<string, Uint8Array>
  #next: number
  #queue: Pending[] = []
  #writing: Promise<void> | null = null
  #failed: Error | null = null

  private constructor(db: Level<string, Uint8Array>, next: number) {
    this.#db = db
    this.#next = next
  }

  /** @throws UsageError `file` when the folder cannot be used, is in use, or was written by another version */
  static async open(folder: string): Promise<Store> {
    const db = new Level<string, Uint8Array>(folder, { keyEncoding: 'utf8', valueEncoding: 'view' })
    try {
      await db.open()
    } catch (error) {
      throw openError(folder, error as Error)
    }
    await checkSchema(db, folder)
    const [last] = await db.keys({ gte: 'event/', lt: 'event0', reverse: true, limit: 1 }).all()
    return new Store(db, last === undefined ? 1 : Number(last.slice('event/'.length)) + 1)
  }

  /** The log from the beginning, in order. */
  async *events(): AsyncGenerator<Event> {
    for await (const [, value] of this.#db.iterator({ gte: 'event/', lt: 'event0' })) {
      yield decodeCanonical(value, EVENT_DEPTH) as Event
    }
  }

  /**
   * Adds events and the content they name, in one atomic batch.
   * @throws KernelswarmError `store` when it could not be written; nothing can be appended after that
   */
  append(events: readonly Event[], blobs: ReadonlyMap<string, Uint8Array> = new Map()): Promise<void> {
    if (this.#failed !== null) return Promise.reject(this.#failed)
    const operations: Operation[] = [...blobs].map(([cid, value]) => ({ type: 'put', key: `blob/${cid}`, value }))
    for (const event of events) {
      operations.push({ type: 'put', key: `event/${String(this.#next++).padStart(16, '0')}`, value: encodeCanonical(event) })
    }
    const done = new Promise<void>((resolve, reject) => this.#queue.push({ operations, resolve, reject }))
    this.#writing ??= this.#write()
    return done
  }

  /** Content by name, or undefined. What was appended and is still on its way to the disk is waited for. */
  async blob(cid: string): Promise<Uint8Array | undefined> {
    const writing = this.#writing
    const found = await this.#db.get(`blob/${cid}`)
    if (found !== undefined || writing === null) return found
    await writing
    return await this.#db.get(`blob/${cid}`)
  }

  /** Waits for what was appended, then closes. May be called twice. */
  async close(): Promise<void> {
    await this.#writing
    await this.#db.close()
  }

  async #write(): Promise<void> {
    // One turn of the event loop lets everything that is ready now into the first batch.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#queue.length > 0) {
      const group = this.#queue
      this.#queue = []
      try {
        await this.#db.batch(
          group.flatMap(({ operations }) => operations),
          { sync: true },
        )
        for (const { resolve } of group) resolve()
      } catch (error) {
        this.#fail(error as Error, group)
      }
    }
    this.#writing = null
  }

  /** What is in memory is now ahead of the disk: nothing more may be promised. */
  #fail(error: Error, group: Pending[]): void {
    this.#failed = new KernelswarmError('store', `the event log cannot be written (${error.message})`, { cause: error })
    for (const { reject } of [...group, ...this.#queue]) reject(this.#failed)
    this.#queue = []
  }
}

async function checkSchema(db: Level<string, Uint8Array>, folder: string): Promise<void> {
  const written = await db.get('meta/schema')
  if (written === undefined) {
    await db.put('meta/schema', Buffer.from(String(SCHEMA_VERSION)), { sync: true })
    return
  }
  const version = Number(Buffer.from(written).toString())
  if (version === SCHEMA_VERSION) return
  await db.close()
  const other = version > SCHEMA_VERSION ? 'a newer' : 'an older'
  const remedy = version > SCHEMA_VERSION ? 'use that one' : 'export its rounds with that one, and start with another folder'
  throw new UsageError(
    'file',
    `${folder}: written by ${other} kernelswarm (store version ${version}, this one reads ${SCHEMA_VERSION}); ${remedy}`,
  )
}

function openError(folder: string, error: Error): UsageError {
  const cause = error.cause as NodeJS.ErrnoException | undefined
  if (cause?.code === 'LEVEL_LOCKED') return new UsageError('file', `${folder}: in use by another kernelswarm process`)
  return new UsageError('file', `${folder}: cannot be opened or written (${cause?.message ?? error.message})`)
}
