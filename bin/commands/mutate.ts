import { open } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  formatMutant,
  MUTATED_SIDES,
  MUTATION_KINDS,
  type MutatedSide,
  type MutateOptions,
  type MutationKind,
  Mutator,
} from '../../node/index.ts'
import { checkCaseFile, readCases, UsageError } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { positive } from '../options.ts'

interface MutateCommandOptions {
  out: string
  seed: string
  count: number
  side: MutatedSide
  kinds?: MutationKind[]
  json?: boolean
}

/** What `--json` prints, on one line. */
interface Summary {
  cases: number
  mutants: number
  /** Cases in which nothing could be changed. */
  without: number
  kinds: Partial<Record<MutationKind, number>>
}

export function addMutate(program: Command, context: Context): void {
  program
    .command('mutate <cases.jsonl>')
    .description('write known-wrong variants of cases: one place of a program changed in each')
    .requiredOption('--out <FILE>', 'case file to write; must not be there yet')
    .option('--seed <S>', 'equal seeds give equal files', '1')
    .option('--count <N>', 'most variants of a case', positive, 1)
    .addOption(new Option('--side <NAME>', 'which side of a case is changed').choices(MUTATED_SIDES).default('translation'))
    .option('--kinds <LIST>', 'kinds of change, with commas between (default: all)', kindList)
    .option('--json', 'print one JSON object at the end')
    .addHelpText('after', `\nKinds: ${MUTATION_KINDS.join(', ')}.\nSee docs/mutants.md.`)
    .action(async (file: string, { out, json, ...options }: MutateCommandOptions) => {
      await checkCaseFile(file)
      const summary = await mutateFile(file, out, options, context.signal)
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${describe(summary)}\n${out}\n`)
    })
}

/** Writes as it reads, so that a file of any size is done in the memory of one case. */
async function mutateFile(file: string, out: string, options: MutateOptions, signal: AbortSignal): Promise<Summary> {
  const mutator = new Mutator(options)
  const summary: Summary = { cases: 0, mutants: 0, without: 0, kinds: {} }
  await using handle = await open(out, 'wx').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError('file', error.code === 'EEXIST' ? `${out}: is there already` : `${out}: ${error.message}`)
  })
  for await (const one of readCases(file)) {
    signal.throwIfAborted()
    const mutants = mutator.mutate(one)
    await handle.write(mutants.map(formatMutant).join(''))
    summary.cases++
    summary.mutants += mutants.length
    if (mutants.length === 0) summary.without++
    for (const { kind } of mutants) summary.kinds[kind] = (summary.kinds[kind] ?? 0) + 1
  }
  return summary
}

function describe({ cases, mutants, without, kinds }: Summary): string {
  const counted = Object.entries(kinds).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const list = counted.map(([kind, number]) => `${number} ${kind}`).join(', ')
  return `${mutants} mutants of ${cases} cases${without > 0 ? ` (${without} have none)` : ''}: ${list}`
}

function kindList(text: string): MutationKind[] {
  return text.split(',').map((word) => {
    const kind = MUTATION_KINDS.find((known) => known === word.trim())
    if (kind === undefined) throw new InvalidArgumentError(`${word} is none of: ${MUTATION_KINDS.join(', ')}.`)
    return kind
  })
}
