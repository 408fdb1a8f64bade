import type { Finding, Flag, MajorityPolicy, TestStatus } from '../../protocol/index.ts'
import { type Apart, around, type Counts, chains, exactly, isWide, middle, mostOf, total, within } from './cluster.ts'

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

/** Flags that follow from the votes of several nodes. No node can find them, and none may say so. */
export const BALLOT_FLAGS: readonly Flag[] = ['arch-dependent', 'numerically-unstable']

/** The flags of a vote or a decision, each once, in one order. */
export function votedFlags({ findings }: Pick<CellVote, 'findings'>): Flag[] {
  if (findings.length === 0) return []
  return [...new Set(findings.map(({ flag }) => flag))].sort()
}

/** What two votes on a test must have in common before their outputs are held against each other. */
export function kindOf(cell: Pick<CellVote, 'status' | 'findings'>): string {
  if (cell.findings.length === 0) return cell.status
  return [cell.status, ...votedFlags(cell).filter((flag) => !BALLOT_FLAGS.includes(flag))].join('\n')
}

/** What two votes on a test must have in common to agree to the byte. */
export function cellKey(cell: Pick<CellVote, 'status' | 'output' | 'findings'>): string {
  return `${cell.output}\n${kindOf(cell)}`
}

/** Whether a vote on a test says what was decided: any output that counts as the decided one will do. */
export function agree(said: CellVote, decided: CellVote & Pick<CellDecision, 'alike'>): boolean {
  if (kindOf(said) !== kindOf(decided)) return false
  return said.output === decided.output || decided.alike?.includes(said.output) === true
}

/** Whether two answers to a test may be of one cluster: they lie no further apart than twice the tolerance. */
export function saysAlike(a: CellVote, b: CellVote, apart: Apart): boolean {
  return kindOf(a) === kindOf(b) && within(apart, a.output, b.output, 2)
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
  /** Other outputs that count as the same as this one, in order of their names; left out where there are none. */
  alike?: readonly string[]
  /** Agreed within the tolerance only: too few of the votes printed the very same text for that to be decided. */
  near?: boolean
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
  /** Under a confidence policy: who is to run the task again, and how often. */
  again?: ReadonlyMap<string, number>
  /** Under a confidence policy: tests of which the program says now this, now that. They stay without a decision. */
  unstable?: readonly number[]
}

/**
 * Tallies a task's votes: cell by cell, what `quorum` operators of one class say is decided. They say the same where
 * their outputs do not lie further than the tolerance from the one in the middle of them (`cluster.ts`).
 * The quorum's replicas are asked for first, then one more at a time, up to `replicas`; as soon as some cell can
 * no longer reach the quorum with what may still come, the task is undecided. Where such a cell has a quorum that hangs
 * together by steps within the tolerance, it is decided after all: as the output in the middle, and flagged
 * `numerically-unstable` when they lie more than twice the tolerance apart.
 * Pure: the same votes give the same ballot, in whatever order they came.
 */
export function tally(policy: MajorityPolicy, tests: number, votes: readonly Vote[], apart: Apart = exactly): Ballot {
  const counted = onePerOperator(votes)
  const left = policy.replicas - counted.length
  // What the first of several says decides nothing, whatever it is.
  if (counted.length === 1 && policy.quorum > 1 && left >= policy.quorum - 1) {
    return { cells: Array.from({ length: tests }, () => null), state: 'open', wanted: policy.quorum - 1 }
  }
  const groups = Array.from({ length: tests }, (_, test) => largestGroup(policy, counted, test, apart))
  const cells = groups.map((group, test) => {
    if (group !== null && group.votes >= policy.quorum) return group
    return (group?.votes ?? 0) + left < policy.quorum ? chained(policy, counted, test, apart) : null
  })
  if (counted.length > 0 && cells.every((cell) => cell !== null)) return { cells, state: 'decided', wanted: 0 }
  const hopeless = groups.some((group, test) => cells[test] === null && (group?.votes ?? 0) + left < policy.quorum)
  if (left <= 0 || hopeless) return { cells, state: 'undecided', wanted: 0 }
  return { cells, state: 'open', wanted: Math.max(policy.quorum - counted.length, 1) }
}

/** Of several votes of one operator the first. */
export function onePerOperator<T extends Vote>(votes: readonly T[]): T[] {
  const first = new Map<string, T>()
  for (const vote of votes) if (!first.has(vote.operator)) first.set(vote.operator, vote)
  return [...first.values()]
}

