import type { Disk, Operation } from '../store/disk.ts'
import type { Records, ViewChange } from './views.ts'

const PREFIX = 'view/'

/** How changes of records are written. */
export function operationsFor(changes: Iterable<ViewChange>): Operation[] {
  return Array.from(changes, ([name, text]): Operation => {
    const key = PREFIX + name
    return text === null ? { type: 'del', key } : { type: 'put', key, value: text, valueEncoding: 'utf8' }
  })
}

/** The records in a store, as they are on disk: what is on its way there is not among them. */
export class StoredRecords implements Records {
  readonly #disk: Disk

  constructor(disk: Disk) {
    this.#disk = disk
  }

  async get(key: string): Promise<string | undefined> {
    return textOf(await this.#disk.get(PREFIX + key))
  }

  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    return (await this.#disk.getMany(keys.map((key) => PREFIX + key))).map(textOf)
  }

  async *range(from: string, to: string, options: { reverse?: boolean; limit?: number } = {}): AsyncGenerator<[string, string]> {
    for await (const [key, value] of this.#disk.iterator({ gte: PREFIX + from, lt: PREFIX + to, ...options })) {
      yield [key.slice(PREFIX.length), textOf(value) as string]
    }
  }

  /** Takes all away: they are to be made anew. */
  async clear(): Promise<void> {
    await this.#disk.clear({ gte: PREFIX, lt: 'view0' })
  }
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString()
}
