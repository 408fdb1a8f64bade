import type { Records, ViewChange } from '../../coordinator/views/views.ts'

/** Records without a disk. */
export class RecordsInMemory implements Records {
  readonly all = new Map<string, string>()

  put(changes: Iterable<ViewChange>): void {
    for (const [key, text] of changes) {
      if (text === null) this.all.delete(key)
      else this.all.set(key, text)
    }
  }

  async get(key: string): Promise<string | undefined> {
    return this.all.get(key)
  }

  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    return keys.map((key) => this.all.get(key))
  }

  async *range(
    from: string,
    to: string,
    { reverse = false, limit = Number.POSITIVE_INFINITY } = {},
  ): AsyncGenerator<[string, string]> {
    const keys = [...this.all.keys()].filter((key) => key >= from && key < to).sort()
    if (reverse) keys.reverse()
    for (const key of keys.slice(0, limit)) yield [key, this.all.get(key) as string]
  }
}
