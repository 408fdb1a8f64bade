import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pc from 'picocolors'
import { z } from 'zod'
import { type RoundProgress, Rule } from '../../protocol/index.ts'

const PassAt = z.object({ k: z.int(), value: z.number(), low: z.number().nullable(), high: z.number().nullable() })
type PassAt = z.infer<typeof PassAt>

/** What of report.json the terminal shows; the file holds more. */
const Report = z.looseObject({
  statuses: z.record(z.string(), z.record(z.string(), z.number())),
  disagreements: z.array(z.looseObject({ node: z.string(), cells: z.number() })),
  flags: z.looseObject({ counts: z.record(z.string(), z.number()) }),
  confidence: z.looseObject({ reason: z.string().nullable() }),
  rules: z.looseObject({ cases: z.array(z.unknown()), notListed: z.number() }),
  scores: z.looseObject({ rules: z.record(Rule, z.looseObject({ passAtK: z.looseObject({ values: z.array(PassAt) }) })) }),
})

export interface Summary {
  round: string
  out: string
  cases: number
  judgements: RoundProgress['judgements']
  /** How tests ended, by side. */
  statuses: Record<string, Record<string, number>>
  tasks: RoundProgress['tasks']
  verdicts: number
  /** Nodes that said something else than what was decided, and in how many tests. */
  disagreed: { node: string; cells: number }[]
  /** Tests with each flag. */
  flags: Record<string, number>
  /** Cases in which the two rules say different things. */
  rulesDiffer: number
  /** Pass@1 by rule, with its 95 % interval over problems; nothing of a round without cases. */
  passAt1: Partial<Record<Rule, PassAt>>
  /** Whether one operator ran all nodes, so that their agreement is no evidence. */
  singleOperator: boolean
  wallSeconds: number
}

/** The figures of a finished round whose files stand in `out`. */
export async function summaryOf(out: string, progress: RoundProgress, wallMs: number): Promise<Summary> {
  const report = Report.parse(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')))
  const { round, cases, judgements, tasks, verdicts } = progress
  const first = Rule.options.flatMap((rule) => report.scores.rules[rule].passAtK.values.slice(0, 1).map((value) => [rule, value]))
  const disagreed = report.disagreements.map(({ node, cells }) => ({ node, cells }))
  return {
    round,
    out,
    cases,
    judgements,
    statuses: report.statuses,
    tasks,
    verdicts,
    disagreed,
    flags: report.flags.counts,
    rulesDiffer: report.rules.cases.length + report.rules.notListed,
    passAt1: Object.fromEntries(first),
    singleOperator: report.confidence.reason === 'single-operator',
    wallSeconds: Math.round(wallMs / 100) / 10,
  }
}

/** What a table of verdicts and agreeing nodes would otherwise make believe. */
const ONE_OPERATOR = 'does not apply: one operator runs all nodes, so their agreement shows that results repeat, no more'

/** The short table at the end of a round. */
export function printSummary(summary: Summary): void {
  const {
    cases,
    judgements,
    statuses,
    verdicts,
    disagreed,
    wallSeconds,
    out,
    tasks,
    flags,
    rulesDiffer,
    passAt1,
    singleOperator,
  } = summary
  const sides = Object.entries(statuses).map(([side, counts]): [string, string] => [`tests, ${side} side`, words(counts)])
  const rows: [string, string][] = [
    ['cases', String(cases)],
    ['judged', words(judgements)],
    ...sides,
    ['flagged tests', words(flags)],
    ['rules differ', `in ${rulesDiffer} ${rulesDiffer === 1 ? 'case' : 'cases'} (report.json says why)`],
    ['pass@1', Object.entries(passAt1).map(passWords).join('; ') || '-'],
    ['verdicts', `${verdicts} signed, on ${tasks.total} tasks${tasks.undecided > 0 ? ` (${tasks.undecided} undecided)` : ''}`],
    [
      'disagreed',
      disagreed.length === 0 ? 'no node' : disagreed.map(({ node, cells }) => `${node} in ${cells} tests`).join('; '),
    ],
    ...(singleOperator ? [['confidence', ONE_OPERATOR] as [string, string]] : []),
    ['wall time', `${wallSeconds} s`],
    ['files', `${out}/  (start with report.html, report.json and outcomes.jsonl)`],
  ]
  process.stdout.write(`\n${rows.map(([name, text]) => `${pc.bold(name.padEnd(18))} ${text}`).join('\n')}\n`)
}

function passWords([rule, { value, low, high }]: [string, PassAt]): string {
  const interval = low === null || high === null ? '' : ` (95 %: ${percent(low)} to ${percent(high)})`
  return `${rule} ${percent(value)}${interval}`
}

/** A share as people read it. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

function words(counts: Record<string, number>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0)
  return some.length === 0 ? '-' : some.map(([word, count]) => `${count} ${word.replace('_', ' ')}`).join(', ')
}
