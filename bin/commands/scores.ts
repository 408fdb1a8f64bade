import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { type Counts, type PassCurve, passCurve, SampleClasses } from '../../coordinator/index.ts'
import { JudgementWord, KernelswarmError, RULES, type Rule, UsageError } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { percent } from '../flow/summary.ts'

interface ScoresOptions {
  k?: number[]
  json?: boolean
}

/** What of a line of outcomes.jsonl is counted. */
const Outcome = z.looseObject({
  problem: z.string(),
  judgement: z.record(z.enum(RULES), z.union([JudgementWord, z.literal('pending')])),
})

export function addScores(program: Command, context: Context): void {
  program
    .command('scores <DIR>')
    .description('Pass@k of exported results, for the k you name (docs/scores.md)')
    .option('--k <LIST>', 'numbers of samples, with commas between (default: the usual ones)', numbers)
    .option('--json', 'print one JSON object')
    .action(async (folder: string, { k, json }: ScoresOptions) => {
      const counts = await countOutcomes(join(folder, 'outcomes.jsonl'), context.signal)
      const curves = { strict: curveOf(counts.strict, k), compat: curveOf(counts.compat, k) }
      process.stdout.write(json ? `${JSON.stringify(curves)}\n` : `${describe(curves)}\n`)
    })
}

/** Counts correct and open samples by problem, in the memory of a line and the counts. */
async function countOutcomes(file: string, signal: AbortSignal): Promise<Record<Rule, Counts[]>> {
  const problems: Record<Rule, Map<string, Counts>> = { compat: new Map(), strict: new Map() }
  await using handle = await open(file).catch((error: Error) => {
    throw new UsageError('file', `${file}: cannot be read (${error.message}); expected a folder of results`)
  })
  let line = 0
  for await (const text of handle.readLines()) {
    signal.throwIfAborted()
    const { problem, judgement } = outcomeOf(text, `${file}, line ${++line}`)
    for (const rule of RULES) {
      const counts = problems[rule].get(problem) ?? { problem, n: 0, correct: 0, open: 0 }
      problems[rule].set(problem, counts)
      counts.n++
      if (judgement[rule] === 'equivalent') counts.correct++
      else if (judgement[rule] !== 'different') counts.open++
    }
  }
  return { compat: [...problems.compat.values()], strict: [...problems.strict.values()] }
}

function outcomeOf(text: string, at: string): z.infer<typeof Outcome> {
  try {
    return Outcome.parse(JSON.parse(text))
  } catch {
    throw new UsageError('file', `${at}: not a line of outcomes.jsonl`)
  }
}

function curveOf(counts: readonly Counts[], ks: readonly number[] | undefined): PassCurve {
  try {
    return passCurve(SampleClasses.of(counts), ks)
  } catch (error) {
    throw error instanceof KernelswarmError && error.code === 'samples'
      ? new UsageError('option', `--k: ${error.message}`)
      : error
  }
}

function describe(curves: Record<Rule, PassCurve>): string {
  const { problems, samples, largestK } = curves.strict
  const rows = curves.strict.values.map(({ k }, at) => [
    `pass@${k}`,
    ...[curves.strict, curves.compat].map(({ values }) => said(values[at])),
  ])
  const lines = [['', 'strict', 'compat'], ...rows].map(([name = '', strict = '', compat = '']) =>
    `${name.padEnd(9)} ${strict.padEnd(34)} ${compat}`.trimEnd(),
  )
  return [
    ...lines,
    `${problems} problems, ${samples} samples, ${largestK} at least of each; intervals: 95 %, ${curves.strict.interval.method}`,
  ].join('\n')
}

function said(value: PassCurve['values'][number] | undefined): string {
  if (value === undefined) return '-'
  const { low, high } = value
  return `${percent(value.value)}${low === null || high === null ? '' : ` (${percent(low)} to ${percent(high)})`}`
}

function numbers(text: string): number[] {
  return text.split(',').map((word) => {
    const value = Number(word)
    if (word.trim() === '' || !Number.isInteger(value) || value < 1)
      throw new InvalidArgumentError(`${word} is not a whole number from 1.`)
    return value
  })
}
