import type { Ledger } from '../ledger.ts'
import { everybody } from '../sight.ts'
import type { RoundHead } from '../state/model.ts'
import { MAX_RELATIVES } from './limits.ts'

/** Another round of a lineage: `rerun` where cases are run again, `follows` where a loop went on with what came out. */
export interface Relative {
  round: string
  name: string
  state: RoundHead['state']
  how: 'rerun' | 'follows'
}

/** What a round comes from, the nearest first, and what comes from it at once: of these only rounds that anybody may know of. */
export interface Lineage {
  before: Relative[]
  after: Relative[]
}

type Head = Pick<RoundHead, 'id' | 'spec' | 'state' | 'parent'>

export async function lineageOf(ledger: Ledger, round: RoundHead): Promise<Lineage> {
  const before: Relative[] = []
  // Whoever opens a round may name any other as what it follows: so there may be a ring.
  const seen = new Set([round.id])
  for (let at: Head | undefined = round; at !== undefined && before.length < MAX_RELATIVES; ) {
    const link = linkOf(at)
    if (link === null || seen.has(link.round)) break
    seen.add(link.round)
    at = await ledger.roundNamed(link.round)
    if (at !== undefined) before.push(relative(at, link.how))
  }
  const { knows } = everybody(ledger.state)
  const after = ledger.state.allRounds().flatMap((other) => {
    const link = linkOf(other)
    return link?.round === round.id && knows(other.id) ? [relative(other, link.how)] : []
  })
  return { before: before.filter((one) => knows(one.round)), after: after.slice(-MAX_RELATIVES) }
}

function linkOf({ parent, spec }: Head): Pick<Relative, 'round' | 'how'> | null {
  if (parent !== null) return { round: parent.round, how: 'rerun' }
  return spec.follows === undefined ? null : { round: spec.follows, how: 'follows' }
}

function relative({ id, spec, state }: Head, how: Relative['how']): Relative {
  return { round: id, name: spec.name, state, how }
}
