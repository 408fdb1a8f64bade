import { type Flag, JudgementWord, RULES, type Rule, SIDES, type Side, type TestStatus } from '../../protocol/index.ts'
import { Breath } from '../breath.ts'
import type { Ledger } from '../ledger.ts'
import { assumedShare, cellConfidence, round6 } from '../results/confidence.ts'
import type { Samples } from '../results/scores/pass-at-k.ts'
import { passCurve, SampleClasses } from '../results/scores/pass-curve.ts'
import { flagsOf } from '../rules/judge.ts'
import { type CaseEntry, isSplit, type RoundEntry, type TaskEntry, taskKeys, taskState } from '../state/model.ts'
import { standingOf } from './case-rows.ts'
import { SUMMARY_PLACES } from './limits.ts'
import { decidingTest, REASONS, type Reason, reasonOf } from './reasons.ts'
import { type Stretch, walk } from './walk.ts'

/** The k of which pass@k is shown while a round goes on. */
const KS = [1, 2, 5, 10, 20, 50, 100]
/** Flags that say that a test, or the program, does not say the same every time. */
const FLAKY: readonly Flag[] = ['nondeterministic', 'numerically-unstable']

type Counts<K extends string> = Record<K, number>

/** Pass@k over the problems that have as many samples that may be shown. */
export interface PassNow {
  k: number
  problems: number
  value: number
  low: number | null
  high: number | null
  /** What it would be if all that is judged neither equivalent nor different were right. */
  atMost: number
}

/** What the cases of a round that may be shown come to. Everything else of it is counted in `cases` alone. */
export interface RoundSummary {
  round: string
  cases: number
  shown: number
  /** The most tests that a case of the round has. */
  columns: number
  /** Cases by what either rule says of them. */
  rules: { compat: JudgementWord; strict: JudgementWord; cases: number }[]
  /** Cases that are not equivalent, by what decided that. */
  reasons: Record<Rule, Counts<Reason>>
  statuses: Record<Side, Partial<Counts<TestStatus>>>
  flags: Record<Side, Partial<Counts<Flag>>>
  passAtK: Record<Rule, { problems: number; samples: number; correct: number; open: number; values: PassNow[] }>
  /** Tasks by the number of verdicts on them. */
  replicas: { replicas: number; tasks: number }[]
  /** Tasks on which nodes said different things, and where the first of them are used. */
  splits: { tasks: number; places: { line: number; side: Side; pass: string; replicas: number }[] }
  /** Tests that do not say the same every time. */
  flaky: { tests: number; places: { line: number; test: number; side: Side; flags: Flag[] }[] }
  /** How sure the decided tests are; null, and why, where nothing can be said. */
  confidence: {
    assumedWrongShare: number
    perCell: number | null
    lowest: number | null
    mean: number | null
    cells: number
    reason: 'single-operator' | null
  }
}

/** Works it out in one pass over the cases, with others let in between. */
export async function roundSummary(ledger: Ledger, round: RoundEntry, singleOperator: boolean): Promise<RoundSummary> {
  const tally = new Tally(round)
  for await (const stretch of walk(ledger, round.id, { from: 0, to: round.size })) {
    for (const item of stretch.cases) tally.add(stretch, item)
  }
  return await tally.summary(singleOperator)
}

class Tally {
  readonly #round: RoundEntry
  readonly #rules = new Map<string, RoundSummary['rules'][number]>()
  readonly #reasons: RoundSummary['reasons'] = { compat: noReasons(), strict: noReasons() }
  readonly #statuses: RoundSummary['statuses'] = { cpp: {}, cuda: {} }
  readonly #flags: RoundSummary['flags'] = { cpp: {}, cuda: {} }
  readonly #problems: Record<Rule, Map<string, Samples & { open: number }>> = { compat: new Map(), strict: new Map() }
  readonly #replicas = new Map<number, number>()
  readonly #splits: RoundSummary['splits'] = { tasks: 0, places: [] }
  readonly #flaky: RoundSummary['flaky'] = { tests: 0, places: [] }
  readonly #confidence = { lowest: 1, sum: 0, cells: 0 }
  /** Keys of tasks that are counted and may be met again. */
  readonly #counted = new Set<string>()
  #shown = 0
  #columns = 0

  constructor(round: RoundEntry) {
    this.#round = round
  }

