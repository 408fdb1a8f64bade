import { Level } from 'level'
import { decodeCanonical, encodeCanonical, UsageError } from '../protocol/index.ts'

/** A signed verdict and its outputs, kept until the coordinator has acknowledged or refused it. */
export interface Parcel {
  nonce: string
  /** Peer id of the coordinator it is for. */
  coordinator: string
  envelope: Uint8Array
  /** One per test, in order. */
  outputs: Uint8Array[]
}

/** Verdicts on their way: on disk before they are sent, so that neither a crash nor a power cut loses one. */
export class Outbox {
  readonly #db: Level<string, Uint8Array>
  #reopening: Promise<void> | null = null

  private constructor(db: Level<string, Uint8Array>) {
    this.#db = db
  }

  /** @throws UsageError `file` when the folder cannot be used, or another process uses it */
  static async open(folder: string): Promise<Outbox> {
    const db = new Level<string, Uint8Array>(folder, { valueEncoding: 'view' })
    try {
      await db.open()
    } catch (error) {
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
      const why =
        cause?.code === 'LEVEL_LOCKED' ? 'in use by another kernelswarm node' : (cause?.message ?? (error as Error).message)
      throw new UsageError('file', `${folder}: ${why}`)
    }
    return new Outbox(db)
  }

  /** Durable when it resolves. @throws when it cannot be written, as on a full disk; the next one may be */
  async put({ nonce, coordinator, envelope, outputs }: Parcel): Promise<void> {
    const value = encodeCanonical({ nonce, coordinator, envelope, outputs })
    await this.#write(async () => await this.#db.put(key(coordinator, nonce), value, { sync: true }))
  }

  /** What cannot be taken out is sent again with the next connection, and acknowledged again. */
  async drop(coordinator: string, nonce: string): Promise<boolean> {
    return await this.#write(async () => await this.#db.del(key(coordinator, nonce))).then(
      () => true,
      () => false,
    )
  }

  /** After a write that failed LevelDB takes nothing more until it is opened anew: once for all that failed together. */
  async #write(write: () => Promise<void>): Promise<void> {
    await this.#reopening
    if (this.#db.status !== 'open') await this.#reopen()
    try {
      await write()
    } catch (error) {
      await this.#reopen()
      throw error
    }
  }

  async #reopen(): Promise<void> {
    this.#reopening ??= this.#db
      .close()
      .then(() => this.#db.open())
      .catch(() => undefined)
      .finally(() => {
        this.#reopening = null
      })
    await this.#reopening
  }

  /** Nonces of what waits for that coordinator. */
  async nonces(coordinator: string): Promise<string[]> {
    const keys = await this.#db.keys(range(coordinator)).all()
    return keys.map((text) => text.slice(coordinator.length + 1))
  }

  /** What waits for that coordinator, one after the other. */
  async *parcels(coordinator: string): AsyncGenerator<Parcel> {
    for await (const value of this.#db.values(range(coordinator))) yield decodeCanonical(value) as Parcel
  }

  async close(): Promise<void> {
    await this.#reopening
    await this.#db.close()
  }
}

function key(coordinator: string, nonce: string): string {
  return `${coordinator}/${nonce}`
}

function range(coordinator: string): { gt: string; lt: string } {
  return { gt: `${coordinator}/`, lt: `${coordinator}0` }
}
