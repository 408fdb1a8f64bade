import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import { ArchiveError } from '../../coordinator/archives/folder.ts'
import type { Ledger } from '../../coordinator/ledger.ts'
import type { JournalLine } from '../../coordinator/operations/journal.ts'
import { Comparer } from '../../coordinator/rounds/comparer.ts'
import type { Event } from '../../coordinator/state/events.ts'
import { ROUND_DEFAULTS } from '../../protocol/index.ts'

/** A task of which an answer waits to be compared with the one before. */
function waiting(name: string) {
  const distances = { missing: () => [{ a: `${name} a`, b: `${name} b` }], compare: ROUND_DEFAULTS.compare }
  return { distances, arrivals: [{ vote: { cells: [] } }], task: { pass: 'plain' } }
}

describe('comparing what is in archives', () => {
  it('goes on with others where an archive cannot be read, and leaves what needs it alone for a while', async () => {
    const measuring = new Set(['lost', 'at hand', 'at hand, too'])
    const tasks = new Map([...measuring].map((name) => [name, waiting(name)]))
    const changes = new EventEmitter<{ change: [Event] }>()
    const asked: string[] = []
    const store = {
      content: async (cid: string) => {
        asked.push(cid)
        if (cid.startsWith('lost')) throw new ArchiveError('archive', 'it is not there')
        return Buffer.from('1.0')
      },
    }
    const record = async (event: Event) => {
      if (event.t !== 'measured') return
      measuring.delete(event.task)
      changes.emit('change', event)
    }
    const ledger = { state: { measuring, comparing: new Map(), tasks }, store, changes, record } as unknown as Ledger
    const lines: JournalLine[] = []
    const say = (line: JournalLine) => void lines.push(line)
    const comparer = new Comparer({ ledger, clock: { now: () => 0 }, log: { debug: say, info: say, warn: say, error: say } })
    comparer.start()
    while (measuring.size > 1) await new Promise((resolve) => setImmediate(resolve))
    changes.emit('change', { t: 'round-sealed', at: 0, round: '' })
    await comparer.stop()
    assert.deepEqual([...measuring], ['lost'])
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['comparison-failed'],
    )
    assert.equal(asked.filter((cid) => cid.startsWith('lost')).length, 1)
  })
})
