import { RULES, type Rule } from '../../../protocol/index.ts'
import { round6 } from '../confidence.ts'
import type { Content } from '../content.ts'
import type { Snapshot } from '../snapshot.ts'
import { type Behaviours, behavioursOf } from './alike.ts'
import { type Choices, choicesOf } from './choices.ts'
import { type CoverageOf, type CoverageScore, CoverageSource, CoverageTally } from './coverage.ts'
import { type Fate, type FateOf, fateOf, originsOf } from './mutants.ts'
import { type PassCurve, passCurve, SampleClasses } from './pass-curve.ts'
import { countSamples, letteredCells, Problems, testNumbers } from './problems.ts'
import { type BleuOf, type BleuScore, BleuTally, matchesWithReference } from './references.ts'
import { type TesterScore, testerScore } from './tester.ts'
import { Turns } from './turns.ts'

/** One problem in `scores.json`. */
export interface ProblemScores {
  problem: string
  /** Lines of its translations, from 1. */
  lines: number[]
  alike: Behaviours
  rules: Record<Rule, ProblemUnderRule>
  /** Of the translations that have a reference. */
  bleu: BleuOf[]
  /** Of its originals with their tests, where the round has that measured. */
  coverage: CoverageOf[]
}

interface ProblemUnderRule {
  correct: number
  open: number
  /** By translation a letter a test of its list: p(ass), f(ail), v(oid), u(nknown), or a dot for what is pending. */
  cells: string[]
  choices: Choices
  mutants: FateOf[]
}

/** How many mutants came out how, all of them and by what was changed. */
export interface MutantScore extends Record<Fate, number> {
  mutants: number
  /** Mutants whose origin is in the round, too: what kills them is known to pass there. */
  withOrigin: number
  /** Killed, of those killed or alive. */
  killedShare: number | null
  kinds: Record<string, Record<Fate, number>>
}

/** What a rule's choices come to over all problems. */
export interface ChoiceCounts {
  /** Problems in which some translation is known to pass some test. */
  problems: number
  /** Of these, the ones in which not all ways choose the same translations. */
  differ: number
  /** By way: in how many it found patterns with the same score. */
  tied: Record<string, number>
}

/** The figures of a whole round: `scores` in `report.json`. */
export interface ScoresSummary {
  rules: Record<Rule, { passAtK: PassCurve; choices: ChoiceCounts; mutants: MutantScore | null }>
  /** Translations, how many different behaviours they show problem by problem, and those of which not all is decided. */
  alike: { translations: number; behaviours: number; unknown: number; problemsByBehaviours: Record<string, number> }
  tester: TesterScore
  /** Null where the round did not ask for it. */
  coverage: CoverageScore | null
  bleu: BleuScore | null
  notOffered: typeof NOT_OFFERED
}

/** What is not worked out, and why. */
const NOT_OFFERED = {
  codeBleu: 'it takes parsers and data flow of both languages: its own tool works it out from the same files',
  effAtK: 'it compares run times, and those of different machines, or of an emulated device, say nothing of each other',
} as const

/** Problems that a page shows one by one. */
const SHOWN_PROBLEMS = 200

/**
 * The scores of a round, from its decided cells alone: no time, node or name of a round enters, so that the same cases
 * and policy give the same bytes.
 */
export class Scores {
  readonly #snapshot: Snapshot
  readonly #content: Content
  readonly summary: ScoresSummary
  /** The first problems, for a page. */
  readonly first: readonly ProblemScores[]

  private constructor(init: { snapshot: Snapshot; content: Content; summary: ScoresSummary; first: readonly ProblemScores[] }) {
    this.#snapshot = init.snapshot
    this.#content = init.content
    this.summary = init.summary
    this.first = init.first
  }

  /** Works out the summary; the problems are worked out again as they are asked for, so that never all are held. */
  static async of(snapshot: Snapshot, content: Content): Promise<Scores> {
    const tally = new Tally(snapshot)
    const bleuTally = new BleuTally()
    const first: ProblemScores[] = []
    for await (const one of eachProblem(snapshot, content, bleuTally)) {
      tally.add(one)
      if (first.length < SHOWN_PROBLEMS) first.push(one)
    }
    return new Scores({ snapshot, content, first, summary: await tally.summary(bleuTally.score) })
  }

