import type { Command } from 'commander'
import { KernelswarmError, type RoundProgress } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { DEFAULT_KEY, type RemoteOptions, withCoordinator } from '../flow/remote.ts'
import { followRound, prepareOut, saveResults } from '../flow/round.ts'
import { paced, progressLine } from '../flow/steps.ts'
import { interrupted } from './run.ts'

interface RoundCommandOptions extends RemoteOptions {
  json?: boolean
  out?: string
  partial?: boolean
}

const PLAIN_LINE_MS = 2_000

export function addRound(program: Command, context: Context): void {
  const round = program.command('round').description('your rounds at a coordinator')
  const sub = (usage: string, description: string): Command =>
    round
      .command(usage)
      .description(description)
      .requiredOption('--coordinator <MULTIADDR>', 'its address with its peer id')
      .option('--key <FILE>', 'your identity', DEFAULT_KEY)

  sub('list', 'all of them, with their counts')
    .option('--json', 'one JSON array')
    .action(async (options: RoundCommandOptions) => {
      const rounds = await withCoordinator(options, context.signal, (client) => client.list())
      print(options, rounds, rounds.length === 0 ? 'no rounds of this key here' : rounds.map(brief).join('\n'))
    })
  sub('show <round>', 'one round (its name, or the first 8 letters of it or more)')
    .option('--json', 'one JSON object')
    .action(async (name: string, options: RoundCommandOptions) => {
      const found = await withCoordinator(options, context.signal, async (client) => await firstProgress(client.watch(name)))
      print(options, found, brief(found))
    })
  sub('watch <round>', 'follow it to its end')
    .option('--json', 'one JSON object a line, as things change')
    .action(async (name: string, options: RoundCommandOptions) => {
      const say = paced((line) => process.stdout.write(`${line}\n`), options.json ? 0 : PLAIN_LINE_MS)
      const line = (progress: RoundProgress) => (options.json ? JSON.stringify(progress) : progressLine(progress))
      await withCoordinator(options, context.signal, async (client) => {
        const last = await followRound(client, name, (progress) => say(line(progress)))
        if (!options.json) say(brief(last), true)
      }).catch(interrupted(context.signal, 'the round goes on'))
    })
  sub('cancel <round>', 'stop it; running work is withdrawn').action(async (name: string, options: RoundCommandOptions) => {
    await withCoordinator(options, context.signal, (client) => client.cancel(name))
    process.stdout.write(`cancelled ${name}\n`)
  })
  sub('export <round>', 'write its result files')
    .requiredOption('--out <DIR>', 'folder for the files')
    .option('--partial', 'also when it has not ended: what is judged so far')
    .action(async (name: string, options: RoundCommandOptions) => {
      const out = options.out as string
      await prepareOut(out)
      const partial = options.partial === true
      const files = await withCoordinator(options, context.signal, (client) => saveResults(client, name, out, { partial }))
      process.stdout.write(`${files.map((file) => `${out}/${file}`).join('\n')}\n`)
    })
}

async function firstProgress(watched: AsyncGenerator<RoundProgress>): Promise<RoundProgress> {
  for await (const progress of watched) return progress
  throw new KernelswarmError('unfinished', 'the coordinator said nothing about that round')
}

function print({ json }: RoundCommandOptions, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`)
}

function brief(progress: RoundProgress): string {
  return `${progress.round}  ${progress.name}  ${progress.state}\n    ${progressLine(progress)}`
}
