import { isAdmitted, isNoAccident, type Record, restMs } from '../rules/standing.ts'
import { Changes } from '../state/changes.ts'
import { forgettable, MAX_OPERATORS_KNOWN } from '../state/forgetting.ts'
import {
  ADMISSION_ANSWERS,
  ADMISSION_FAILING,
  BOOTSTRAP_OPERATORS,
  BOOTSTRAP_WAIT_MS,
  GRANTED_STRIKE_RATE,
  LONGEST_SETBACK_REST_MS,
  MAX_SHOWN,
  type OperatorEntry,
  type OperatorStanding,
  SETBACK_REST_MS,
} from './model.ts'

/** Counts over all operators. */
export interface OperatorTotals extends Record {
  established: number
  settled: boolean
  begunAt: number | null
  /** In order. */
  awaited: [operator: string, since: number][]
}

/** Operators and how they stand. */
export class Operators {
  readonly #all = new Map<string, OperatorEntry>()
  /** Over all that are not suspended. */
  readonly #population: Record = { judged: 0, strikes: 0 }
  established = 0
  /** Those that are waited for are established, and these are enough for one to be checked by others: bootstrap is over. */
  settled = false
  /** When bootstrap began, with the first work that was given. */
  #begunAt: number | null = null
  /** Operators that bootstrap waits for, since when: the one that came first is first. */
  readonly #awaited = new Map<string, number>()
  /** Operators that stand otherwise than before: whoever gives out work takes them from here. */
  readonly touched = new Set<string>()
  readonly #changes: Pick<Changes, 'operators' | 'operatorsGone'>
  readonly #most: number
  readonly #failing: (operator: OperatorEntry) => number

  /**
   * @param most how many are remembered
   * @param failing tasks known to fail, in the classes that an operator answers in
   */
  constructor(
    changes: Pick<Changes, 'operators' | 'operatorsGone'> = new Changes(),
    most: number = MAX_OPERATORS_KNOWN,
    failing: (operator: OperatorEntry) => number = () => 0,
  ) {
    this.#changes = changes
    this.#most = most
    this.#failing = failing
  }

