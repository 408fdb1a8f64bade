import { firstOfEach, type Group, type Recount, type Said } from './majority.ts'
import { type Outcome, outcomeOf, type Voice } from './quarrel.ts'

/** A vote under a confidence policy, with what it was worth. */
export interface WeighedSaid extends Said {
  /** Checks that its batch had passed, or null. */
  checks: number | null
  newcomer: boolean
  /** By repeat, by test. */
  again: readonly (readonly string[])[]
  excused: boolean
  drawn: boolean
}

export interface ConfidentTerms {
  theta: number
  f: number
  replicas: number
}

/** A decided test, with the chance that it is right. */
export interface SureGroup extends Group {
  confidence: number
  /** Another class came to something else. */
  otherwise: boolean
}

export interface ConfidentRecount extends Recount<SureGroup> {
  /** Operators found in the wrong, by test. */
  wrong: ReadonlyMap<string, readonly number[]>
}

/** What the votes of one class come to on one test. */
interface Look {
  kind: string
  leader: SureGroup | null
  outcome: Outcome
  isDecided: boolean
  /** Further answers that would decide it. */
  lacks: number
}

/**
 * A ballot under a confidence policy, counted again as docs/archive.md says: by class and test, groups of those who say the
 * same; the one with the best chance decides, when that reaches theta and no quarrel is left.
 */
export function recountConfident(terms: ConfidentTerms, tests: number, votes: readonly WeighedSaid[]): ConfidentRecount {
  const voices = firstOfEach(votes)
  const kinds = kindsOf(voices)
  const table = Array.from({ length: tests }, (_, test) =>
    kinds.map((kind) =>
      look(
        terms,
        kind,
        voices.filter((voice) => voice.class === kind),
        test,
      ),
    ),
  )
  const cells = table.map(decideAmong)
  const main = table.flatMap(([first]) => (first === undefined ? [] : [first]))
  const wrong = wrongIn(main)
  if (main.length === 0) return { state: 'open', cells, wrong }
  const unstable = main.map(({ outcome }) => outcome.kind === 'unstable')
  const isAsking = main.some(({ outcome }) => outcome.kind === 'asking' && outcome.anybody)
  if (!isAsking && cells.every((cell, test) => cell !== null || unstable[test])) {
    return { state: unstable.includes(true) ? 'undecided' : 'decided', cells, wrong }
  }
  const lacks = Math.max(...main.map(({ lacks }) => lacks))
  return { state: lacks > 0 && voices.length + lacks > terms.replicas ? 'undecided' : 'open', cells, wrong }
}

/** The classes, the one with most votes first. */
function kindsOf(voices: readonly Said[]): string[] {
  const sizes = new Map<string, number>()
  for (const { class: kind } of voices) sizes.set(kind, (sizes.get(kind) ?? 0) + 1)
  return [...sizes.keys()].sort((a, b) => (sizes.get(b) as number) - (sizes.get(a) as number) || (a < b ? -1 : 1))
}

function look(terms: ConfidentTerms, kind: string, voices: readonly WeighedSaid[], test: number): Look {
  const outcome = outcomeOf(
    voices.map((voice): Voice => {
      const { operator, excused, drawn } = voice
      return { operator, excused, drawn, said: voice.tests[test] as string, again: voice.again.map((one) => one[test] as string) }
    }),
    answersFor(terms, 1, 0),
  )
  const groups = groupsOf(terms, voices, test)
  const weightOfAll = groups.reduce((sum, { weight }) => sum + weight, 1)
  groups.sort((a, b) => b.weight - a.weight || (a.said < b.said ? -1 : 1))
  const [first, ...rest] = groups
  if (first === undefined) return { kind, leader: null, outcome, isDecided: false, lacks: answersFor(terms, 1, 0) }
  const { said, members, weight } = first
  const others = rest.reduce((sum, one) => sum + one.weight, 0)
  const leader = { class: kind, said, votes: members.length, confidence: weight / weightOfAll, otherwise: false }
  const isUnquestioned =
    outcome.kind === 'agreed' || (outcome.kind === 'against' && !members.some((member) => outcome.wrong.includes(member)))
  const isDecided = leader.confidence >= terms.theta && isUnquestioned
  return { kind, leader, outcome, isDecided, lacks: lacksOf(terms, isDecided, outcome, weight, others) }
}

function lacksOf(terms: ConfidentTerms, isDecided: boolean, outcome: Outcome, weight: number, others: number): number {
  if (outcome.kind === 'unstable') return 0
  if (outcome.kind === 'asking') return outcome.more ? 1 : 0
  return isDecided ? 0 : Math.max(1, answersFor(terms, weight, others))
}

/** Those who say the same to a test, and what speaks for them: the product of c / (1 - c), of newcomers one at most. */
function groupsOf({ f }: ConfidentTerms, voices: readonly WeighedSaid[], test: number) {
  const groups = new Map<string, { said: string; members: string[]; weight: number; newcomer: boolean }>()
  const known = [...voices].sort((a, b) => Number(a.newcomer) - Number(b.newcomer))
  for (const { operator, tests, checks, newcomer } of known) {
    const said = tests[test] as string
    const group = groups.get(said) ?? { said, members: [], weight: 1, newcomer: false }
    groups.set(said, group)
    group.members.push(operator)
    if (newcomer && group.newcomer) continue
    group.newcomer ||= newcomer
    const credibility = credibilityOf(f, checks)
    group.weight *= credibility / (1 - credibility)
  }
  return [...groups.values()]
}

/** 1 - f, or where its batch stood after so many checks 1 - f / ((1-f)^2 checks e), if that is more. */
export function credibilityOf(f: number, checks: number | null): number {
  if (checks === null || checks === 0) return 1 - f
  return Math.max(1 - f, 1 - f / ((1 - f) ** 2 * checks * Math.E))
}

/** Checks after which a batch stands. */
export function checksFor(f: number, theta: number): number {
  return Math.ceil(f / ((1 - f) ** 2 * Math.E * (1 - theta)))
}

/** Further answers, each worth 1 - f, that bring a group of this weight to theta against others. */
function answersFor({ theta, f }: ConfidentTerms, weight: number, others: number): number {
  let answers = 0
  for (let reached = weight; reached / (reached + 1 + others) < theta; reached *= (1 - f) / f) answers++
  return weight === 1 && others === 0 ? Math.max(1, answers) : answers
}

/** Of the classes that came to a decision the surest. */
function decideAmong(looks: readonly Look[]): SureGroup | null {
  const found = looks.flatMap(({ leader, isDecided }) => (isDecided && leader !== null ? [leader] : []))
  found.sort((a, b) => b.confidence - a.confidence || (a.class < b.class ? -1 : 1))
  const [first, ...rest] = found
  if (first === undefined) return null
  return { ...first, otherwise: rest.some(({ said }) => said !== first.said) }
}

function wrongIn(looks: readonly Look[]): Map<string, number[]> {
  const wrong = new Map<string, number[]>()
  for (const [test, { outcome }] of looks.entries()) {
    if (outcome.kind !== 'against') continue
    for (const operator of outcome.wrong) wrong.set(operator, [...(wrong.get(operator) ?? []), test])
  }
  return wrong
}
