import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { Pruner, type PrunerInit } from '../../coordinator/archives/pruner.ts'
import type { Ledger } from '../../coordinator/ledger.ts'
import type { JournalLine } from '../../coordinator/operations/journal.ts'
import { type ResultOptions, resultFiles } from '../../coordinator/results/index.ts'
import { CLOSED_AFTER_MS, Closer } from '../../coordinator/rounds/closer.ts'
import type { RoundEntry } from '../../coordinator/state/model.ts'
import { peerIdOf } from '../../protocol/index.ts'

/** The key of the coordinator of all these tests. */
export const KEY = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(7))

/** When all that was kept back long enough may go. */
const LATER = Date.UTC(2030, 0, 1)

/** Text that is long enough to be worth pruning, another one for each name. */
export function long(name: string): string {
  return Array.from({ length: 40 }, (_, line) => `${name}, line ${line}`).join('\n')
}

/** Lets rounds leave memory, long after. */
export async function closeAll(ledger: Ledger): Promise<void> {
  const ends = [...ledger.state.rounds.values()].map(({ endedAt }) => endedAt ?? 0)
  new Closer({ ledger, clock: { now: () => Math.max(...ends) + CLOSED_AFTER_MS } }).look()
  await ledger.durable
}

/** A pruner that says into `lines` what it does, and counts. */
export class Pruning {
  readonly pruner: Pruner
  readonly lines: JournalLine[] = []
  readonly counted = { archives: 0, contents: 0, bytes: 0 }

  constructor(ledger: Ledger, init: Partial<PrunerInit> = {}, now = LATER) {
    const write = (line: JournalLine) => void this.lines.push(line)
    const log = { debug: write, info: write, warn: write, error: write }
    const counts = {
      archived: () => void this.counted.archives++,
      pruned: (contents: number, bytes: number) => {
        this.counted.contents += contents
        this.counted.bytes += bytes
      },
    }
    const components = { ledger, key: KEY, clock: { now: () => now }, log, counts }
    this.pruner = new Pruner(components, { coordinator: peerIdOf(KEY), singleOperator: false, ...init })
    this.pruner.start()
  }

  /** Does what there is to do, and stops. */
  static async run(ledger: Ledger, init: Partial<PrunerInit> = {}, now = LATER): Promise<Pruning> {
    const pruning = new Pruning(ledger, init, now)
    await pruning.pruner.look()
    await pruning.pruner.stop()
    return pruning
  }

  /** What was said, and of how many contents. */
  get said(): string[] {
    return this.lines.map(({ event, contents }) => (contents === undefined ? event : `${event} ${contents}`))
  }
}

/** Names of contents in the store, and of those that have left it. */
export async function contentsOf({ store }: Ledger): Promise<{ kept: Set<string>; pruned: Set<string> }> {
  const names = async (prefix: string) => {
    const found = new Set<string>()
    for await (const key of store.disk.keys({ gte: `${prefix}/`, lt: `${prefix}0` })) found.add(key.slice(prefix.length + 1))
    return found
  }
  return { kept: await names('blob'), pruned: await names('pruned') }
}

/** The result files of a round, as text. */
export async function filesOf(ledger: Ledger, round: string, options: Partial<ResultOptions> = {}): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const entry = ledger.state.roundNamed(round) as RoundEntry
  const components = { ledger, key: KEY, coordinator: peerIdOf(KEY) }
  for await (const { name, bytes } of resultFiles(components, entry, { partial: false, singleOperator: true, ...options })) {
    files.set(name, (files.get(name) ?? '') + Buffer.from(bytes).toString('latin1'))
  }
  return files
}