  /** What is not said of one operator. */
  get totals(): OperatorTotals {
    const { established, settled } = this
    return { ...this.#population, established, settled, begunAt: this.#begunAt, awaited: [...this.#awaited] }
  }

  /** Puts in what was kept of a state. */
  load(operators: Iterable<OperatorEntry>, { judged, strikes, established, settled, begunAt, awaited }: OperatorTotals): void {
    this.#begunAt = begunAt
    for (const [operator, since] of awaited) this.#awaited.set(operator, since)
    for (const entry of operators) this.#all.set(entry.operator, entry)
    Object.assign(this.#population, { judged, strikes })
    this.established = established
    this.settled = settled
  }

  /** How many are known. */
  get size(): number {
    return this.#all.size
  }

  values(): IterableIterator<OperatorEntry> {
    return this.#all.values()
  }

  get(operator: string): OperatorEntry {
    const entry = this.peek(operator)
    this.#all.set(operator, entry)
    this.#changes.operators.add(entry)
    this.#changes.operatorsGone.delete(operator)
    return entry
  }

  /** The same for who only looks: nobody is remembered for having been asked about. */
  peek(operator: string): OperatorEntry {
    const known = this.#all.get(operator)
    return known ?? { operator, standing: 'new', ...NOTHING, asked: new Set(), shown: [], ...noWork() }
  }

  standingOf(operator: string): OperatorStanding {
    return this.#all.get(operator)?.standing ?? 'new'
  }

  /**
   * An operator was given work. While bootstrap lasts, it is waited for: who is done first would otherwise be believed
   * first, and among themselves those who run nothing are many.
   */
  given(operator: OperatorEntry, at: number): void {
    operator.lastAt = at
    if (this.settled) return
    this.#begunAt ??= at
    const isKnown = operator.givenAt !== null && operator.givenAt >= this.#begunAt
    if (!isKnown) operator.givenAt = at
    if (!isKnown && operator.standing === 'new' && at < this.#begunAt + BOOTSTRAP_WAIT_MS)
      this.#awaited.set(operator.operator, at)
    this.#settle(at)
  }

  /**
   * Where too many are known, forgets those who matter least: first who was never confirmed, then who is not established, then who
   * is, and those who are suspended last; none of whom something is still to be heard or checked. Whoever was established comes
   * in by admission again.
   */
  forget(): void {
    const leaving = forgettable(this.#all, this.#most, (entry) => {
      const { operator: name, standing, passed, live, batches, trials, lastAt } = entry
      if (live.size + batches.size + trials > 0 || this.#awaited.has(name)) return null
      const rank = standing === 'new' ? Number(passed > 0) : standing === 'established' ? 2 : 3
      return { rank, lastAt, name }
    })
    for (const entry of leaving) {
      this.#all.delete(entry.operator)
      this.#changes.operators.delete(entry)
      this.#changes.operatorsGone.add(entry.operator)
      if (entry.standing === 'established') this.established--
      if (entry.standing !== 'new') this.touched.add(entry.operator)
    }
  }

  /** An operator answered. */
  answered(operator: OperatorEntry, at: number): void {
    operator.answeredAt = at
    operator.lastAt = at
  }

  /** What an operator was given at some time came to nothing: if it has answered nothing since, it is not waited for. */
  missed({ operator, answeredAt }: OperatorEntry, givenAt: number, at: number): void {
    if (answeredAt !== null && answeredAt >= givenAt) return
    this.#awaited.delete(operator)
    this.#settle(at)
  }

  /** An answer was held against those of others. */
  judge(operator: OperatorEntry, wrong: boolean, theta: number): void {
    operator.judged++
    operator.granted += Math.max(GRANTED_STRIKE_RATE, 1 - theta)
    if (wrong) operator.strikes++
    if (operator.standing === 'suspended') return
    this.#population.judged++
    if (wrong) this.#population.strikes++
  }

  isNoAccident(own: OperatorEntry): boolean {
    const { judged, strikes } = this.#population
    const others = { judged: judged - own.judged, strikes: strikes - own.strikes }
    return own.standing !== 'suspended' && isNoAccident(own, others, own.granted / own.judged)
  }

  /** An answer was confirmed; tells whether the operator is established by it, anew or again. */
  pass(operator: OperatorEntry, { failing, answer, at }: Confirmed): 'established' | 'returned' | null {
    operator.passed++
    operator.admitted++
    if (failing) operator.admittedFailing++
    if (operator.standing !== 'established' && operator.shown.length < MAX_SHOWN) operator.shown.push(answer)
    if (operator.standing === 'established' || !this.#isAdmitted(operator)) return null
    const back = operator.standing === 'suspended'
    this.#stand(operator, 'established', at)
    operator.establishedAt = at
    if (back) this.#count(operator, 1)
    return back ? 'returned' : 'established'
  }

  /**
   * Whether all that an operator lacks is answers to tasks that fail, while bootstrap waits for it: it is tried by such before it is
   * given anything else.
   */
  isHeldUp(operator: string): boolean {
    const entry = this.#all.get(operator)
    if (this.settled || entry === undefined || entry.standing !== 'new') return false
    return entry.admitted >= ADMISSION_ANSWERS && !this.#isAdmitted(entry)
  }

  #isAdmitted(operator: OperatorEntry): boolean {
    const wanted = { answers: ADMISSION_ANSWERS, failing: ADMISSION_FAILING }
    return isAdmitted(operator, { failing: this.#failing(operator) }, wanted)
  }

  /** It failed at admission: it begins anew, after a rest. */
  setBack(operator: OperatorEntry, at: number): void {
    operator.setbacks++
    operator.admitted = 0
    operator.admittedFailing = 0
    operator.shown = []
    operator.restUntil = at + restMs(operator.setbacks, { first: SETBACK_REST_MS, longest: LONGEST_SETBACK_REST_MS })
  }

  demote(operator: OperatorEntry, at: number): void {
    this.#stand(operator, 'new', at)
    operator.establishedAt = null
    operator.passed = 0
    this.setBack(operator, at)
  }

  suspend(operator: OperatorEntry, at: number): void {
    this.#count(operator, -1)
    this.demote(operator, at)
    this.#stand(operator, 'suspended', at)
    operator.suspensions++
    operator.suspendedAt = at
    operator.judged = 0
    operator.granted = 0
    operator.strikes = 0
  }

  #stand(operator: OperatorEntry, standing: OperatorStanding, at: number): void {
    this.#put(operator, standing)
    if (standing !== 'new') this.#awaited.delete(operator.operator)
    this.#settle(at)
  }

  #put(operator: OperatorEntry, standing: OperatorStanding): void {
    this.established += Number(standing === 'established') - Number(operator.standing === 'established')
    operator.standing = standing
    this.touched.add(operator.operator)
  }

  /** Whether bootstrap is over now, or begins anew. */
  #settle(at: number): void {
    for (const [operator, since] of this.#awaited) {
      if (at < since + BOOTSTRAP_WAIT_MS) break
      this.#awaited.delete(operator)
    }
    if (!this.settled && this.established >= BOOTSTRAP_OPERATORS && this.#awaited.size === 0) this.#review(at)
    const enough = this.established >= BOOTSTRAP_OPERATORS
    if (this.settled && !enough) this.#begunAt = at
    this.settled = enough && (this.settled || this.#awaited.size === 0)
  }

  /**
   * Bootstrap is about to end. Who was established when nothing was known to fail yet has shown less than is asked of all others
   * since, and may be one that always says that all is well: it is new again, and waited for like them.
   */
  #review(at: number): void {
    const early = [...this.#all.values()].filter((one) => one.standing === 'established' && !this.#isAdmitted(one))
    // In an order that does not depend on how they came to be remembered.
    for (const operator of early.sort((a, b) => (a.operator < b.operator ? -1 : 1))) {
      this.#put(operator, 'new')
      operator.establishedAt = null
      this.#changes.operators.add(operator)
      if (at < (this.#begunAt ?? at) + BOOTSTRAP_WAIT_MS) this.#awaited.set(operator.operator, at)
    }
  }

  #count({ judged, strikes }: OperatorEntry, sign: 1 | -1): void {
    this.#population.judged += sign * judged
    this.#population.strikes += sign * strikes
  }
}

/** An answer that others confirmed. */
interface Confirmed {
  failing: boolean
  answer: { task: string; verdict: string }
  at: number
}

const NOTHING = {
  establishedAt: null,
  trials: 0,
  passed: 0,
  judged: 0,
  granted: 0,
  strikes: 0,
  givenAt: null,
  answeredAt: null,
  lastAt: 0,
  admitted: 0,
  admittedFailing: 0,
  setbacks: 0,
  restUntil: 0,
  suspensions: 0,
  checksPassed: 0,
  batchesStood: 0,
  suspendedAt: null,
} as const

function noWork(): Pick<OperatorEntry, 'live' | 'batches' | 'rounds' | 'nodes' | 'classes'> {
  return { live: new Set(), batches: new Set(), rounds: new Set(), nodes: new Set(), classes: new Set() }
}
