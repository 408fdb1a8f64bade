import type { AdversaryName } from '../nodes/adversaries.ts'
import type { Party } from '../world/population.ts'

/** An attack as scenarios name it. */
export interface Attack {
  adversary: AdversaryName
  /** In names of scenarios. */
  id: string
  /** What those who attack do, after "a share of the operators". */
  says: string
  /** Only one operator attacks, with so many nodes. */
  nodesEach?: number
  /** It answers without running: it is done with fifty tasks while others do one. */
  runsNothing?: boolean
  /** Under a majority its outcome is known to the digit, and has scenarios of its own. */
  closedForm?: boolean
}

/** Keys of the one operator who hides behind many: more than all others have together. */
const SYBIL_KEYS = 300

export const ADVERSARY_LIST: readonly Attack[] = [
  { adversary: 'random', id: 'n1-random', says: 'answers at random (N1)', closedForm: true },
  { adversary: 'collusion', id: 'n2-collusion', says: 'tells the same lie (N2)', closedForm: true },
  { adversary: 'copier', id: 'n3-copier', says: 'copies the first vote (N3)', runsNothing: true },
  { adversary: 'lazy', id: 'n4-lazy', says: 'runs nothing and says the likeliest (N4)', runsNothing: true },
  { adversary: 'turncoat', id: 'n5-turncoat', says: 'is honest for a while, then lies, each by itself (N5)' },
  { adversary: 'turncoat-ring', id: 'n5-ring', says: 'is honest for a while, then lies in concert (N5)' },
  { adversary: 'sly', id: 'n5-sly', says: 'is honest for a while, then lies now and then, in concert (N5)' },
  { adversary: 'targeted', id: 'n6-targeted', says: 'lies in concert about one of two researchers (N6)' },
  { adversary: 'silent', id: 'n7-silent', says: 'takes work and never answers (N7)' },
  { adversary: 'replayer', id: 'n8-replayer', says: 'sends its first verdict again and again (N8)' },
  { adversary: 'wrong-key', id: 'n9-wrong-key', says: 'signs with a key that is not its own (N9)' },
  { adversary: 'bad-memory', id: 'n10-bad-memory', says: 'is honest and has bad memory (N10)' },
  { adversary: 'wrong-toolchain', id: 'n11-wrong-toolchain', says: 'has another compiler than it says (N11)' },
  { adversary: 'sybil', id: 'n12-sybil', says: `is one and lies under ${SYBIL_KEYS} keys (N12)`, nodesEach: SYBIL_KEYS },
  { adversary: 'garbage', id: 'n13-garbage', says: 'sends frames that are no messages (N13)' },
  { adversary: 'wrong-clock', id: 'n14-wrong-clock', says: 'has a clock that is hours off (N14)' },
]

/** Those who attack in this way, a share of so many operators. */
export function party({ adversary, nodesEach }: Attack, share: number, operators: number): Party {
  return nodesEach === undefined ? { adversary, share } : { adversary, share: 1 / operators, nodesEach }
}

/** All of them in one swarm, alike many operators of each that they have together. */
export function mixed(share: number): Party[] {
  const many = ADVERSARY_LIST.filter(({ nodesEach }) => nodesEach === undefined)
  return many.map(({ adversary }) => ({ adversary, share: share / many.length }))
}