  /** The problems, in the order of their first cases. */
  problems(): AsyncGenerator<ProblemScores> {
    return eachProblem(this.#snapshot, this.#content, new BleuTally())
  }

  /** `scores.json`: the summary, and a line a problem. */
  async *json(): AsyncGenerator<string> {
    const { rule } = this.#snapshot.round.spec
    yield `${JSON.stringify({ v: 1, rule, ...this.summary }).slice(0, -1)},"problems":[`
    let before = '\n'
    for await (const problem of this.problems()) {
      yield before + JSON.stringify(problem)
      before = ',\n'
    }
    yield '\n]}\n'
  }
}

async function* eachProblem(snapshot: Snapshot, content: Content, bleuTally: BleuTally): AsyncGenerator<ProblemScores> {
  const origins = originsOf(snapshot)
  const measured = new CoverageSource(snapshot, content)
  const turns = new Turns()
  for (const problem of await Problems.of(snapshot)) {
    if (turns.due) await turns.end()
    const numberOf = await testNumbers(problem, content)
    const byRule = (rule: Rule) => {
      const { correct, open } = countSamples(problem, rule)
      const mutants = problem.items.flatMap((item) => fateOf(item, rule, origins) ?? [])
      return { correct, open, cells: letteredCells(problem, rule), choices: choicesOf(problem, rule, numberOf), mutants }
    }
    const bleu: BleuOf[] = []
    const coverage: CoverageOf[] = []
    for (const item of problem.items) {
      const reached = await measured.of(item)
      if (reached !== null) coverage.push(reached)
      const matches = await matchesWithReference(item, content)
      if (matches !== null) bleu.push(bleuTally.add(item.line, matches))
    }
    yield {
      problem: problem.name,
      lines: problem.items.map(({ line }) => line),
      alike: behavioursOf(problem),
      rules: { compat: byRule('compat'), strict: byRule('strict') },
      bleu,
      coverage,
    }
  }
}

/** Fates, of all mutants and by kind. Kinds are the researcher's words: never names of an object that is written to. */
interface MutantTally {
  all: Record<Fate, number>
  kinds: Map<string, Record<Fate, number>>
}

/** Adds up problems. */
class Tally {
  readonly #snapshot: Snapshot
  readonly #counts: Record<Rule, SampleClasses>
  readonly #choices: Record<Rule, ChoiceCounts>
  readonly #mutants: Record<Rule, MutantTally>
  readonly #coverage = new CoverageTally()
  readonly #alike: ScoresSummary['alike'] = { translations: 0, behaviours: 0, unknown: 0, problemsByBehaviours: {} }

  constructor(snapshot: Snapshot) {
    const of = <T>(make: (rule: Rule) => T): Record<Rule, T> => ({ compat: make('compat'), strict: make('strict') })
    this.#snapshot = snapshot
    this.#counts = of(() => new SampleClasses())
    this.#choices = of(() => ({ problems: 0, differ: 0, tied: {} }))
    this.#mutants = of(() => ({ all: noFates(), kinds: new Map() }))
  }

  add({ problem, lines, alike, rules, coverage }: ProblemScores): void {
    for (const one of coverage) this.#coverage.add(one)
    const { groups, unknown } = alike
    this.#alike.translations += lines.length
    this.#alike.behaviours += groups.length
    this.#alike.unknown += unknown
    increase(this.#alike.problemsByBehaviours, String(groups.length))
    for (const rule of RULES) {
      const { correct, open } = rules[rule]
      this.#counts[rule].add({ problem, n: lines.length, correct, open })
      countChoices(this.#choices[rule], rules[rule].choices)
      for (const { kind, fate } of rules[rule].mutants) {
        const { all, kinds } = this.#mutants[rule]
        const ofKind = kinds.get(kind) ?? noFates()
        kinds.set(kind, ofKind)
        all[fate]++
        ofKind[fate]++
      }
    }
  }

  async summary(bleu: BleuScore | null): Promise<ScoresSummary> {
    const { items } = this.#snapshot
    const origins = originsOf(this.#snapshot)
    const mutants = items.flatMap(({ entry: { mutant } }) => mutant ?? [])
    const withOrigin = mutants.filter(({ origin }) => origins.has(origin)).length
    const mutantScore = ({ all, kinds }: MutantTally): MutantScore => {
      const told = all.killed + all.alive
      const killedShare = told === 0 ? null : round6(all.killed / told)
      const sorted = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))
      return { mutants: mutants.length, withOrigin, ...all, killedShare, kinds: Object.fromEntries(sorted) }
    }
    const byRule = (rule: Rule) => ({
      passAtK: passCurve(this.#counts[rule]),
      choices: this.#choices[rule],
      mutants: mutants.length === 0 ? null : mutantScore(this.#mutants[rule]),
    })
    return {
      rules: { compat: byRule('compat'), strict: byRule('strict') },
      alike: this.#alike,
      tester: await testerScore(this.#snapshot),
      coverage: this.#snapshot.round.spec.coverage === true ? this.#coverage.score : null,
      bleu,
      notOffered: NOT_OFFERED,
    }
  }
}

function noFates(): Record<Fate, number> {
  return { killed: 0, alive: 0, stillborn: 0, open: 0 }
}

function countChoices(counts: ChoiceCounts, { chosen }: Choices): void {
  if (chosen.every(({ lines }) => lines.length === 0)) return
  counts.problems++
  if (new Set(chosen.map(({ lines }) => lines.join())).size > 1) counts.differ++
  for (const { by, patterns } of chosen) counts.tied[by] = (counts.tied[by] ?? 0) + (patterns.length > 1 ? 1 : 0)
}

function increase(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1
}
