import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { scratch } from '../support/scratch.ts'
import { measureSubmit } from './submit-memory.ts'

/** What the command needs for itself, and some batches. The heap cannot be larger: a file kept in it would end the process. */
const HEAP_MIB = 96

describe('the memory of submit', { timeout: 300_000 }, () => {
  it('does not grow with a file more than twice as large as its heap may be', async (t) => {
    const folder = await scratch(t)
    // The small one is long enough for buffers to have come to what they come to.
    const small = await measureSubmit(folder, { cases: 4_800, padding: 20_000, heapMib: HEAP_MIB })
    const large = await measureSubmit(folder, { cases: 12_000, padding: 20_000, heapMib: HEAP_MIB })
    assert.ok(large.bytes > 1.9 * HEAP_MIB * 2 ** 20, `${large.bytes} bytes`)
    assert.deepEqual([small.received, large.received], [4_800, 12_000])
    assert.ok(large.peakMib < 1.5 * small.peakMib, `${large.peakMib} MiB, and ${small.peakMib} of the small one`)
  })
})