  add({ round, source, mayShow }: Stretch, item: CaseEntry): void {
    const { judgement } = item
    this.#columns = Math.max(this.#columns, item.tests)
    if (judgement === null || standingOf(mayShow, round, item) !== 'shown') return
    this.#shown++
    const tests = Array.from({ length: item.tests }, (_, test) => source.evidence(round, item, test))
    const key = `${judgement.compat} ${judgement.strict}`
    const counted = this.#rules.get(key) ?? { compat: judgement.compat, strict: judgement.strict, cases: 0 }
    this.#rules.set(key, { ...counted, cases: counted.cases + 1 })
    for (const rule of RULES) {
      this.#addSample(rule, item.problem, judgement[rule])
      const test = judgement[rule] === 'equivalent' ? null : decidingTest(judgement.cells, rule)
      const evidence = test === null ? undefined : tests[test]
      if (evidence !== undefined) this.#reasons[rule][reasonOf(evidence, item.source)]++
    }
    for (const [test, evidence] of tests.entries()) {
      for (const side of SIDES) {
        const { plain } = evidence[side]
        if (plain !== null) increase(this.#statuses[side], plain.status)
        const flags = flagsOf(evidence[side])
        for (const flag of flags) increase(this.#flags[side], flag)
        this.#addFlaky(item, test, side, flags)
      }
    }
    for (const side of SIDES) {
      for (const task of taskKeys(item, [side])) this.#addTask(item, side, source.tasks.get(task))
    }
  }

  async summary(singleOperator: boolean): Promise<RoundSummary> {
    const { id, size, spec } = this.#round
    const { lowest, sum, cells } = this.#confidence
    const stated = !singleOperator && cells > 0
    return {
      ...{ round: id, cases: size, shown: this.#shown, columns: this.#columns },
      rules: [...this.#rules.values()].sort((a, b) => place(a) - place(b)),
      ...{ reasons: this.#reasons, statuses: this.#statuses, flags: this.#flags },
      passAtK: { compat: await passNow(this.#problems.compat), strict: await passNow(this.#problems.strict) },
      replicas: [...this.#replicas].sort(([a], [b]) => a - b).map(([replicas, tasks]) => ({ replicas, tasks })),
      ...{ splits: this.#splits, flaky: this.#flaky },
      confidence: {
        assumedWrongShare: assumedShare(spec.policy),
        perCell: singleOperator ? null : round6(cellConfidence(spec.policy)),
        lowest: stated ? round6(lowest) : null,
        mean: stated ? round6(sum / cells) : null,
        cells,
        reason: singleOperator ? 'single-operator' : null,
      },
    }
  }

  #addSample(rule: Rule, problem: string, word: JudgementWord): void {
    const counts = this.#problems[rule].get(problem) ?? { problem, n: 0, correct: 0, open: 0 }
    this.#problems[rule].set(problem, counts)
    counts.n++
    if (word === 'equivalent') counts.correct++
    else if (word !== 'different') counts.open++
  }

  #addFlaky({ index }: CaseEntry, test: number, side: Side, flags: readonly Flag[]): void {
    const found = flags.filter((flag) => FLAKY.includes(flag))
    if (found.length === 0) return
    this.#flaky.tests++
    if (this.#flaky.places.length >= SUMMARY_PLACES) return
    this.#flaky.places.push({ line: index + 1, test: test + 1, side, flags: found })
  }

  /** Counted with the first case that may be shown and uses it. */
  #addTask({ index }: CaseEntry, side: Side, entry: TaskEntry | undefined): void {
    if (entry === undefined || this.#counted.has(entry.key)) return
    const [user, another] = entry.users
    const isItsOwn = another === undefined && user?.round === this.#round.id && user.index === index
    if (!isItsOwn) this.#counted.add(entry.key)
    const state = taskState(entry)
    if (state !== 'decided' && state !== 'undecided') return
    const replicas = entry.votes.length
    this.#replicas.set(replicas, (this.#replicas.get(replicas) ?? 0) + 1)
    for (const cell of entry.ballot.cells) this.#addConfidence(cell === null ? null : this.#confidenceOf(cell.confidence))
    if (!isSplit(entry)) return
    this.#splits.tasks++
    if (this.#splits.places.length >= SUMMARY_PLACES) return
    this.#splits.places.push({ line: index + 1, side, pass: entry.task.pass, replicas })
  }

  #confidenceOf(reached: number | undefined): number {
    return reached ?? cellConfidence(this.#round.spec.policy)
  }

  #addConfidence(reached: number | null): void {
    if (reached === null) return
    this.#confidence.lowest = Math.min(this.#confidence.lowest, reached)
    this.#confidence.sum += reached
    this.#confidence.cells++
  }
}

async function passNow(problems: ReadonlyMap<string, Samples & { open: number }>): Promise<RoundSummary['passAtK'][Rule]> {
  const all = [...problems.values()]
  const sum = (of: (one: Samples & { open: number }) => number) => all.reduce((total, one) => total + of(one), 0)
  const breath = new Breath()
  const values: PassNow[] = []
  for (const k of KS) {
    await breath.take()
    const enough = all.filter(({ n }) => n >= k)
    if (enough.length === 0) break
    const [value] = passCurve(SampleClasses.of(enough), [k]).values
    if (value !== undefined) values.push({ ...value, problems: enough.length })
  }
  return {
    problems: all.length,
    samples: sum(({ n }) => n),
    correct: sum((one) => one.correct),
    open: sum(({ open }) => open),
    values,
  }
}

function place({ compat, strict }: { compat: JudgementWord; strict: JudgementWord }): number {
  const words: readonly JudgementWord[] = JudgementWord.options
  return words.indexOf(compat) * words.length + words.indexOf(strict)
}

function noReasons(): Counts<Reason> {
  return Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Counts<Reason>
}

function increase<K extends string>(counts: Partial<Counts<K>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1
}
