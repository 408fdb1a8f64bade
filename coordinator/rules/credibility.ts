import type { Policy } from '../../protocol/index.ts'

/**
 * How far answers of strangers may be believed. After Luis Sarmenta, "Sabotage-tolerance mechanisms for volunteer
 * computing systems" (FGCS 18, 2002): an answer's credibility is a lower bound of the chance that it is right, for the
 * worst that a saboteur can do. `f` is the assumed share of saboteurs among operators. docs/trust.md derives each formula.
 */

/** Chance below which something is taken to be no accident. */
export const NO_ACCIDENT = 1e-6

/**
 * Credibility of an operator's next answer by its history alone: 1 - f/k after k passed checks, 1 - f before the first.
 * A saboteur who lies in a share s of answers survives k checks with chance (1-s)^k, and s (1-s)^k < 1/(e k) < 1/k.
 */
export function historyCredibility(f: number, passed: number): number {
  return passed === 0 ? 1 - f : 1 - f / Math.max(passed, 1)
}

/**
 * Credibility of each answer of a batch after `checks` answers of it, drawn once they all were in, were confirmed by other
 * operators: 1 - f/((1-f) (1-f) checks e). A saboteur who lied in a share s of the batch and whose friends, a share f of
 * those who check, confirm his lies, is still there with chance (1 - s(1-f))^checks; of that the worst s is taken, against
 * the share 1-f of operators who always are.
 */
export function batchCredibility(f: number, checks: number): number {
  return checks === 0 ? 1 - f : Math.max(1 - f, 1 - f / ((1 - f) ** 2 * checks * Math.E))
}

/** The fewest checks after which a batch stands at `theta`. */
export function checksNeeded(f: number, theta: number): number {
  return Math.ceil(f / ((1 - f) ** 2 * Math.E * (1 - theta)))
}

/** What a group of agreeing answers speaks for itself: the product of credibilities over the product of their complements. */
export function oddsOf(credibilities: readonly number[]): number {
  return credibilities.reduce((odds, credibility) => odds * (credibility / (1 - credibility)), 1)
}

/**
 * Chance that each of several groups is the right one, given what each answer may be believed and that at most one group is:
 *
 *     CR(a) = G_a prod(i!=a) B_i / (prod_j B_j + sum_j G_j prod(i!=j) B_i)
 *
 * with G the product of a group's credibilities and B that of their complements; here divided by prod_j B_j.
 * @param odds of every group, as `oddsOf` gives them
 */
export function groupConfidences(odds: readonly number[]): number[] {
  const total = odds.reduce((sum, one) => sum + one, 1)
  return odds.map((one) => one / total)
}

/** How many more answers, each worth 1 - f, a group of these odds needs against others to reach `theta`; at most `cap`. */
export function answersLacking(
  { theta, f }: { theta: number; f: number },
  odds: number,
  others: number,
  cap: number = Number.POSITIVE_INFINITY,
): number {
  let lacking = 0
  for (let reached = odds; reached / (1 + reached + others) < theta && lacking < cap; reached *= (1 - f) / f) lacking++
  return lacking
}

/** How many agreeing strangers reach `theta` by themselves. */
export function strangersNeeded(policy: { theta: number; f: number }): number {
  return answersLacking(policy, 1, 0) || 1
}

/** How many operators it takes before anything can be decided, where nobody is established. */
export function fewestOperators(policy: Policy): number {
  return policy.kind === 'majority' ? policy.quorum : strangersNeeded(policy)
}

/** Chance of `hits` or more in `draws` when each has chance `p`. */
export function binomialTail(hits: number, draws: number, p: number): number {
  if (hits <= 0) return 1
  if (hits > draws || p <= 0) return 0
  if (p >= 1) return 1
  // In logarithms: the first term may be far too small for a number, and is what the sum is about.
  let logTerm = hits * Math.log(p) + (draws - hits) * Math.log1p(-p)
  for (let i = 1; i <= hits; i++) logTerm += Math.log((draws - hits + i) / i)
  let term = Math.exp(logTerm)
  let sum = 0
  for (let at = hits; at <= draws && (term > sum * 1e-17 || at <= draws * p); at++) {
    sum += term
    term *= ((draws - at) / (at + 1)) * (p / (1 - p))
  }
  return Math.min(sum, 1)
}
