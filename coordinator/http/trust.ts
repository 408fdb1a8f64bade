import type { Policy } from '../../protocol/index.ts'
import { round6 } from '../results/confidence.ts'
import { majorityError } from '../rules/ballot.ts'
import { checksNeeded, NO_ACCIDENT, strangersNeeded } from '../rules/credibility.ts'
import { exposure } from '../sight.ts'
import type { State } from '../state/state.ts'
import {
  ADMISSION_ANSWERS,
  ADMISSION_FAILING,
  type BatchEntry,
  BOOTSTRAP_OPERATORS,
  BOOTSTRAP_WAIT_MS,
  EPOCH_TASKS,
  GRANTED_STRIKE_RATE,
  type Incident,
  LONGEST_SETBACK_REST_MS,
  type OperatorStanding,
  SETBACK_REST_MS,
} from '../trust/model.ts'

/** A policy that rounds here ask for, with what its formulas come to (docs/trust.md). */
export interface PolicyNumbers {
  policy: Policy
  /** Rounds that anybody may know of and that ask for it. */
  rounds: number
  /** Agreeing strangers that make a decision. */
  strangers: number
  /** Under a majority: the chance that a decision is wrong where a tenth of the votes are and all wrong ones agree. */
  errorAtTenth: number | null
  /** Under a confidence: checks after which a batch of answers stands. */
  checks: number | null
}

/** The numbers behind "how to trust this": the policies, the rules, and how this swarm stands. */
export interface TrustNumbers {
  policies: PolicyNumbers[]
  /** Nobody's answer decides alone yet. */
  bootstrap: boolean
  operators: Record<OperatorStanding, number>
  /** Answers held against those of others, and those found wrong, of all who are not suspended. */
  answers: { judged: number; wrong: number }
  batches: Record<BatchEntry['state'], number>
  incidents: Record<Incident['kind'], number> & { ever: number }
  rules: typeof RULES
}

const RULES = {
  admissionAnswers: ADMISSION_ANSWERS,
  admissionFailing: ADMISSION_FAILING,
  bootstrapOperators: BOOTSTRAP_OPERATORS,
  bootstrapWaitMs: BOOTSTRAP_WAIT_MS,
  batchTasks: EPOCH_TASKS,
  grantedStrikeRate: GRANTED_STRIKE_RATE,
  noAccident: NO_ACCIDENT,
  restMs: SETBACK_REST_MS,
  longestRestMs: LONGEST_SETBACK_REST_MS,
} as const

/** Wrong votes assumed where the error of a majority is stated. */
const TENTH = 0.1

export function trustNumbers(state: State): TrustNumbers {
  const { trust } = state
  const { judged, strikes } = trust.operators.totals
  return {
    policies: policiesOf(state),
    bootstrap: trust.bootstrap,
    operators: tally(
      ['new', 'established', 'suspended'],
      [...trust.operators.values()].map(({ standing }) => standing),
    ),
    answers: { judged, wrong: strikes },
    batches: tally(
      ['gathering', 'checking', 'stood', 'reopened', 'replicated'],
      [...trust.batches.values()].map((batch) => batch.state),
    ),
    incidents: {
      ...tally(
        ['suspended', 'demoted', 'returned'],
        trust.incidents.map(({ kind }) => kind),
      ),
      ever: trust.reported,
    },
    rules: RULES,
  }
}

function policiesOf(state: State): PolicyNumbers[] {
  const found = new Map<string, PolicyNumbers>()
  for (const round of state.allRounds()) {
    if (exposure(round) === 'nothing') continue
    const { policy } = round.spec
    const key = JSON.stringify(Object.entries(policy).sort())
    const known = found.get(key) ?? numbersOf(policy)
    found.set(key, { ...known, rounds: known.rounds + 1 })
  }
  return [...found.values()].sort((a, b) => b.rounds - a.rounds).slice(0, MAX_POLICIES)
}

/** Policies listed: each is three numbers of a researcher's choice. */
const MAX_POLICIES = 20

function numbersOf(policy: Policy): PolicyNumbers {
  if (policy.kind === 'majority') {
    const errorAtTenth = round6(majorityError(policy.quorum, TENTH))
    return { policy: { ...policy }, rounds: 0, strangers: policy.quorum, errorAtTenth, checks: null }
  }
  const { f, theta } = policy
  const strangers = strangersNeeded(policy)
  return { policy: { ...policy }, rounds: 0, strangers, errorAtTenth: null, checks: checksNeeded(f, theta) }
}

function tally<K extends string>(words: readonly K[], found: readonly K[]): Record<K, number> {
  const counts = Object.fromEntries(words.map((word) => [word, 0])) as Record<K, number>
  for (const word of found) counts[word]++
  return counts
}
