import type { Command } from 'commander'
import pc from 'picocolors'
import { type AuditReport, type AuditStep, audit } from '../../coordinator/index.ts'
import type { Context } from '../context.ts'
import { paced } from '../flow/steps.ts'

interface AuditCommandOptions {
  key?: string
  cases?: string[]
  json?: boolean
}

/** How often progress is shown where it cannot be written over. */
const PLAIN_LINE_MS = 5_000
const LIVE_LINE_MS = 200

const STEPS: Record<AuditStep, string> = {
  blocks: 'reading every block',
  order: 'that every block stands where it must',
  tasks: 'counting ballots again',
  cases: 'judging cases again',
}

export function addAudit(program: Command, context: Context): void {
  program
    .command('audit <archive>')
    .description('recompute every decision of a round.car, and say what holds and what is only said')
    .option('--key <PEER-ID>', 'the coordinator that must have signed it (default: whoever it says)')
    .option('--cases <FILE...>', 'case files of the round: that they are, and that every case of them is what was judged')
    .option('--json', 'print one JSON object, and nothing else')
    .addHelpText('after', AUDIT_HELP)
    .action(async (file: string, options: AuditCommandOptions) => {
      const progress = options.json === true ? () => {} : shown()
      const report = await audit(file, {
        key: options.key ?? null,
        cases: options.cases ?? [],
        onProgress: (step, done, all) => {
          context.signal.throwIfAborted()
          progress(step, done, all)
        },
      })
      if (!report.holds) context.exitCode = 1
      if (options.json) process.stdout.write(`${JSON.stringify({ archive: file, ...report })}\n`)
      else printReport(file, report)
    })
}

/** One line that is written over on a terminal, lines now and then elsewhere. On standard error, so that the outcome can be piped. */
function shown(): (step: AuditStep, done: number, all: number) => void {
  const live = process.stderr.isTTY
  const say = paced((line) => process.stderr.write(live ? `\r\x1b[K${line}` : `${line}\n`), live ? LIVE_LINE_MS : PLAIN_LINE_MS)
  return (step, done, all) => say(`${STEPS[step]}: ${all === 0 ? 100 : Math.floor((100 * done) / all)} %`)
}

function printReport(file: string, report: AuditReport): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  const { failure, word } = report
  const outcome =
    failure === null
      ? `${pc.green('holds')}: ${file} is whole, and all of it that can be worked out again was`
      : `${pc.red('does not hold')} (${failure.code}): ${failure.what}`
  const rows = [...roundRows(report), ...checkedRows(report)].map(([name, text]) => `${pc.bold(name.padEnd(18))} ${text}`)
  const rests = word.length === 0 ? [] : [`\n${pc.bold("On the coordinator's word:")}`, ...word.map((one) => `  - ${one}`)]
  process.stdout.write(`${[outcome, ...rows, ...rests].join('\n')}\n`)
}

function roundRows({ round, confidence, failure }: AuditReport): [string, string][] {
  if (round === null) return []
  const { id, name, state, partial, policy, coordinator, keyGiven, singleOperator, rule } = round
  const asked =
    policy.kind === 'majority'
      ? `a majority of ${policy.quorum}, of ${policy.replicas} at most`
      : `a confidence of ${policy.theta}, ${policy.f} of the operators assumed to be saboteurs`
  const who = keyGiven ? 'as you asked' : 'compare it with the one you know, or give --key'
  const reached =
    confidence === null
      ? singleOperator
        ? 'does not apply: one operator runs all nodes'
        : 'none can be stated'
      : `lowest ${round6(confidence.lowest)}, mean ${round6(confidence.mean)}, of ${confidence.cases} cases (${rule} rule)`
  return [
    ['round', `${name}, ${state}${partial ? ' (partial)' : ''}, ${id}`],
    ['signed by', `${coordinator} (${who})`],
    ['policy', asked],
    ...(failure === null ? [['confidence', reached] as [string, string]] : []),
  ]
}

function checkedRows({ checked, failure }: AuditReport): [string, string][] {
  const { bytes, blocks, votes, repeats, tasks, decided, undecided, cells, comparisons, judged, wrong, cases, casesSeen } =
    checked
  const rows: [string, string][] = [
    ['read', `${bytes} bytes, ${blocks} blocks, each as its name says`],
    ['verdicts', `${votes} signatures, ${repeats} of repeats`],
    [
      'ballots',
      `${tasks} counted again: ${decided} decided, ${undecided} undecided; ${cells} tests; ${wrong} answers found wrong`,
    ],
    ...(casesSeen === 0 ? [] : [['cases', `${casesSeen} of ${cases} as in the files that were given`] as [string, string]]),
    ['comparisons', `${comparisons} of isolated runs`],
    ['judgements', `${judged}: compat ${words(checked.compat)}; strict ${words(checked.strict)}`],
  ]
  return failure === null
    ? rows
    : bytes === 0
      ? []
      : [['checked before', `${tasks} ballots, ${votes} verdicts, ${judged} judgements`]]
}

function words(counts: Record<string, number>): string {
  const some = Object.entries(counts).map(([word, count]) => `${count} ${word}`)
  return some.length === 0 ? 'none' : some.join(', ')
}

function round6(value: number): number {
  return Number(value.toFixed(6))
}

const AUDIT_HELP = `
It needs nothing but the file: no coordinator, no network; with the case files that were submitted it also sees that these are
what was judged. It reads the bytes of every block against its name, then checks
the signature over the root, the signature of every verdict, every ballot, every comparison and every judgement, with code
of its own. The first thing that does not hold is named. docs/archive.md describes the format, for auditors of others.

Exit codes: 0 it holds, 1 something does not, 2 the file cannot be read.

Examples:  kernelswarm audit results/round.car --key 12D3KooW...
           kernelswarm audit results/round.car --cases cases.jsonl more.jsonl`
