/** What one operator said to one test, and what it said when it was asked again. */
export interface Voice {
  operator: string
  said: string
  /** Name of all that hangs together with it by steps within the tolerance, where that is too wide to be one thing. */
  chain: string | null
  again: readonly string[]
  excused: boolean
  drawn: boolean
}

/** What comes of answers that differ: docs/trust.md, "Disagreement". */
export type Outcome =
  | { kind: 'agreed' }
  /** The program says now this, now that. */
  | { kind: 'unstable' }
  /** So many hang together with the larger side that no single value can be meant. */
  | { kind: 'spread' }
  | { kind: 'against'; wrong: readonly string[] }
  /** `anybody`: somebody has still to repeat himself; `more`: further operators are to run it. */
  | { kind: 'asking'; anybody: boolean; more: boolean }

/** How often an answer is repeated before it counts as steady, and by how many of the larger side. */
const TIMES = 3
const OF_THE_LARGER = 2

/** @param lead by how many the larger side must lead */
export function outcomeOf(voices: readonly Voice[], lead: number): Outcome {
  const turncoats = voices.filter(({ said, again }) => again.some((one) => one !== said))
  const steady = voices.filter((voice) => !turncoats.includes(voice))
  const sides = [...new Set(steady.map(({ said }) => said))]
    .map((said) => steady.filter((voice) => voice.said === said).sort(byTurn))
    .sort((a, b) => b.length - a.length || ((a[0]?.said ?? '') < (b[0]?.said ?? '') ? -1 : 1))
  if (turncoats.length > 1) return { kind: 'unstable' }
  if (sides.length + turncoats.length < 2) return { kind: 'agreed' }
  const [first = [], ...rest] = sides
  const chain = first[0]?.chain ?? null
  const hanging = rest.flat().filter((voice) => chain !== null && voice.chain === chain)
  if (hanging.length >= lead) return { kind: 'spread' }
  const anybody = sides.some((side, rank) => !hasRepeated(side, rank === 0 ? OF_THE_LARGER : 1))
  const more = first.length - Math.max(rest[0]?.length ?? 0, hanging.length) < lead
  if (anybody || more) return { kind: 'asking', anybody, more }
  const wrong = [...turncoats, ...rest.flat()].filter((voice) => !hanging.includes(voice))
  return { kind: 'against', wrong: wrong.map(({ operator }) => operator) }
}

/** First who was drawn, then who was asked most. */
function byTurn(a: Voice, b: Voice): number {
  const turn = ({ drawn, again }: Voice) => (drawn ? TIMES + 1 : again.length)
  return turn(b) - turn(a) || (a.operator < b.operator ? -1 : 1)
}

/** Whether those who speak for a side have repeated themselves. */
function hasRepeated(side: readonly Voice[], speakers: number): boolean {
  const asked = side.filter(({ excused }) => !excused)
  return asked.slice(0, speakers).every(({ again }) => again.length >= TIMES)
}
