import type { Reached } from './coverage.ts'
import { row } from './matrix-csv.ts'
import type { ProblemScores } from './scores.ts'

/**
 * `coverage.csv`: originals by their tests, problem by problem (RFC 4180, a head line). Of each original a line a test, and one of all
 * tests that are clean on it together (`clean tests`):
 *
 *     problem,line,test,clean,lines,reached,branches,taken,missed
 *
 * `line` is the first line of the input with this original and these tests. The four counts are empty where nothing was measured;
 * `missed` names the lines of the code that no clean test reaches.
 */
export async function* coverageCsv(problems: AsyncIterable<ProblemScores>): AsyncGenerator<string> {
  yield row(['problem', 'line', 'test', 'clean', 'lines', 'reached', 'branches', 'taken', 'missed'])
  for await (const { problem, coverage } of problems) {
    for (const { line, tests, clean, together, missed } of coverage) {
      const head = [problem, String(line)]
      for (const [at, reached] of tests.entries()) {
        const isClean = clean.includes(at + 1) ? 'yes' : 'no'
        yield row([...head, String(at + 1), isClean, ...countsOf(reached), ''])
      }
      yield row([...head, 'clean tests', 'yes', ...countsOf(together), missed.join(' ')])
    }
  }
}

function countsOf(reached: Reached | null): string[] {
  if (reached === null) return ['', '', '', '']
  const { lines, reached: got, branches, taken } = reached
  return [lines, got, branches, taken].map(String)
}
