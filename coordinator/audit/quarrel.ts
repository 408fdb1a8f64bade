/** What one operator said to one test, and what it said when it was asked again. */
export interface Voice {
  operator: string
  said: string
  again: readonly string[]
  excused: boolean
  drawn: boolean
}

/** What comes of answers that differ: docs/trust.md, "Disagreement". */
export type Outcome =
  | { kind: 'agreed' }
  /** The program says now this, now that. */
  | { kind: 'unstable' }
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
    .map((said) => steady.filter((voice) => voice.said === said))
    .sort((a, b) => b.length - a.length || ((a[0]?.said ?? '') < (b[0]?.said ?? '') ? -1 : 1))
  if (turncoats.length > 1) return { kind: 'unstable' }
  if (sides.length + turncoats.length < 2) return { kind: 'agreed' }
  const anybody = sides.some((side, rank) => !hasRepeated(side, rank === 0 ? OF_THE_LARGER : 1))
  const more = (sides[0]?.length ?? 0) - (sides[1]?.length ?? 0) < lead
  if (anybody || more) return { kind: 'asking', anybody, more }
  return { kind: 'against', wrong: [...turncoats, ...sides.slice(1).flat()].map(({ operator }) => operator) }
}

/** Whether those who speak for a side have repeated themselves: first who was drawn, then who was asked most. */
function hasRepeated(side: readonly Voice[], speakers: number): boolean {
  const turn = ({ drawn, again }: Voice) => (drawn ? TIMES + 1 : again.length)
  const asked = side.filter(({ excused }) => !excused).sort((a, b) => turn(b) - turn(a) || (a.operator < b.operator ? -1 : 1))
  return asked.slice(0, speakers).every(({ again }) => again.length >= TIMES)
}
