import { KernelswarmError } from '../../../protocol/index.ts'

/** What is known of a problem's samples. */
export interface Samples {
  /** The problem's name. */
  problem: string
  /** Translations that were asked for. */
  n: number
  /** Of these, the ones judged equivalent. */
  correct: number
  /** Of how many problems this is known; `problem` is the first of them. @default 1 */
  size?: number
}

/**
 * Chance that of k samples, drawn without putting back from n of which c are correct, at least one is correct:
 * 1 - C(n-c, k) / C(n, k), the unbiased estimate of pass@k of Chen et al., "Evaluating Large Language Models Trained on
 * Code" (arXiv 2107.03374, equation 1). Worked out as a product, so that nothing overflows.
 * @throws KernelswarmError `samples` where k is more than n: there is no unbiased estimate then
 */
export function passAtK({ problem, n, correct }: Samples, k: number): number {
  if (!Number.isInteger(k) || k < 1) throw new KernelswarmError('samples', `pass@${k}: k must be a whole number from 1`)
  if (k > n) {
    throw new KernelswarmError(
      'samples',
      `pass@${k}: problem ${JSON.stringify(problem.slice(0, 80))} has only ${n} ${n === 1 ? 'sample' : 'samples'}; k may be ${n} at most`,
    )
  }
  if (n - correct < k) return 1
  let allWrong = 1
  for (let drawn = 0; drawn < k; drawn++) allWrong *= (n - correct - drawn) / (n - drawn)
  return 1 - allWrong
}

/** Pass@k of a set of problems: the mean over them, each weighing the same. @throws as `passAtK`, and where there is none */
export function meanPassAtK(problems: readonly Samples[], k: number): number {
  if (problems.length === 0) throw new KernelswarmError('samples', `pass@${k}: there are no problems`)
  const all = problems.reduce((sum, { size = 1 }) => sum + size, 0)
  return problems.reduce((sum, samples) => sum + (samples.size ?? 1) * passAtK(samples, k), 0) / all
}
