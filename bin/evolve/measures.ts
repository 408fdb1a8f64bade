import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Rule } from '../../protocol/index.ts'
import type { Measures } from './rounds.ts'

/** What of report.json says how good the round was. */
const Report = z.looseObject({
  cases: z.int(),
  judgements: z.record(Rule, z.looseObject({ equivalent: z.int() })),
  scores: z.looseObject({
    rules: z.record(
      Rule,
      z.looseObject({ passAtK: z.looseObject({ values: z.array(z.looseObject({ k: z.int(), value: z.number() })) }) }),
    ),
  }),
})

/** Reads what a round's results say, under its rule. */
export async function measuresOf(results: string, rule: Rule): Promise<Measures> {
  const { cases, judgements, scores } = Report.parse(JSON.parse(await readFile(join(results, 'report.json'), 'utf8')))
  const accepted = judgements[rule].equivalent
  const first = scores.rules[rule].passAtK.values.find(({ k }) => k === 1)
  return { cases, accepted, yield: cases === 0 ? 0 : accepted / cases, passAt1: first?.value ?? null }
}
