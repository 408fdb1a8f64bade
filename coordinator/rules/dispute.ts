/**
 * Where answers to one test differ. Before anybody's reputation moves it is re-asked: one of each side runs the program
 * again, under new nonces, and further operators run it. What comes of it:
 *
 * - `unstable`: two operators do not repeat what they said themselves, so it is the program;
 * - `spread`: as many operators as make it right with the confidence wanted say something else than the larger side, and yet
 *   hang together with it by steps within the tolerance: no single value is meant by all;
 * - `against`: the larger side leads by as many as make it right with the confidence wanted, and repeats what it said;
 *   the others are in the wrong;
 * - `asking`: more is to be asked.
 *
 * Who hangs together with the larger side by such steps is not in the wrong.
 * One who does not repeat himself, while all others do, is in the wrong: a machine with bad memory, or a liar who rolls dice.
 */

/** What one operator said to one test, and said when asked again. */
export interface Testimony {
  operator: string
  /** What it voted on the test: votes of the same name count as the same. */
  said: string
  /** Name of all that hangs together with it, where that is too wide to count as the same; left out where it is not. */
  chain?: string | null
  again: readonly string[]
  /** It was asked again and did not answer; nobody waits for it. */
  excused: boolean
  /** Its batch is being checked by this very task, so it is asked before others of its side. */
  drawn: boolean
}

export type Settlement =
  | { state: 'agreed' }
  | { state: 'asking'; again: ReadonlyMap<string, number>; more: boolean }
  | { state: 'unstable' }
  | { state: 'spread' }
  | { state: 'against'; wrong: readonly Wrong[] }

/** An operator in the wrong; `steady`: it repeated what it had said. */
export interface Wrong {
  operator: string
  steady: boolean
}

/** Times a side has to repeat itself: a test that prints one of two things at random looks steady in 1 of 8. */
export const REPEATS = 3
/** Operators of the leading side that repeat themselves: with two of them, and one of the other side, 1 of 512. */
const STEADY_LEADERS = 2

/**
 * Settles one test, or says what to ask. Pure; the order of testimonies does not matter.
 * @param lead by how many the larger side must lead
 */
export function settle(testimonies: readonly Testimony[], lead: number): Settlement {
  const wavering = testimonies.filter(wavers)
  const sides = sidesOf(testimonies.filter((one) => !wavers(one)))
  if (sides.length + wavering.length <= 1) return { state: 'agreed' }
  if (wavering.length > 1) return { state: 'unstable' }
  const [first = [], second = []] = sides
  const chained = sides.slice(1).flatMap((side) => side.filter((one) => hangsTogether(one, first[0])))
  if (chained.length >= lead) return { state: 'spread' }
  const again = new Map(sides.flatMap((side, rank) => askedAgain(side, rank === 0 ? STEADY_LEADERS : 1)))
  const more = first.length - Math.max(second.length, chained.length) < lead
  if (again.size > 0 || more) return { state: 'asking', again, more }
  const wrong = [...wavering, ...sides.slice(1).flat()].filter((one) => !chained.includes(one))
  return {
    state: 'against',
    wrong: wrong.map((one) => ({ operator: one.operator, steady: !wavers(one) && one.again.length >= REPEATS })),
  }
}

function hangsTogether({ chain }: Testimony, other: Testimony | undefined): boolean {
  return chain != null && chain === other?.chain
}

function wavers({ said, again }: Testimony): boolean {
  return again.some((one) => one !== said)
}

/** Those who say the same, the largest side first; within a side who was asked most already comes first. */
function sidesOf(testimonies: readonly Testimony[]): Testimony[][] {
  const sides = Map.groupBy(testimonies, ({ said }) => said)
  return [...sides]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([, side]) => side.toSorted(inOrderOfAsking))
}

function inOrderOfAsking(a: Testimony, b: Testimony): number {
  const rank = ({ drawn, again }: Testimony) => (drawn ? REPEATS + 1 : again.length)
  return rank(b) - rank(a) || (a.operator < b.operator ? -1 : 1)
}

/** Who of a side has to say it again, and how often. */
function askedAgain(side: readonly Testimony[], spokesmen: number): [string, number][] {
  const able = side.filter(({ excused }) => !excused)
  return able.slice(0, spokesmen).flatMap(({ operator, again }): [string, number][] => {
    const left = REPEATS - again.length
    return left > 0 ? [[operator, left]] : []
  })
}
