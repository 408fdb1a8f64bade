import type { PrivateKey } from '@libp2p/interface'
import { type Channel, type FromResearcher, peerIdOf, REPLY_MS, RESULT_FILES, type ToResearcher } from '../../protocol/index.ts'
import { ArchiveError } from '../archives/folder.ts'
import type { Ledger } from '../ledger.ts'
import { type FilePiece, filesGiven, resultFiles } from '../results/index.ts'
import { lineage } from '../results/lineage.ts'
import { countHolding } from '../sharing.ts'
import type { RoundEntry } from '../state/model.ts'
import { type Presence, progressOf } from '../view.ts'
import { Refused } from './intake.ts'

type Reply = Channel<FromResearcher, ToResearcher>

/** How long somebody who fetches results hears nothing at most. */
const STILL_AT_WORK_MS = REPLY_MS / 4
/** Live counts are sent at most this often: a terminal shows no more. */
const WATCH_INTERVAL_MS = 250

/** Sends the round's counts now and whenever they change, until the round has ended. */
export async function watch(reply: Reply, ledger: Ledger, round: RoundEntry, presence: () => Presence[]): Promise<void> {
  for (;;) {
    const changed = nextChange(ledger, reply.closed)
    const progress = progressOf(ledger, round, presence())
    const { state } = round
    await ledger.durable
    await reply.send({ t: 'progress', progress })
    if (state === 'aggregated' || state === 'cancelled') break
    await Promise.all([changed, new Promise((resolve) => setTimeout(resolve, WATCH_INTERVAL_MS))])
  }
  await reply.send({ t: 'end' })
}

/** Resolves at the next change, or when whoever watches is gone: where nothing changes, nobody may be kept. */
function nextChange({ changes }: Ledger, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      changes.off('change', done)
      changes.off('presence', done)
      gone.removeEventListener('abort', done)
      resolve()
    }
    changes.on('change', done)
    changes.on('presence', done)
    gone.addEventListener('abort', done)
  })
}

/**
 * Sends pieces of files as they are made. While one takes long, as the first of an archive does of a large round, pieces without bytes
 * say that it is being made: whoever waits for an answer gives up after a while.
 * @param first the file that comes first
 */
export async function sendPieces(
  reply: Pick<Reply, 'send'>,
  pieces: AsyncIterable<FilePiece>,
  first: string,
  everyMs = STILL_AT_WORK_MS,
): Promise<void> {
  let name = first
  let isQuiet = true
  const timer = setInterval(() => {
    if (isQuiet) reply.send({ t: 'file', name, bytes: new Uint8Array() }).catch(() => undefined)
    isQuiet = true
  }, everyMs)
  try {
    for await (const piece of pieces) {
      name = piece.name
      timer.refresh()
      isQuiet = false
      await reply.send({ t: 'file', ...piece })
      isQuiet = false
    }
  } finally {
    clearInterval(timer)
  }
}

/**
 * Sends the result files, one after the other.
 * @throws Refused when nobody said `partial` and the round has not ended (`state`), or shares programs with what others still
 *   vote on (`held`), or some of it is in an archive that cannot be read (`unavailable`)
 */
export async function sendResults(
  reply: Reply,
  { ledger, key }: { ledger: Ledger; key: PrivateKey },
  round: RoundEntry,
  options: { partial: boolean; merged: boolean; singleOperator: boolean; except: readonly string[] },
): Promise<void> {
  if (round.state !== 'aggregated' && !options.partial) {
    throw new Refused(
      'state',
      `the round is ${round.state} (${round.judged} of ${round.size} cases judged); ask for --partial to get what there is`,
    )
  }
  const line = options.merged ? await lineage(ledger, round) : [round]
  const holding = options.partial ? 0 : line.reduce((sum, one) => sum + countHolding(ledger.state, one), 0)
  if (holding > 0) {
    throw new Refused(
      'held',
      `${holding} cases of other rounds that were opened before share programs with this one and are not judged yet; ask again when they are, or for --partial to get what may be shown`,
    )
  }
  try {
    const wanted = { ...options, only: RESULT_FILES.filter((name) => !options.except.includes(name)) }
    const [first] = filesGiven(round, wanted)
    const pieces = resultFiles({ ledger, key, coordinator: peerIdOf(key) }, round, wanted)
    if (first !== undefined) await sendPieces(reply, pieces, first)
  } catch (error) {
    throw error instanceof ArchiveError ? new Refused('unavailable', error.message) : error
  }
  await reply.send({ t: 'end' })
}
