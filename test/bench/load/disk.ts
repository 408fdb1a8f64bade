import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { ARCHIVES } from '../../../coordinator/archives/folder.ts'
import { Pruner } from '../../../coordinator/archives/pruner.ts'
import { Ledger } from '../../../coordinator/ledger.ts'
import { CLOSED_AFTER_MS, Closer } from '../../../coordinator/rounds/closer.ts'
import { Store } from '../../../coordinator/store/store.ts'
import { loadIdentity, peerIdOf } from '../../../protocol/index.ts'
import { rounded } from '../figures.ts'

/** What a coordinator's rounds take on disk, before and after they are archived and pruned; the database tidied up both times. */
export interface DiskFigures {
  verdicts: number
  store_kib_per_verdict: number
  pruned_store_kib_per_verdict: number
  archive_kib_per_verdict: number
  /** Contents that left the store, and their bytes. */
  contents: number
  content_mib: number
  wall_s: number
  cpu_s: number
  /** How long others had to wait for the event loop meanwhile. */
  loop_p99_ms: number
  loop_max_ms: number
}

/** Archives and prunes all rounds of a coordinator that was stopped. */
export async function measureDisk(data: string): Promise<DiskFigures> {
  await using ledger = await OpenLedger.open(data)
  const { store, state } = ledger.ledger
  const all = { gte: 'a', lt: 'z' }
  await ledger.ledger.keep()
  await store.disk.compact(all)
  const before = await bytesIn(join(data, 'log'))
  new Closer({ ledger: ledger.ledger, clock: { now: () => Date.now() + 2 * CLOSED_AFTER_MS } }).look()
  await ledger.ledger.durable
  const done = { contents: 0, bytes: 0 }
  const counts = {
    archived: () => {},
    pruned: (contents: number, bytes: number) => {
      done.contents += contents
      done.bytes += bytes
    },
  }
  const quiet = () => {}
  const log = { debug: quiet, info: quiet, warn: quiet, error: (line: object) => console.error(line) }
  const key = await loadIdentity(join(data, 'coordinator.key'))
  const clock = { now: () => Date.now() + 2 * CLOSED_AFTER_MS }
  const init = { coordinator: peerIdOf(key), singleOperator: true, afterMs: 0, tidyBytes: 0 }
  const pruner = new Pruner({ ledger: ledger.ledger, key, clock, log, counts }, init)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const [from, cpu] = [performance.now(), process.cpuUsage()]
  delay.enable()
  await pruner.look()
  delay.disable()
  const { user, system } = process.cpuUsage(cpu)
  const wallS = (performance.now() - from) / 1000
  await pruner.stop()
  await store.disk.compact(all)
  const perVerdict = (bytes: number) => rounded(bytes / 1024 / state.verdicts)
  return {
    verdicts: state.verdicts,
    store_kib_per_verdict: perVerdict(before),
    pruned_store_kib_per_verdict: perVerdict(await bytesIn(join(data, 'log'))),
    archive_kib_per_verdict: perVerdict(await bytesIn(join(data, ARCHIVES))),
    contents: done.contents,
    content_mib: rounded(done.bytes / 2 ** 20),
    wall_s: rounded(wallS),
    cpu_s: rounded((user + system) / 1e6),
    loop_p99_ms: rounded(delay.percentile(99) / 1e6),
    loop_max_ms: rounded(delay.max / 1e6),
  }
}

class OpenLedger implements AsyncDisposable {
  readonly ledger: Ledger

  private constructor(ledger: Ledger) {
    this.ledger = ledger
  }

  static async open(data: string): Promise<OpenLedger> {
    return new OpenLedger(await Ledger.open(await Store.open(join(data, 'log'), { reserveBytes: 0 })))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.store.close()
  }
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