/** Votes of one class on one test that may be held against each other, with how many said which output. */
interface Pool {
  key: string
  class: string
  cells: CellVote[]
  counts: Counts
}

function poolsOf(votes: readonly Vote[], test: number): Pool[] {
  const pools = new Map<string, { class: string; cells: CellVote[] }>()
  for (const { class: own, cells } of votes) {
    const cell = cells[test]
    if (cell === undefined) continue
    const key = `${own}\n${kindOf(cell)}`
    const pool = pools.get(key)
    if (pool === undefined) pools.set(key, { class: own, cells: [cell] })
    else pool.cells.push(cell)
  }
  return [...pools].map(([key, pool]) => ({ key, ...pool, counts: countOutputs(pool.cells) }))
}

/** How many said which output. */
export function countOutputs(cells: readonly Pick<CellVote, 'output'>[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { output } of cells) counts.set(output, (counts.get(output) ?? 0) + 1)
  return counts
}

/** The group with most votes on one test; on a tie the smaller key, so that the order of arrival does not matter. */
function largestGroup({ quorum }: MajorityPolicy, votes: readonly Vote[], test: number, apart: Apart): CellDecision | null {
  const pools = poolsOf(votes, test)
  const [only] = pools
  // Most say the same to the byte.
  if (only?.counts.size === 1 && pools.length === 1)
    return decisionOn(only, [...only.counts.keys()][0] as string, only.counts, quorum)
  const groups = pools.map((pool) => {
    const { output } = middle(pool.counts, quorum, apart)
    return { pool, output, members: around(output, pool.counts, apart) }
  })
  groups.sort((a, b) => total(b.members) - total(a.members) || (a.pool.key < b.pool.key ? -1 : 1))
  const [first] = groups
  return first === undefined ? null : decisionOn(first.pool, first.output, first.members, quorum)
}

/** What a quorum says that hangs together and has no middle within the tolerance of all; null where none does. */
function chained({ quorum }: MajorityPolicy, votes: readonly Vote[], test: number, apart: Apart): CellDecision | null {
  for (const pool of poolsOf(votes, test)) {
    for (const chain of chains(pool.counts, apart)) {
      if (total(chain) < quorum) continue
      const decision = decisionOn(pool, middle(chain, mostOf(chain), apart).output, chain, quorum)
      return isWide(chain.keys(), apart) ? unstable(decision) : decision
    }
  }
  return null
}

function decisionOn(pool: Pool, output: string, members: Counts, quorum: number): CellDecision {
  const cells = pool.cells.filter((cell) => members.has(cell.output))
  const decision = decided(cells, output, pool.class)
  const sameText = cells.filter(({ compat }) => compat === decision.compat).length
  return sameText < Math.min(quorum, cells.length) ? { ...decision, near: true } : decision
}

/** The decision that a group of votes comes to. */
export function decided(cells: readonly CellVote[], output: string, own: string): CellDecision {
  const chosen = cells.find((cell) => cell.output === output) as CellVote
  const { status, compat, masked } = chosen
  const findings = cells.reduce((least, cell) => lesser(least, cell.findings), chosen.findings)
  const alike = [...new Set(cells.map((cell) => cell.output))].filter((other) => other !== output).sort()
  const said = { status, output, compat, masked, findings, class: own, votes: cells.length }
  return alike.length === 0 ? said : { ...said, alike }
}

/** Says of a decision that its votes lie too far apart for one value to be meant by all. */
export function unstable(decision: CellDecision): CellDecision {
  const different = (decision.alike?.length ?? 0) + 1
  const what = `${decision.votes} nodes gave ${different} outputs that hang together by steps within the tolerance, but lie more than twice the tolerance apart`
  return { ...decision, findings: [...decision.findings, { flag: 'numerically-unstable', file: '', line: 0, what }] }
}

/** Of several wordings of the same findings always the same one, whoever voted first. */
export function lesser(a: readonly Finding[], b: readonly Finding[]): readonly Finding[] {
  if (a === b || (a.length === 0 && b.length === 0)) return a
  return wording(a) <= wording(b) ? a : b
}

function wording(findings: readonly Finding[]): string {
  return JSON.stringify(findings.map(({ flag, file, line, what }) => [flag, file, line, what]))
}

/** The tests in which a vote said something else than what was decided. Cells without a decision disagree with nobody. */
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
