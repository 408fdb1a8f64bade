import type { Rule } from '../../../protocol/index.ts'
import { round6 } from '../confidence.ts'
import { b4Score, best, codeTScore, maxPassScore, type Pattern, type Patterns, PRIORS, patternsOf } from './choose.ts'
import { type Problem, rowsOf } from './problems.ts'

/** A way to choose, and what it chose in one problem. */
export interface Choice {
  by: string
  /** The largest score, or null where nothing is known to pass a test. */
  score: number | null
  /** Patterns with that score, by their place in `patterns`, from 0; more than one where they tie. */
  patterns: number[]
  /** Their lines: any of them may be taken. */
  lines: number[]
}

/** The translations of a problem of which the same is known, and the numbers that scores are made of. */
export interface PatternRow {
  lines: number[]
  /** Tests passed and failed, by number among the problem's tests, from 1. What is in neither is not known. */
  passed: number[]
  failed: number[]
  e1: number
  n1: number
  e0: number
  n0: number
  codeT: number
  /** By prior, in the order of `PRIORS`; null for the pattern that passes nothing, which is never chosen. */
  b4: (number | null)[]
}

/** Which translations of a problem are the most plausible under a rule, by each way to choose. */
export interface Choices {
  translations: number
  /** Tests of which anything is known. */
  tests: number
  /** The most tests passed first, then the largest, then that with the earliest line. */
  patterns: PatternRow[]
  /** Patterns past the most that are listed. */
  notListed: number
  chosen: Choice[]
}

/** Patterns of one problem that are listed; real problems have as many as samples at most. */
const MAX_PATTERNS = 1000

/** Chooses among a problem's translations by what tests they are known to pass and fail. */
export function choicesOf(problem: Problem, rule: Rule, numberOf: (row: number, test: number) => number): Choices {
  const found = patternsOf(rowsOf(problem, rule, numberOf))
  const patterns = found.patterns.toSorted((a, b) => b.passed.length - a.passed.length || b.rows.length - a.rows.length)
  const places = new Map(patterns.map((pattern, place) => [pattern, place]))
  const linesOf = ({ rows }: Pattern) => rows.map((row) => problem.items[row]?.line as number)
  const choice = (by: string, score: (pattern: Pattern) => number): Choice => {
    const { chosen, score: top } = best(patterns, score)
    return {
      by,
      score: top === null ? null : round6(top),
      patterns: chosen.map((pattern) => places.get(pattern) as number),
      lines: chosen.flatMap(linesOf).sort((a, b) => a - b),
    }
  }
  const listed = patterns.slice(0, MAX_PATTERNS)
  return {
    translations: found.translations,
    tests: found.tests,
    patterns: listed.map((pattern) => patternRow(pattern, found, linesOf(pattern))),
    notListed: patterns.length - listed.length,
    chosen: [
      choice('MaxPass', maxPassScore),
      choice('CodeT', codeTScore),
      ...PRIORS.map((prior) => choice(nameOf(prior), (pattern) => b4Score(pattern, found, prior))),
    ],
  }
}

function patternRow(pattern: Pattern, all: Patterns, lines: number[]): PatternRow {
  const { passed, failed, e1, n1, e0, n0 } = pattern
  return {
    lines,
    passed: passed.map((test) => test + 1),
    failed: failed.map((test) => test + 1),
    ...{ e1, n1, e0, n0 },
    codeT: round6(codeTScore(pattern)),
    b4: PRIORS.map((prior) => (passed.length === 0 ? null : round6(b4Score(pattern, all, prior)))),
  }
}

function nameOf({ a, b }: { a: number; b: number }): string {
  return `B4, a ${a.toExponential(0).replace('+', '')}, b ${b.toExponential(0).replace('+', '')}`
}
