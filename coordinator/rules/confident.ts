import type { ConfidencePolicy, Finding } from '../../protocol/index.ts'
import {
  type Ballot,
  type CellDecision,
  type CellVote,
  countOutputs,
  decided as decisionOf,
  onePerOperator,
  saysAlike,
  unstable as tooWide,
  type Vote,
} from './ballot.ts'
import { type Apart, exactly, middle, mostOf } from './cluster.ts'
import { answersLacking, groupConfidences, oddsOf, strangersNeeded } from './credibility.ts'
import { type Settlement, settle, type Testimony } from './dispute.ts'
import { Sides } from './sides.ts'

/** A vote, and how far it may be believed. */
export interface WeighedVote extends Vote {
  /** Chance that it is right, for what counts: 1 - f, or what the checks of its batch make of it. */
  credibility: number
  /**
   * It decides for the time being, since its operator is established and its answers are to be checked once they all are in:
   * what its history makes of it. Null where it does not.
   */
  alone: number | null
  /** Its operator is new while others are established: of such votes at most one counts in a group. */
  newcomer: boolean
  /** What it said when it was asked again. */
  again: readonly (readonly CellVote[])[]
  excused: boolean
  /** This task was drawn to check the batch that the vote belongs to. */
  drawn: boolean
}

export interface ConfidentBallot extends Ballot {
  /** Only votes of this class are of use; null: there is none yet. */
  class: string | null
  /** Who is to run the task again, and how often, before a disagreement is settled. */
  again: ReadonlyMap<string, number>
  /** Operators found in the wrong, in which tests, and whether they had repeated what they said. */
  wrong: ReadonlyMap<string, { tests: number[]; steady: boolean }>
  /** Tests of which the program says now this, now that. They stay without a decision. */
  unstable: readonly number[]
  /** By operator, test by test, the name of what it said: of one class, the same names count as the same. */
  sides: ReadonlyMap<string, readonly string[]>
  /** Votes that count. */
  counted: number
}

/** What a ballot is held under. */
export interface Terms {
  /** Nobody's answer decides alone: too few operators are established, or the answers are too few to be checked by drawing. */
  replicate: boolean
}

/** What the votes of one class say to one test. */
interface Reading {
  best: CellDecision | null
  settlement: Settlement
  /** Answers still wanted by the group that leads. */
  lacking: number
  /** By operator, the name of what it said. */
  names: ReadonlyMap<string, string>
}

/**
 * Tallies a task's votes under a confidence policy. Per test and class, votes that say the same are a group, believed as
 * `groupConfidences` says; a test on which a group reaches `theta`, and about which nobody has to be asked again, is decided.
 * A vote that decides alone makes the ballot `provisional`, until its batch was checked.
 * Votes say the same where their outputs are in one cluster (`cluster.ts`).
 * Pure: the same votes give the same ballot, in whatever order they came.
 */
