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

/** Problems with equally many samples, right ones and open ones: all that a curve needs of any number of problems. */
export class SampleClasses {
  readonly #classes = new Map<string, SampleClass>()

  static of(problems: Iterable<Counts>): SampleClasses {
    const classes = new SampleClasses()
    for (const counts of problems) classes.add(counts)
    return classes
  }

  /** Counts one problem. */
  add({ problem, n, correct, open }: Counts): void {
    const key = `${n}/${correct}/${open}`
    const known = this.#classes.get(key)
    if (known === undefined) this.#classes.set(key, { problem, n, correct, open, size: 1 })
    else known.size++
  }

  /** In the order of their first problems. */
  get list(): readonly SampleClass[] {
    return [...this.#classes.values()]
  }
}

interface SampleClass extends Counts {
  size: number
}

/**
 * Pass@k with its interval.
 * @param ks the k wanted. @default the usual ones, as far as all problems have so many samples
 * @throws KernelswarmError `samples` where one that is wanted is more than some problem has samples
 */
export function passCurve({ list: classes }: SampleClasses, ks?: readonly number[]): PassCurve {
  const largestK = classes.reduce((least, { n }) => Math.min(least, n), classes.length === 0 ? 0 : Infinity)
  const sum = (of: (counts: Counts) => number) => classes.reduce((total, one) => total + one.size * of(one), 0)
  const problems = sum(() => 1)
  const wanted = ks ?? KS.filter((k) => k <= largestK)
  const right = classes.map((one) => ({ ...one, correct: one.correct + one.open }))
  const values = wanted.map((k) => ({ value: meanPassAtK(classes, k), atMost: meanPassAtK(right, k) }))
  const drawn = problems <= MAX_RESAMPLED
  const found = intervalsOf(classes, wanted)
  return {
    ...{ problems, samples: sum(({ n }) => n), correct: sum(({ correct }) => correct) },
    ...{ open: sum(({ open }) => open), problemsByShare: byShare(classes), largestK },
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

function byShare(classes: readonly SampleClass[]): number[] {
  const counts = Array.from({ length: 11 }, () => 0)
  for (const { n, correct, size } of classes) {
    const tenths = Math.ceil((10 * correct) / n)
    counts[tenths] = (counts[tenths] as number) + size
  }
  return counts
}

/** Problems with equally many samples and equally many right ones have the same pass@k for all k. */
function intervalsOf(classes: readonly SampleClass[], ks: readonly number[]) {
  const alike = Map.groupBy(classes, ({ n, correct }) => `${n}/${correct}`)
  const joined = [...alike.values()].map((some) => ({
    ...(some[0] as SampleClass),
    size: some.reduce((all, { size }) => all + size, 0),
  }))
  // In one order whatever that of the problems: the same problems have the same interval.
  const list = joined.sort((a, b) => a.n - b.n || a.correct - b.correct)
  return intervals(
    list.map((one) => ks.map((k) => passAtK(one, k))),
    list.map(({ size }) => size),
  )
}

function rounded(value: number | null): number | null {
  return value === null ? null : round6(value)
}
