/** What one operator said to the tests of a task, as far as votes are held against each other: docs/archive.md, "Said". */
export interface Said {
  operator: string
  class: string
  /** By test, everything that is voted on as one text. */
  tests: readonly string[]
}

/** The largest group of a test. */
export interface Group {
  class: string
  said: string
  votes: number
}

/** A ballot that was counted again: what each test came to, and how it ended. `open`: the votes do not end it. */
export interface Recount<T extends Group = Group> {
  state: 'open' | 'decided' | 'undecided'
  cells: readonly (T | null)[]
}

/** Of each operator the first. */
export function firstOfEach<T extends { operator: string }>(votes: readonly T[]): T[] {
  const seen = new Set<string>()
  return votes.filter(({ operator }) => {
    const isFirst = !seen.has(operator)
    seen.add(operator)
    return isFirst
  })
}

/**
 * A majority, counted again: a test is decided by `quorum` operators of one class that say the same. The ballot is undecided
 * as soon as some test cannot come to that any more with what is left of `replicas`.
 */
export function recountMajority(policy: { quorum: number; replicas: number }, tests: number, votes: readonly Said[]): Recount {
  const voices = firstOfEach(votes)
  const left = policy.replicas - voices.length
  const largest: Group[] = []
  for (let test = 0; test < tests; test++) largest.push(largestIn(voices, test))
  const cells = largest.map((group) => (group.votes >= policy.quorum ? group : null))
  if (cells.every((cell) => cell !== null)) return { state: 'decided', cells }
  const isLost = left <= 0 || largest.some(({ votes }) => votes + left < policy.quorum)
  return { state: isLost ? 'undecided' : 'open', cells }
}

/** Two groups of a test cannot both reach a quorum of more than half, so it does not matter which comes first. */
function largestIn(voices: readonly Said[], test: number): Group {
  let best: Group = { class: '', said: '', votes: 0 }
  for (const { class: kind, tests } of voices) {
    const said = tests[test] as string
    const votes = voices.filter((other) => other.class === kind && other.tests[test] === said).length
    if (votes > best.votes) best = { class: kind, said, votes }
  }
  return best
}

/**
 * The chance that a majority of `quorum` is right where a share of the votes is wrong, and all wrong ones agree: at most
 * quorum - 1 of 2 quorum - 1 are.
 */
export function majorityConfidence(quorum: number, wrongShare: number): number {
  const draws = 2 * quorum - 1
  let right = 0
  let ways = 1
  for (let wrong = 0; wrong < quorum; wrong++) {
    right += ways * wrongShare ** wrong * (1 - wrongShare) ** (draws - wrong)
    ways = (ways * (draws - wrong)) / (wrong + 1)
  }
  return right
}
