import { round6 } from '../confidence.ts'
import { intervals, LEVEL, MAX_RESAMPLED, RESAMPLES } from './bootstrap.ts'
import { meanPassAtK, passAtK } from './pass-at-k.ts'
import type { Counts } from './problems.ts'

/** The k for which pass@k is worked out, as far as the problems have so many samples. */
const KS = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 50, 100]

/** Pass@k for one k. */
export interface PassValue {
  k: number
  /** What is open counts as wrong. */
  value: number
  /** The interval over problems; null with fewer than two. */
  low: number | null
  high: number | null
  /** What it would be if all that is open were right. */
  atMost: number
}

/** Pass@k of a round under one rule. */
export interface PassCurve {
  /** Problems, translations, and of these the ones that are equivalent, and neither that nor different. */
  problems: number
  samples: number
  correct: number
  open: number
  /** Problems by share of correct samples: none, then up to a tenth, up to two tenths, ... up to all: eleven numbers. */
  problemsByShare: number[]
  /** Fewest samples of a problem: pass@k has no unbiased estimate for a larger k. 0 where there are no problems. */
  largestK: number
  interval: { level: number; method: 'percentile bootstrap over problems' | 'normal, over problems'; resamples: number | null }
  values: PassValue[]
}

/**
 * Pass@k with its interval.
 * @param ks the k wanted. @default the usual ones, as far as all problems have so many samples
 * @throws KernelswarmError `samples` where one that is wanted is more than some problem has samples
 */
export function passCurve(problems: readonly Counts[], ks?: readonly number[]): PassCurve {
  const largestK = problems.reduce((least, { n }) => Math.min(least, n), problems.length === 0 ? 0 : Infinity)
  const sum = (of: (counts: Counts) => number) => problems.reduce((total, counts) => total + of(counts), 0)
  const wanted = ks ?? KS.filter((k) => k <= largestK)
  const values = wanted.map((k) => ({
    value: meanPassAtK(problems, k),
    atMost: meanPassAtK(problems.map(ifOpenWereRight), k),
  }))
  const drawn = problems.length <= MAX_RESAMPLED
  const found = intervalsOf(problems, wanted)
  return {
    ...{ problems: problems.length, samples: sum(({ n }) => n), correct: sum(({ correct }) => correct) },
    ...{ open: sum(({ open }) => open), problemsByShare: byShare(problems), largestK },
    interval: {
      level: LEVEL,
      method: drawn ? 'percentile bootstrap over problems' : 'normal, over problems',
      resamples: drawn ? RESAMPLES : null,
    },
    values: wanted.map((k, at) => {
      const { value, atMost } = values[at] as { value: number; atMost: number }
      const { low = null, high = null } = found[at] ?? {}
      return { k, value: round6(value), low: rounded(low), high: rounded(high), atMost: round6(atMost) }
    }),
  }
}

function byShare(problems: readonly Counts[]): number[] {
  const counts = Array.from({ length: 11 }, () => 0)
  for (const { n, correct } of problems) {
    const tenths = Math.ceil((10 * correct) / n)
    counts[tenths] = (counts[tenths] as number) + 1
  }
  return counts
}

function ifOpenWereRight({ problem, n, correct, open }: Counts) {
  return { problem, n, correct: correct + open }
}

/** Problems with equally many samples and equally many right ones are one class: they have the same pass@k for all k. */
function intervalsOf(problems: readonly Counts[], ks: readonly number[]) {
  const classes = new Map<string, { counts: Counts; size: number }>()
  for (const counts of problems) {
    const key = `${counts.n}/${counts.correct}`
    const known = classes.get(key)
    if (known === undefined) classes.set(key, { counts, size: 1 })
    else known.size++
  }
  // In one order whatever that of the problems: the same problems have the same interval.
  const list = [...classes.values()].sort(({ counts: a }, { counts: b }) => a.n - b.n || a.correct - b.correct)
  return intervals(
    list.map(({ counts }) => ks.map((k) => passAtK(counts, k))),
    list.map(({ size }) => size),
  )
}

function rounded(value: number | null): number | null {
  return value === null ? null : round6(value)
}
