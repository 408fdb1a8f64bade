import { isClean } from '../../rules/judge.ts'
import { round6 } from '../confidence.ts'
import type { Snapshot } from '../snapshot.ts'
import { Turns } from './turns.ts'

/** What the runs of the originals say of the tests, each list of tests counted once however many translations share it. */
export interface TesterScore {
  /** Originals with their tests, of judged cases. */
  originals: number
  /** Their tests. */
  tests: number
  /** Of these, the ones in which it was decided how the original ends. */
  decided: number
  /** Of the decided, the ones with which the original compiled. */
  compiled: number
  /** Of the decided, the ones on which the original ran to its end and no strict pass flagged it. */
  clean: number
  compiledShare: number | null
  cleanShare: number | null
  /** Whether strict passes were asked for: without them `clean` says only that the original ran to its end. */
  flagsLookedFor: boolean
}

/** Whether tests are good ones, as far as the runs of the originals tell. */
export async function testerScore({ items, round }: Snapshot): Promise<TesterScore> {
  const score = { originals: 0, tests: 0, decided: 0, compiled: 0, clean: 0 }
  const seen = new Set<string>()
  const turns = new Turns()
  for (const { entry, evidence } of items) {
    if (turns.due) await turns.end()
    const { source, programs, tests } = entry
    if (evidence === null || tests === 0 || seen.has(programs[source])) continue
    seen.add(programs[source])
    score.originals++
    score.tests += tests
    for (let test = 0; test < tests; test++) {
      const side = evidence(test)[source]
      if (side.plain === null || side.plain.status === 'unsupported') continue
      score.decided++
      if (side.plain.status !== 'compile_error') score.compiled++
      if (isClean(side)) score.clean++
    }
  }
  const share = (part: number) => (score.decided === 0 ? null : round6(part / score.decided))
  return {
    ...score,
    compiledShare: share(score.compiled),
    cleanShare: share(score.clean),
    flagsLookedFor: round.spec.passes.length > 0,
  }
}
