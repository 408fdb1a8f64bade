import type { Policy, Rule } from '../../protocol/index.ts'
import { majorityError } from '../rules/ballot.ts'
import type { Judgement } from '../rules/judge.ts'
import { type Item, judgingViews } from './snapshot.ts'

/** Share of wrong votes assumed where a majority's confidence is stated, all of them agreeing: the worst case. */
const ASSUMED_WRONG_SHARE = 0.1

/** The share of wrong votes, or of saboteurs, that confidences under a policy assume. */
export function assumedShare(policy: Policy): number {
  return policy.kind === 'majority' ? ASSUMED_WRONG_SHARE : policy.f
}

/** How sure a judgement is, or why nothing is said about it. */
export type Confidence = { confidence: number; reason: null } | { confidence: null; reason: NoConfidence }

export type NoConfidence =
  /** One operator runs all nodes: their agreement is no evidence. */
  | 'single-operator'
  /** Not judged yet. */
  | 'pending'
  /** The judgement is that nothing could be decided. */
  | 'undecided'

/** Chance that one decided cell is right; under a policy that asks for a confidence the least that it can be. */
export function cellConfidence(policy: Policy): number {
  return policy.kind === 'majority' ? 1 - majorityError(policy.quorum, ASSUMED_WRONG_SHARE) : policy.theta
}

/**
 * Chance that a case's judgement is right: the product over the decided cells it rests on. The cells of one task come
 * from the same nodes, so to multiply them as if they were independent errs on the low side.
 */
export function confidenceOf(item: Item, rule: Rule, policy: Policy, singleOperator: boolean): Confidence {
  const none = (reason: NoConfidence): Confidence => ({ confidence: null, reason })
  if (singleOperator) return none('single-operator')
  if (item.judgement === null) return none('pending')
  if (item.judgement[rule] === 'undecided') return none('undecided')
  if (policy.kind === 'confidence') return { confidence: round6(reached(item, rule, item.judgement)), reason: null }
  // One failed test is enough for "different"; every other word needs all of them. A test is a cell of each ballot.
  const tests = item.judgement[rule] === 'different' ? 1 : item.judgement.cells.length
  const ballots = rule === 'compat' ? 2 : judgingViews(item).length
  return { confidence: round6(cellConfidence(policy) ** (ballots * tests)), reason: null }
}

/**
 * The product of the confidences that the cells reached on which the judgement rests. One failed test is enough for
 * "different": of several the surest counts.
 */
function reached(item: Item, rule: Rule, { cells, ...words }: Judgement): number {
  const views = rule === 'compat' ? Object.values(item.tasks ?? {}) : judgingViews(item)
  const sure = (test: number) => views.reduce((product, view) => product * (view.cell(test)?.confidence ?? 1), 1)
  const tests = [...cells.keys()]
  if (words[rule] !== 'different') return tests.reduce((product, test) => product * sure(test), 1)
  return Math.max(...tests.filter((test) => cells[test]?.[rule] === 'fail').map(sure))
}

/** Six decimals: more than the assumption behind it is worth. */
export function round6(value: number): number {
  return Number(value.toFixed(6))
}
