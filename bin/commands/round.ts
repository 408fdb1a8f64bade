import { randomBytes } from 'node:crypto'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { KernelswarmError, RERUN_DEFAULT, RerunKind, type RoundProgress } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { emit } from '../flow/events.ts'
import { openCases } from '../flow/input.ts'
import { Link } from '../flow/link.ts'
import { DEFAULT_KEY, type RemoteOptions, withCoordinator } from '../flow/remote.ts'
import { prepareOut, ResultsFolder } from '../flow/results-folder.ts'
import { addCases, followRound } from '../flow/round.ts'
import { progressLine } from '../flow/steps.ts'
import { addCapOptions, type CapOptions, capsOf, wholeSeconds } from '../flow/terms.ts'
import { type Audience, awayWords, forPrograms, onLines, showLive, watchRound } from '../flow/watch.ts'
import { defaultData } from '../options.ts'
import { interrupted } from './run.ts'
import { comeBack } from './submit.ts'

interface RoundCommandOptions extends RemoteOptions, CapOptions {
  json?: boolean
  out?: string
  partial?: boolean
  merged?: boolean
  finishRunning?: boolean
  again?: boolean
  only?: RerunKind[]
  timeout?: number
}

export function addRound(program: Command, context: Context): void {
  const round = program.command('round').description('your rounds at a coordinator')
  const sub = (usage: string, description: string): Command =>
    round
      .command(usage)
      .description(description)
      .requiredOption('--coordinator <MULTIADDR>', 'its address with its peer id; several by commas')
      .option('--key <FILE>', 'your identity', DEFAULT_KEY)

  sub('list', 'the last thousand of them, with their counts')
    .option('--before <ROUND>', 'those that were opened before this one (its whole name)')
    .option('--json', 'one JSON array')
    .action(async (options: RoundCommandOptions & { before?: string }) => {
      const rounds = await withCoordinator(options, context.signal, (client) => client.list(options.before))
      print(options, rounds, rounds.length === 0 ? 'no rounds of this key here' : rounds.map(brief).join('\n'))
    })
  sub('show <round>', 'one round (its name, or the first 8 letters of it or more)')
    .option('--json', 'one JSON object')
    .action(async (name: string, options: RoundCommandOptions) => {
      const found = await withCoordinator(options, context.signal, async (client) => await firstProgress(client.watch(name)))
      print(options, found, brief(found))
    })
  sub('watch <round>', 'follow it to its end; leave with Ctrl-C and come back, it goes on')
    .option('--json', 'an event a line, as things change (docs/researchers.md)')
    .action(async (name: string, options: RoundCommandOptions) => await watch(name, options, context))
  sub('wait <round>', 'wait until it has ended, for scripts')
    .option('--timeout <SECONDS>', 'wait no longer', wholeSeconds)
    .option('--json', 'print its last counts as one JSON object')
    .addHelpText('after', WAIT_HELP)
    .action(async (name: string, options: RoundCommandOptions) => await wait(name, options, context))
  sub('cancel <round>', 'stop it; running work is withdrawn').action(async (name: string, options: RoundCommandOptions) => {
    await withCoordinator(options, context.signal, (client) => client.cancel(name))
    process.stdout.write(`cancelled ${name}\n`)
  })
  sub('pause <round>', 'give out nothing of it; what runs is withdrawn')
    .option('--finish-running', 'let what runs end')
    .action(async (name: string, options: RoundCommandOptions) => {
      const finishRunning = options.finishRunning === true
      await withCoordinator(options, context.signal, (client) => client.pause(name, { finishRunning }))
      process.stdout.write(`paused ${name}${finishRunning ? '; what runs may end' : ''}\n`)
    })
  addCapOptions(sub('resume <round>', 'go on with a paused one; where it was paused by a limit, with a higher one')).action(
    async (name: string, options: RoundCommandOptions) => {
      await withCoordinator(options, context.signal, (client) => client.resume(name, capsOf(options)))
      process.stdout.write(`resumed ${name}\n`)
    },
  )
  sub('add <round> <cases.jsonl>', 'add a file of cases to one that has not ended; the same file twice is passed over').action(
    async (name: string, file: string, options: RoundCommandOptions) => {
      await using cases = await openCases(file, { spool: defaultData('researcher'), signal: context.signal })
      await using link = await Link.open({ ...options, signal: context.signal })
      const done = await link
        .persist((client, heard) => addCases(client, name, cases.source, cases.summary, heard))
        .catch(interrupted(context.signal, 'the same command goes on where it was'))
      const what = done.added === 0 ? 'this file is in the round already' : `added ${done.added} cases`
      process.stdout.write(`${what}; it has ${done.cases} cases\n`)
    },
  )
  sub('rerun <round>', 'run some cases of one that has ended again, as a round of its own with votes of its own')
    .addOption(
      new Option('--only <KINDS>', `which, by commas: ${RerunKind.options.join(', ')} (pending: never judged)`)
        .argParser(kinds)
        .default([...RERUN_DEFAULT], RERUN_DEFAULT.join(',')),
    )
    .option('--again', 'a new one, even if the same cases of it were run again before')
    .option('--json', 'one JSON object')
    .addHelpText('after', RERUN_HELP)
    .action(async (name: string, options: RoundCommandOptions) => {
      const salt = options.again ? randomBytes(8).toString('hex') : ''
      const only = options.only ?? RERUN_DEFAULT
      const opened = await withCoordinator(options, context.signal, (client) => client.rerun(name, only, salt))
      print(options, opened, `round ${opened.round}  (${opened.cases} cases of ${name} again)`)
    })
  sub('export <round>', 'write its result files')
    .requiredOption('--out <DIR>', 'folder for the files')
    .option('--partial', 'also when it has not ended: what is judged so far')
    .option('--merged', 'of a re-run: all cases of the round it is of, with these in their places (no round.car)')
    .action(async (name: string, options: RoundCommandOptions) => {
      const out = options.out as string
      await prepareOut(out)
      const partial = options.partial === true
      const merged = options.merged === true
      await using link = await Link.open({ ...options, signal: context.signal })
      await using folder = new ResultsFolder(out, { partial, merged })
      const files = await link
        .persist((client, heard) => folder.fetch(client, name, heard), {
          away: (why) => process.stderr.write(`${awayWords(why)}\n`),
        })
        .catch(interrupted(context.signal, 'the same command fetches them anew'))
      process.stdout.write(`${files.map((file) => `${out}/${file}`).join('\n')}\n`)
    })
}

