import assert from 'node:assert/strict'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { Disk } from '../../coordinator/store/disk.ts'
import { patience } from '../support/patience.ts'
import { scratch } from '../support/scratch.ts'
import { FedLedger } from './store/feed.ts'

const SMALL = 1_500
const LARGE = 4 * SMALL
/** How much more a task of the large round may take: records are written every few thousand changes, which a small one has few of. */
const MOST = 1.25

/** Work that was done for a task of a round. */
interface Work {
  /** How often functions, branches and bodies of loops of the coordinator were run: the engine counts them. */
  steps: number
  /** What was written: operations, and bytes of keys and values. */
  operations: number
  bytes: number
}

/** Feeds a round and counts what is done for a task of it. Counted, not timed: it is the same on any machine. */
async function work(t: TestContext, session: Session, folder: string, cases: number): Promise<Work> {
  let [operations, bytes] = [0, 0]
  const { batch } = Disk.prototype
  const spy = t.mock.method(Disk.prototype, 'batch', async function (this: Disk, all: Parameters<Disk['batch']>[0]) {
    for (const operation of all) {
      operations++
      bytes += operation.key.length + (operation.type === 'put' ? operation.value.length : 0)
    }
    await batch.call(this, all)
  })
  await using fed = await FedLedger.open(folder)
  await session.post('Profiler.takePreciseCoverage')
  await fed.round('round', cases)
  // Records that are being made, and those of what has changed since.
  await fed.ledger.keep()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  spy.mock.restore()
  const ranges = result
    .filter(({ url }) => url.includes('/coordinator/') && !url.includes('/node_modules/'))
    .flatMap(({ functions }) => functions.flatMap((one) => one.ranges))
  const tasks = 2 * cases
  return {
    steps: ranges.reduce((sum, { count }) => sum + count, 0) / tasks,
    operations: operations / tasks,
    bytes: bytes / tasks,
  }
}

it('bench:store: as much is done for a task of a round four times as large', { timeout: patience(300_000) }, async (t) => {
  const folder = await scratch(t)
  const session = new Session()
  session.connect()
  t.after(() => session.disconnect())
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const small = await work(t, session, join(folder, 'small'), SMALL)
  const large = await work(t, session, join(folder, 'large'), LARGE)
  for (const what of ['steps', 'operations', 'bytes'] as const) {
    t.diagnostic(`${what} a task: ${small[what].toFixed(1)} and ${large[what].toFixed(1)}`)
    assert.ok(small[what] > 1 && large[what] < MOST * small[what], what)
  }
})
