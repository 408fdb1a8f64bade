/** The value that this share of the values does not exceed; values in any order. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** To a hundredth: more is noise. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