async function watch(name: string, options: RoundCommandOptions, { signal }: Context): Promise<void> {
  const { json = false } = options
  const live = process.stdout.isTTY === true && !json
  await using link = await Link.open({ ...options, signal })
  const show = async (audience: Audience) => await watchRound(link, name, audience)
  const plain = json ? forPrograms() : onLines((line) => process.stdout.write(`${line}\n`))
  const last = await (live ? showLive(`round ${name}`, show) : show(plain)).catch(interrupted(signal, comeBack(options, name)))
  if (json) emit({ event: 'ended', round: last.round, state: last.state, summary: null })
  else process.stdout.write(`${brief(last)}\n`)
}

/** Ends with 1 when the round did not finish: cancelled, out of time, or paused by a limit that somebody has to raise. */
async function wait(name: string, options: RoundCommandOptions, { signal }: Context): Promise<void> {
  const { timeout, json = false } = options
  const late = timeout === undefined ? [] : [AbortSignal.timeout(timeout * 1000)]
  let last: RoundProgress | null = null
  try {
    await using link = await Link.open({ ...options, signal: AbortSignal.any([signal, ...late]) })
    await link.persist(async (client, heard) => {
      await followRound(client, name, (progress) => {
        heard()
        last = progress
        if (progress.paused?.reason === 'limit') throw new KernelswarmError('unfinished', stuck(progress))
      })
    })
  } catch (error) {
    if (signal.aborted) throw new Error(`${(signal.reason as Error).message}; ${comeBack(options, name)}`)
    if (late[0]?.aborted) throw new KernelswarmError('unfinished', `not ended within ${timeout} s; ${comeBack(options, name)}`)
    throw error
  } finally {
    if (last !== null) process.stdout.write(`${json ? JSON.stringify(last) : brief(last)}\n`)
  }
}

function stuck({ paused }: RoundProgress): string {
  return `the round is paused by a limit: ${paused?.detail}; it goes on when it is resumed with a higher one`
}

async function firstProgress(watched: AsyncGenerator<RoundProgress>): Promise<RoundProgress> {
  for await (const progress of watched) return progress
  throw new KernelswarmError('unfinished', 'the coordinator said nothing about that round')
}

function print({ json }: RoundCommandOptions, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`)
}

function brief(progress: RoundProgress): string {
  return [`${progress.round}  ${progress.name}  ${progress.state}`, progressLine(progress), ...termsOf(progress)].join('\n    ')
}

/** What is special about a round. */
function termsOf({ visibility, parent, spent, caps, stopped }: RoundProgress): string[] {
  const used = (['cpu', 'gpu'] as const).flatMap((what) => {
    const cap = caps[`${what}Seconds`]
    return cap === null ? [] : [`${spent[`${what}Seconds`]} of ${cap} ${what.toUpperCase()} seconds used`]
  })
  return [
    ...(visibility === 'public' ? [] : [`visibility: ${visibility}`]),
    ...(parent === null ? [] : [`runs cases of ${parent} again`]),
    ...used,
    ...(caps.programSeconds === null ? [] : [`at most ${caps.programSeconds} seconds a program`]),
    ...(stopped === null ? [] : [stopped]),
  ]
}

function kinds(text: string): RerunKind[] {
  return text.split(',').map((word) => {
    const kind = RerunKind.safeParse(word.trim())
    if (!kind.success) throw new InvalidArgumentError(`Expected some of ${RerunKind.options.join(', ')}, by commas.`)
    return kind.data
  })
}

const WAIT_HELP = `
Exit codes: 0 it has ended with its results; 1 it has not: cancelled, out of time, paused by a limit, or the coordinator was away for
an hour; 2 usage, or no such round. It prints the last counts in any case where there are some.`

const RERUN_HELP = `
Votes of the round it is of do not count in it. \`round export --merged\` of the new round gives all cases of the old one,
in their order, with those that were run again in their places.`
