/** The value that this share of the values does not exceed; values in any order. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** To a hundredth: more is noise. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

/** Numbers of one kind, as people compare them. */
export interface Spread {
  sum: number
  median: number
  p10: number
  p90: number
}

/** To a thousandth. */
export function spreadOf(values: readonly number[]): Spread {
  const three = (value: number) => Math.round(value * 1000) / 1000
  return {
    sum: three(sum(values)),
    median: three(percentile(values, 0.5)),
    p10: three(percentile(values, 0.1)),
    p90: three(percentile(values, 0.9)),
  }
}
