import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { checkCaseFile, ROUND_DEFAULTS, type RoundProgress, UsageError } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { DEFAULT_KEY, type RemoteOptions, withCoordinator } from '../flow/remote.ts'
import { followRound, prepareOut, saveResults, submitCases } from '../flow/round.ts'
import { paced, progressLine, runSteps } from '../flow/steps.ts'
import { printSummary, summaryOf } from '../flow/summary.ts'
import { addCapOptions, priorityOption, visibilityOption } from '../flow/terms.ts'
import { addRoundOptions, COMMAND, type RoundOptions, specOf } from '../options.ts'
import { interrupted } from './run.ts'

interface SubmitOptions extends RoundOptions, RemoteOptions {
  watch?: boolean
  out?: string
  again?: boolean
  json?: boolean
}

interface Submitting {
  round?: string
  progress?: RoundProgress
}

const PLAIN_LINE_MS = 5_000

export function addSubmit(program: Command, context: Context): void {
  const command = program
    .command('submit <cases.jsonl>')
    .description('send a file of cases to a coordinator as a round')
    .requiredOption('--coordinator <MULTIADDR>', 'its address with its peer id, as the coordinator prints it')
    .option('--watch', 'follow the round to its end')
    .option('--out <DIR>', 'write the result files there when it has ended (follows the round)')
    .option('--key <FILE>', 'your identity; made on first use', DEFAULT_KEY)
    .option('--again', 'a new round, even if the same file was submitted with the same policy before')
  addRoundOptions(command, { policy: '3, of which 2 must agree' }).addOption(priorityOption())
  addCapOptions(command)
    .addOption(visibilityOption())
    .option('--json', 'print one JSON object at the end, and nothing else')
    .addHelpText(
      'after',
      `
The whole file is checked before anything is sent. An interrupted submit goes on when it is typed again.
Researchers share the swarm alike, by time, unless the coordinator's operator says otherwise (\`coordinator allow --share\`);
rounds of one priority share alike what their researcher gets. The same file with another priority, limit or visibility is another round.
A limit pauses the round; \`round resume\` with a higher one goes on. Volunteers see what they run, whatever the visibility.`,
    )
    .action(async (file: string, options: SubmitOptions) => {
      const began = performance.now()
      const spec = specOf(options, basename(file), ROUND_DEFAULTS.policy)
      if (options.out !== undefined) await prepareOut(options.out)
      const summary = await checkCaseFile(file)
      const follow = options.watch === true || options.out !== undefined
      const done = await withCoordinator(options, context.signal, async (client) => {
        const salt = options.again ? randomBytes(8).toString('hex') : ''
        return await runSteps<Submitting>(
          [
            {
              title: `Submit ${summary.cases} cases`,
              task: async (state, task) => {
                const onSent = (have: number) => {
                  task.title = `Submitted ${have} of ${summary.cases} cases`
                }
                state.round = await submitCases(client, spec, file, summary, { salt, onSent })
              },
            },
            {
              title: 'Verify',
              enabled: follow,
              task: async (state, task) => {
                const say = paced((line) => (task.output = line), process.stdout.isTTY ? 0 : PLAIN_LINE_MS)
                state.progress = await followRound(client, state.round as string, (progress) => say(progressLine(progress)))
              },
            },
            {
              title: `Write results to ${options.out ?? ''}`,
              enabled: options.out !== undefined,
              task: async (state) => {
                await saveResults(client, state.round as string, options.out as string, { partial: false })
              },
            },
          ],
          {},
          { quiet: options.json === true },
        )
      }).catch(interrupted(context.signal, 'the round goes on; the same command follows it again'))
      await report(options, done, performance.now() - began)
    })
}

async function report(options: SubmitOptions, { round, progress }: Submitting, wallMs: number): Promise<void> {
  if (round === undefined) throw new UsageError('refused', 'the coordinator opened no round')
  if (progress !== undefined && options.out !== undefined) {
    const summary = await summaryOf(options.out, progress, wallMs)
    if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`)
    else printSummary(summary)
  } else if (options.json) {
    process.stdout.write(`${JSON.stringify(progress ?? { round })}\n`)
  } else {
    const address = options.coordinator
    process.stdout.write(
      `round ${round}\nfollow it:   ${COMMAND} round watch ${round} --coordinator ${address}\nget results: ${COMMAND} round export ${round} --coordinator ${address} --out DIR\n`,
    )
  }
}