export function confide(
  policy: ConfidencePolicy,
  tests: number,
  votes: readonly WeighedVote[],
  terms: Terms,
  apart: Apart = exactly,
): ConfidentBallot {
  const counted = onePerOperator(votes)
  const classes = [...Map.groupBy(counted, (vote) => vote.class)].sort(
    ([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1),
  )
  const [main, own] = classes[0] ?? [null, []]
  const all = Array.from({ length: tests }, (_, test) => classes.map(([, pooled]) => read(policy, pooled, test, apart)))
  const readings = all.flatMap(([first]) => first ?? [])
  const unstable = readings.flatMap(({ settlement }, test) => (settlement.state === 'unstable' ? [test] : []))
  const ballot = {
    class: main,
    counted: counted.length,
    again: joined(readings),
    wrong: wrongOf(readings),
    unstable,
    sides: namesOf(counted, all),
    cells: all.map((one) => decided(policy, one, apart)),
  }
  const rest = { ...policy, ...terms }
  return { ...ballot, ...standing(rest, ballot, own, readings) }
}

type Known = Pick<ConfidentBallot, 'cells' | 'again' | 'unstable' | 'counted'>
type Standing = Pick<ConfidentBallot, 'state' | 'wanted'> & Partial<Pick<ConfidentBallot, 'cells' | 'again'>>

/** Where the ballot stands, and how many more votes are wanted. */
function standing(
  policy: ConfidencePolicy & Terms,
  { cells, again, unstable, counted }: Known,
  own: readonly WeighedVote[],
  readings: readonly Reading[],
): Standing {
  if (own.length === 0)
    return { state: 'open', wanted: policy.replicate ? Math.min(strangersNeeded(policy), policy.replicas) : 1 }
  if (again.size === 0 && cells.every((cell, test) => cell !== null || unstable.includes(test))) {
    return { state: unstable.length > 0 ? 'undecided' : 'decided', wanted: 0 }
  }
  const disputed = readings.some(({ settlement }) => settlement.state !== 'agreed')
  const alone = disputed || policy.replicate ? null : strongest(own)
  if (alone !== null) return provisional(alone, own, readings)
  const lacking = readings.map(({ settlement, lacking }) => {
    if (settlement.state === 'unstable') return 0
    return settlement.state === 'asking' ? Number(settlement.more) : lacking
  })
  const most = Math.max(0, ...lacking)
  if (most > 0 && counted + most > policy.replicas) return { state: 'undecided', wanted: 0, again: new Map() }
  return { state: 'open', wanted: disputed || policy.replicate ? most : Math.min(most, 1) }
}

/** A decision that waits for the checks of its batch; one that was drawn for them wants somebody else's answer. */
function provisional(alone: number, own: readonly WeighedVote[], readings: readonly Reading[]): Standing {
  const cells = readings.map(({ best }) => best && { ...best, confidence: Math.max(alone, best.confidence ?? 0) })
  return { state: 'provisional', wanted: Number(own.some(({ drawn }) => drawn) && own.length < 2), cells }
}

function strongest(votes: readonly WeighedVote[]): number | null {
  return votes.reduce<number | null>((most, { alone }) => (alone === null ? most : Math.max(alone, most ?? 0)), null)
}

/** By operator, test by test, what it said. */
function namesOf(votes: readonly Vote[], readings: readonly (readonly Reading[])[]): Map<string, string[]> {
  return new Map(
    votes.map(({ operator }) => {
      const names = readings.map((classes) => classes.find(({ names }) => names.has(operator))?.names.get(operator) ?? '')
      return [operator, names]
    }),
  )
}

/** Reads one test in the votes of one class. */
function read(policy: ConfidencePolicy, votes: readonly WeighedVote[], test: number, apart: Apart): Reading {
  const sides = Sides.of(votes, test, apart)
  const settlement = settle(
    votes.map((vote) => testimony(vote, test, sides)),
    strangersNeeded(policy),
  )
  const spread = settlement.state === 'spread'
  const named = votes.map((vote) => {
    const cell = vote.cells[test]
    return { vote, name: (spread ? sides.chainOf(cell) : null) ?? sides.nameOf(cell) }
  })
  const names = new Map(named.map(({ vote, name }) => [vote.operator, name]))
  const groups = [...Map.groupBy(named, ({ name }) => name)].map(([key, members]) => {
    const group = members.map(({ vote }) => vote)
    return { key, group, odds: oddsOf(believed(group)) }
  })
  const confidences = groupConfidences(groups.map(({ odds }) => odds))
  const ranked = groups
    .map((one, at) => ({ ...one, confidence: confidences[at] as number }))
    .sort((a, b) => b.confidence - a.confidence || (a.key < b.key ? -1 : 1))
  const [top] = ranked
  if (top === undefined) return { best: null, settlement, lacking: strangersNeeded(policy), names }
  const others = ranked.slice(1).reduce((sum, { odds }) => sum + odds, 0)
  const lacking = Math.max(1, answersLacking(policy, top.odds, others))
  return {
    best: decision(policy, top, test, { others, apart, spread }),
    settlement,
    lacking: isDecided(policy, top, settlement) ? 0 : lacking,
    names,
  }
}

function isDecided(
  { theta }: ConfidencePolicy,
  { group, confidence }: { group: readonly WeighedVote[]; confidence: number },
  settlement: Settlement,
): boolean {
  if (confidence < theta) return false
  if (settlement.state === 'agreed' || settlement.state === 'spread') return true
  return (
    settlement.state === 'against' && !settlement.wrong.some(({ operator }) => group.some((vote) => vote.operator === operator))
  )
}

/** What was decided about a test in any class. Where two classes decided differently, that is said and not voted away. */
function decided(policy: ConfidencePolicy, readings: readonly Reading[], apart: Apart): CellDecision | null {
  const found = readings.flatMap(({ best, lacking }) => (best !== null && lacking === 0 ? [best] : []))
  const [first, ...others] = found.sort((a, b) => confidenceOf(b) - confidenceOf(a) || (a.class < b.class ? -1 : 1))
  if (first === undefined || confidenceOf(first) < policy.theta) return null
  const other = others.find((one) => !saysAlike(one, first, apart))
  return other === undefined ? first : { ...first, findings: [...first.findings, differing(first, other)] }
}

function differing(a: CellDecision, b: CellDecision): Finding {
  const [one, two] = [a.class, b.class].sort()
  return { flag: 'arch-dependent', file: '', line: 0, what: `decided differently in "${one}" and in "${two}"`.slice(0, 300) }
}

function confidenceOf({ confidence = 0 }: CellDecision): number {
  return confidence
}

/** The credibilities a group counts with: of newcomers one only, since they cost nothing to make. */
function believed(group: readonly WeighedVote[]): number[] {
  const known = group.filter(({ newcomer }) => !newcomer)
  const newcomers = group.filter(({ newcomer }) => newcomer).map(({ credibility }) => credibility)
  return [...known.map(({ credibility }) => credibility), ...newcomers.slice(0, 1)]
}

/** What a group of votes comes to, and whether those of the very same text would do for it. */
function decision(
  policy: ConfidencePolicy,
  { group, confidence }: { group: readonly WeighedVote[]; confidence: number },
  test: number,
  { others, apart, spread }: { others: number; apart: Apart; spread: boolean },
): CellDecision {
  const cells = group.map(({ cells }) => cells[test] as CellVote)
  const counts = countOutputs(cells)
  const { output } = middle(counts, mostOf(counts), apart)
  const own = (group[0] as Vote).class
  const found: CellDecision = { ...decisionOf(cells, output, own), confidence }
  const [same, different] = [true, false].map((wanted) =>
    group.filter(({ cells }) => (cells[test]?.compat === found.compat) === wanted),
  ) as [WeighedVote[], WeighedVote[]]
  const [text = 0] =
    different.length === 0 ? [1] : groupConfidences([oddsOf(believed(same)), oddsOf(believed(different)) + others])
  const near = text < policy.theta ? { near: true } : {}
  return { ...(spread ? tooWide(found) : found), ...near }
}

function testimony({ operator, cells, again, excused, drawn }: WeighedVote, test: number, sides: Sides): Testimony {
  const said = cells[test]
  const repeats = again.map((one) => sides.nameOfRepeat(one[test], said))
  return { operator, said: sides.nameOf(said), again: repeats, excused, drawn, chain: sides.chainOf(said) }
}

function joined(readings: readonly Reading[]): Map<string, number> {
  const again = new Map<string, number>()
  for (const { settlement } of readings) {
    if (settlement.state !== 'asking') continue
    for (const [operator, times] of settlement.again) again.set(operator, Math.max(times, again.get(operator) ?? 0))
  }
  return again
}

function wrongOf(readings: readonly Reading[]): Map<string, { tests: number[]; steady: boolean }> {
  const found = new Map<string, { tests: number[]; steady: boolean }>()
  for (const [test, { settlement }] of readings.entries()) {
    if (settlement.state !== 'against') continue
    for (const { operator, steady } of settlement.wrong) {
      const known = found.get(operator) ?? { tests: [], steady: false }
      found.set(operator, { tests: [...known.tests, test], steady: known.steady || steady })
    }
  }
  return found
}
