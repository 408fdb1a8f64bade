import { centreOf, chainsOf, type Far, heapOf, isWide, majorityOf, sizeOf, within } from './digits.ts'

/** What was said to one test, as far as votes are held against each other: docs/archive.md. */
export interface Saying {
  /** Status and flags. Sayings of other kinds are never the same. */
  kind: string
  output: string
}

/** What one operator said to the tests of a task. */
export interface Said {
  operator: string
  class: string
  tests: readonly Saying[]
}

/** What is known of the outputs of a task: how far apart they are, and the digest of the text of each. */
export interface Outputs {
  far: Far
  text: (output: string) => string
}

/** What a test came to. */
export interface Group extends Saying {
  class: string
  votes: number
  /** Other outputs that count as this one, in order of their names. */
  alike: readonly string[]
  /** Too few said so in the very same text. */
  near: boolean
  /** No single value can be meant by all. */
  unstable: boolean
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
 * A majority, counted again: a test is decided by `quorum` operators of one class that say the same. A test that cannot come to
 * that any more with what is left of `replicas` is decided after all where so many hang together; else the ballot is undecided.
 */
export function recountMajority(
  policy: { quorum: number; replicas: number },
  tests: number,
  votes: readonly Said[],
  outputs: Outputs,
): Recount {
  const voices = firstOfEach(votes)
  const left = policy.replicas - voices.length
  const looks = Array.from({ length: tests }, (_, test) => {
    const pools = poolsOf(voices, test)
    const best = largestOf(pools, policy.quorum, outputs)
    const isLost = (best?.votes ?? 0) + left < policy.quorum
    const isDecided = best !== null && best.votes >= policy.quorum
    return { cell: isDecided ? best : isLost ? hangingTogether(pools, policy.quorum, outputs) : null, isLost }
  })
  const cells = looks.map(({ cell }) => cell)
  if (voices.length > 0 && cells.every((cell) => cell !== null)) return { state: 'decided', cells }
  const isOver = left <= 0 || looks.some(({ cell, isLost }) => cell === null && isLost)
  return { state: isOver ? 'undecided' : 'open', cells }
}

/** Votes of one class and kind, whose outputs are held against each other. */
interface Pool {
  class: string
  kind: string
  outputs: string[]
}

function poolsOf(voices: readonly Said[], test: number): Pool[] {
  const pools = new Map<string, Pool>()
  for (const { class: own, tests } of voices) {
    const { kind, output } = tests[test] as Saying
    const key = `${own}\n${kind}`
    const pool = pools.get(key) ?? { class: own, kind, outputs: [] }
    pools.set(key, pool)
    pool.outputs.push(output)
  }
  return [...pools.values()].sort((a, b) => (`${a.class}\n${a.kind}` < `${b.class}\n${b.kind}` ? -1 : 1))
}

function largestOf(pools: readonly Pool[], quorum: number, outputs: Outputs): Group | null {
  let best: Group | null = null
  for (const pool of pools) {
    const heap = heapOf(pool.outputs)
    const output = centreOf(heap, quorum, outputs.far)
    const group = groupOf(pool, output, within(heap, output, outputs.far), quorum, outputs)
    if (best === null || group.votes > best.votes) best = group
  }
  return best
}

function hangingTogether(pools: readonly Pool[], quorum: number, outputs: Outputs): Group | null {
  for (const pool of pools) {
    const chain = chainsOf(heapOf(pool.outputs), outputs.far).find((one) => sizeOf(one) >= quorum)
    if (chain === undefined) continue
    const group = groupOf(pool, centreOf(chain, majorityOf(chain), outputs.far), chain, quorum, outputs)
    return { ...group, unstable: isWide(chain, outputs.far) }
  }
  return null
}

function groupOf(pool: Pool, output: string, members: ReadonlyMap<string, number>, quorum: number, { text }: Outputs): Group {
  const votes = sizeOf(members)
  const own = members.size === 1 ? votes : pool.outputs.filter((one) => members.has(one) && text(one) === text(output)).length
  const alike = [...members.keys()].filter((one) => one !== output).sort()
  return { class: pool.class, kind: pool.kind, output, votes, alike, near: own < Math.min(quorum, votes), unstable: false }
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
