import { Breath } from '../breath.ts'
import type { Ledger } from '../ledger.ts'
import type { MayShow } from '../rules/secrecy.ts'
import { mayShowIn } from '../sharing.ts'
import type { CaseEntry, RoundEntry } from '../state/model.ts'
import { type Recalled, recalled, type Window } from '../views/recalled.ts'
import { WALK_CASES } from './limits.ts'
import { Refusal } from './refusal.ts'

/** Some cases of a round, as they stand at one moment: good until something is waited for. */
export interface Stretch {
  round: RoundEntry
  source: Recalled['source']
  mayShow: MayShow
  cases: readonly CaseEntry[]
}

/**
 * The cases of a round a stretch at a time, whether it is in memory or not; others have the event loop in between, and what
 * may be shown is judged anew for each.
 * @throws Refusal `not-found` when the round is gone
 */
export async function* walk(ledger: Ledger, id: string, { from, to }: Window): AsyncGenerator<Stretch> {
  const breath = new Breath()
  let before: Recalled | undefined
  for (let at = from; at < to; at += WALK_CASES) {
    await breath.take()
    const known = await ledger.roundNamed(id)
    if (known === undefined) throw new Refusal('not-found', 'there is no round of this name')
    const end = Math.min(at + WALK_CASES, to, known.size)
    if (at >= end) return
    const found = await recalled(ledger, known, { from: at, to: end }, before)
    const { round, source, beside } = found
    yield { round, source, mayShow: mayShowIn(ledger.state, beside), cases: round.cases.slice(at, end) }
    before = found
  }
}
