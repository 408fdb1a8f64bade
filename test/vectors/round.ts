import { createHash } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { framesOf } from '../../coordinator/backup/records.ts'
import type { ResearcherClient } from '../../protocol/index.ts'
import { writeCases } from '../support/cases.ts'
import { gathered } from '../support/gathered.ts'
import { ended, results, TestSwarm } from '../support/swarm.ts'

/** What a release's store came to. */
export interface Outcome {
  round: string
  judged: number
  verdicts: number
  /** SHA-256 of `outcomes.jsonl`, hex. */
  outcomes: string
}

const CASES = 6

/** A round of real nodes, and the store that it left behind, as `coordinator backup` writes one. */
export async function recordedRound(): Promise<{ store: Uint8Array; outcome: Outcome }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'kernelswarm-release-'))
  await using stack = new AsyncDisposableStack()
  const t = { after: (end: () => Promise<void>) => stack.defer(end) } as unknown as TestContext
  const swarm = await TestSwarm.start(t, folder.path)
  for (const name of ['a', 'b', 'c']) await swarm.addNode(name)
  const client = await swarm.researcher()
  const round = await swarm.submit(client, await writeCases(join(folder.path, 'cases.jsonl'), CASES))
  const { verdicts, judged } = await ended(client, round)
  const outcome = { round, judged, verdicts, outcomes: await outcomesOf(client, round) }
  await swarm.coordinator.ledger.keep()
  const pieces = await gathered(framesOf(swarm.coordinator.ledger.store.disk.iterator()))
  return { store: Uint8Array.from(Buffer.concat(pieces)), outcome }
}

/** SHA-256 of what came out of every case. */
export async function outcomesOf(client: ResearcherClient, round: string): Promise<string> {
  const files = await results(client, round)
  return createHash('sha256')
    .update(files.get('outcomes.jsonl') ?? '')
    .digest('hex')
}
