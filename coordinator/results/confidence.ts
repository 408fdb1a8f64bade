import type { Policy, Rule } from '../../protocol/index.ts'
import { majorityError } from '../rules/ballot.ts'
import { type Item, viewsOf } from './snapshot.ts'

/** Share of wrong votes assumed where a confidence is stated, all of them agreeing: the worst case. */
export const ASSUMED_WRONG_SHARE = 0.1

/** How sure a judgement is, or why nothing is said about it. */
export type Confidence = { confidence: number; reason: null } | { confidence: null; reason: NoConfidence }

export type NoConfidence =
  /** One operator runs all nodes: their agreement is no evidence. */
  | 'single-operator'
  /** Not judged yet. */
  | 'pending'
  /** The judgement is that nothing could be decided. */
  | 'undecided'

/** Chance that one decided cell is right. */
export function cellConfidence({ quorum }: Policy): number {
  return 1 - majorityError(quorum, ASSUMED_WRONG_SHARE)
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
  // One failed test is enough for "different"; every other word needs all of them. A test is a cell of each ballot.
  const tests = item.judgement[rule] === 'different' ? 1 : item.judgement.cells.length
  const ballots = rule === 'compat' ? 2 : viewsOf(item).length
  return { confidence: round6(cellConfidence(policy) ** (ballots * tests)), reason: null }
}

/** Six decimals: more than the assumption behind it is worth. */
export function round6(value: number): number {
  return Number(value.toFixed(6))
}
