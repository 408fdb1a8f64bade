import type { Finding, Flag, MajorityPolicy, TestStatus } from '../../protocol/index.ts'

/** What one node said about one test: the whole tuple is voted on, never a bare "pass". */
export interface CellVote {
  status: TestStatus
  /** CID of the canonical output. */
  output: string
  /** Digest of the compat form of what was printed; follows from the output, and is carried so that judging needs no bytes. */
  compat: string
  /** The same with every printed address made alike: what two runs of one program may be compared by. */
  masked: string
  /** What a strict pass found. Votes agree by its flags; places and words are for people. */
  findings: readonly Finding[]
}

/** The flags of a vote, each once, in one order. */
export function votedFlags({ findings }: Pick<CellVote, 'findings'>): Flag[] {
  return [...new Set(findings.map(({ flag }) => flag))].sort()
}

/** What two votes on a test must have in common to agree. */
export function cellKey(cell: Pick<CellVote, 'status' | 'output' | 'findings'>): string {
  return [cell.status, cell.output, ...votedFlags(cell)].join('\n')
}

/** Whether two votes on a test say the same. */
export function agree(a: CellVote, b: CellVote): boolean {
  return cellKey(a) === cellKey(b)
}

/** One accepted verdict on a task. */
export interface Vote {
  node: string
  /** Two votes of one operator count once. */
  operator: string
  /** Votes agree only inside one class. */
  class: string
  cells: readonly CellVote[]
}

/** A cell's decision: what was agreed on, and how many said it. */
export interface CellDecision extends CellVote {
  class: string
  votes: number
  /** Chance that it is right, under a confidence policy. */
  confidence?: number
}

export interface Ballot {
  /** Per test: its decision, or null while there is none. */
  cells: (CellDecision | null)[]
  /**
   * `open`: more replicas are wanted; `undecided`: no quorum can be reached any more. Under a confidence policy also
   * `provisional`: decided by one whose answers are still to be checked.
   */
  state: 'open' | 'provisional' | 'decided' | 'undecided'
  /** How many votes should be under way beside those that are in. */
  wanted: number
  /** Under a confidence policy: only votes of this class are of use; null: of any. */
  class?: string | null
}

/**
 * Tallies a task's votes: cell by cell, a tuple that `quorum` operators of one class agree on is decided.
 * The quorum's replicas are asked for first, then one more at a time, up to `replicas`; as soon as some cell can
 * no longer reach the quorum with what may still come, the task is undecided.
 * Pure: the same votes give the same ballot, in whatever order they came.
 */
export function tally(policy: MajorityPolicy, tests: number, votes: readonly Vote[]): Ballot {
  const counted = onePerOperator(votes)
  const groups = Array.from({ length: tests }, (_, test) => largestGroup(counted, test))
  const cells = groups.map((group) => (group !== null && group.votes >= policy.quorum ? group : null))
  if (counted.length > 0 && cells.every((cell) => cell !== null)) return { cells, state: 'decided', wanted: 0 }
  const left = policy.replicas - counted.length
  const hopeless = groups.some((group) => (group?.votes ?? 0) + left < policy.quorum)
  if (left <= 0 || hopeless) return { cells, state: 'undecided', wanted: 0 }
  return { cells, state: 'open', wanted: Math.max(policy.quorum - counted.length, 1) }
}

/** Of several votes of one operator the first. */
export function onePerOperator<T extends Vote>(votes: readonly T[]): T[] {
  const first = new Map<string, T>()
  for (const vote of votes) if (!first.has(vote.operator)) first.set(vote.operator, vote)
  return [...first.values()]
}

/** The group with most votes on one test; on a tie the smaller key, so that the order of arrival does not matter. */
function largestGroup(votes: readonly Vote[], test: number): CellDecision | null {
  const groups = new Map<string, CellDecision>()
  for (const vote of votes) {
    const cell = vote.cells[test]
    if (cell === undefined) continue
    const key = `${vote.class}\n${cellKey(cell)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { ...cell, class: vote.class, votes: 1 })
    else groups.set(key, { ...group, findings: lesser(group.findings, cell.findings), votes: group.votes + 1 })
  }
  const ranked = [...groups].sort(([a, x], [b, y]) => y.votes - x.votes || (a < b ? -1 : 1))
  return ranked[0]?.[1] ?? null
}

/** Of several wordings of the same findings always the same one, whoever voted first. */
export function lesser(a: readonly Finding[], b: readonly Finding[]): readonly Finding[] {
  return wording(a) <= wording(b) ? a : b
}

function wording(findings: readonly Finding[]): string {
  return JSON.stringify(findings.map(({ flag, file, line, what }) => [flag, file, line, what]))
}

/** Whether a vote said something else than what was decided. Cells without a decision disagree with nobody. */
export function disagrees(vote: Vote, decided: readonly (CellDecision | null)[]): number[] {
  return decided.flatMap((cell, test) => {
    const said = vote.cells[test]
    if (cell === null || said === undefined) return []
    return agree(said, cell) ? [] : [test]
  })
}

/**
 * Chance that a majority decision is wrong when each vote is wrong with probability `phi` and all wrong ones agree:
 * the sum for j = M..2M-1 of C(2M-1, j) phi^j (1 - phi)^(2M-1-j) (the binomial vote of Sarmenta, FGCS 2002).
 */
export function majorityError(quorum: number, phi: number): number {
  const draws = 2 * quorum - 1
  let error = 0
  for (let wrong = quorum; wrong <= draws; wrong++) {
    error += choose(draws, wrong) * phi ** wrong * (1 - phi) ** (draws - wrong)
  }
  return error
}

function choose(n: number, k: number): number {
  let ways = 1
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i
  return ways
}
