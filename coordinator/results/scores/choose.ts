import { lnBeta } from './gamma.ts'

/**
 * What is known of the translations of one problem: for each the tests (by number) that it passed, and those that it failed, in rising
 * order. A test in neither is not known of it: unknown is not fail.
 */
export interface Row {
  passed: readonly number[]
  failed: readonly number[]
}

/** Translations of which the same is known, test by test, and the counts that scores are made of. */
export interface Pattern {
  /** Numbers of its rows, from 0. */
  rows: number[]
  passed: readonly number[]
  failed: readonly number[]
  /** Of the known cells of other rows in the tests that this one passed: passes, and all. */
  e1: number
  n1: number
  /** The same in all other tests. */
  e0: number
  n0: number
}

/** A problem's patterns, in the order of their first rows. */
export interface Patterns {
  patterns: Pattern[]
  /** All translations, and all tests of which anything is known. */
  translations: number
  tests: number
}

/** B4's prior beliefs: `a` how much rather a solution, or a test, is right; `b` how much rather a wrong test fails a wrong solution. */
export interface Prior {
  a: number
  b: number
}

/** The priors that the authors of B4 use. */
export const PRIORS: readonly Prior[] = [1e4, 1e5, 1e6].map((b) => ({ a: 1e3, b }))

/** Scores closer than this are the same: what is left of rounding. */
const SAME = 1e-9

/** Groups translations of which the same is known. Its cost grows with the number of known cells. */
export function patternsOf(rows: readonly Row[]): Patterns {
  const groups = new Map<string, { rows: number[]; row: Row }>()
  const [passes, known] = [new Map<number, number>(), new Map<number, number>()]
  const count = (counts: Map<number, number>, test: number) => counts.set(test, (counts.get(test) ?? 0) + 1)
  for (const [index, row] of rows.entries()) {
    const key = `${row.passed.join()}/${row.failed.join()}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { rows: [index], row })
    else group.rows.push(index)
    for (const test of row.passed) count(passes, test)
    for (const test of [...row.passed, ...row.failed]) count(known, test)
  }
  const sum = (counts: Map<number, number>, tests: Iterable<number>) => {
    let total = 0
    for (const test of tests) total += counts.get(test) ?? 0
    return total
  }
  const [allPasses, allKnown] = [sum(passes, passes.keys()), sum(known, known.keys())]
  const patterns = [...groups.values()].map(({ rows, row: { passed, failed } }): Pattern => {
    const inside = { passes: sum(passes, passed), known: sum(known, passed) }
    return {
      ...{ rows, passed, failed },
      e1: inside.passes - rows.length * passed.length,
      n1: inside.known - rows.length * passed.length,
      e0: allPasses - inside.passes,
      n0: allKnown - inside.known - rows.length * failed.length,
    }
  })
  return { patterns, translations: rows.length, tests: known.size }
}

/** Most tests passed. */
export function maxPassScore({ passed }: Pattern): number {
  return passed.length
}

/**
 * CodeT (Chen et al., "CodeT: Code Generation with Generated Tests", arXiv 2207.10397): translations that pass the same tests
 * agree with each other; the square root of how many they are, times the tests they pass.
 */
export function codeTScore({ rows, passed }: Pattern): number {
  return Math.sqrt(rows.length) * passed.length
}

/**
 * B4 (Chen et al., "B4: Towards Optimal Assessment of Plausible Code Solutions with Plausible Tests", ASE 2024): the logarithm,
 * up to a constant, of how likely it is that just these translations are right and just the tests they pass are valid. With x
 * the rows, y the tests passed, N translations and M tests:
 *
 *     ln B(|x|+a, N-|x|+1) + ln B(|y|+a, M-|y|+1) + ln B(e1+1, n1-e1+1) + ln B(e0+1, n0-e0+b)
 *
 * Unknown cells are in none of the counts.
 */
export function b4Score({ rows, passed, e1, n1, e0, n0 }: Pattern, { translations, tests }: Patterns, { a, b }: Prior): number {
  const [x, y] = [rows.length, passed.length]
  return (
    lnBeta(x + a, translations - x + 1) + lnBeta(y + a, tests - y + 1) + lnBeta(e1 + 1, n1 - e1 + 1) + lnBeta(e0 + 1, n0 - e0 + b)
  )
}

/** The patterns with the largest score: more than one where they tie, none where no translation is known to pass a test. */
export function best(
  patterns: readonly Pattern[],
  score: (pattern: Pattern) => number,
): { chosen: Pattern[]; score: number | null } {
  const scored = patterns.filter(({ passed }) => passed.length > 0).map((pattern) => ({ pattern, score: score(pattern) }))
  const top = scored.reduce((most, { score }) => Math.max(most, score), -Infinity)
  const near = SAME * Math.max(1, Math.abs(top))
  const chosen = scored.filter(({ score }) => score >= top - near).map(({ pattern }) => pattern)
  return { chosen, score: chosen.length === 0 ? null : top }
}
