import { decodeCanonical } from '../../../protocol/index.ts'
import type { Operation } from '../disk.ts'
import type { Migration } from './migration.ts'

const DEPTH = 32
/** Events in one batch. */
const BATCH = 1_000
/** What every event begins with that is written as text. */
const BRACE = '{'.charCodeAt(0)

/**
 * Events are JSON, which the engine writes and reads by itself; until version 5 they were CBOR. They say the same.
 */
export const eventsAsText: Migration = {
  from: 5,
  says: 'events are kept as text, some 10,000 a second',
  async *run(disk) {
    let batch: Operation[] = []
    for await (const [key, value] of disk.iterator({ gte: 'event/', lt: 'event0' })) {
      if (value[0] === BRACE) continue
      batch.push({ type: 'put', key, value: JSON.stringify(decodeCanonical(value, DEPTH)), valueEncoding: 'utf8' })
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  },
}
