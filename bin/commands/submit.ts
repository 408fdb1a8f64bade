import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import {
  ROUND_DEFAULTS,
  type RoundProgress,
  type RoundSpec,
  type SwarmFigures,
  UsageError,
  waysTo,
} from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { type Estimate, estimate, estimateLines, ProgramCount } from '../flow/estimate.ts'
import { emit } from '../flow/events.ts'
import { type CheckedCases, openCases } from '../flow/input.ts'
import { Link } from '../flow/link.ts'
import { withPolicy } from '../flow/policy-file.ts'
import { DEFAULT_KEY, type RemoteOptions, withCoordinator } from '../flow/remote.ts'
import { prepareOut, ResultsFolder } from '../flow/results-folder.ts'
import { submitCases } from '../flow/round.ts'
import { paced, progressLine, runSteps } from '../flow/steps.ts'
import { printSummary, type Summary, summaryOf } from '../flow/summary.ts'
import { addCapOptions, priorityOption, visibilityOption } from '../flow/terms.ts'
import { type Audience, forPrograms, onLines, onTerminal, watchRound } from '../flow/watch.ts'
import { addRoundOptions, COMMAND, defaultData, type RoundOptions, specOf } from '../options.ts'

interface SubmitOptions extends RoundOptions, RemoteOptions {
  watch?: boolean
  out?: string
  again?: boolean
  estimate?: boolean
  json?: boolean
}

/** What a submit has come to so far. */
interface Submitting {
  round?: string
  progress?: RoundProgress
}

/** How often a program is told how many cases are there. */
const SENT_EVENT_MS = 1_000

export function addSubmit(program: Command, context: Context): void {
  const command = program
    .command('submit <cases.jsonl>')
    .description('send a file of cases, or standard input ("-"), to a coordinator as a round; gzipped or not')
    .requiredOption('--coordinator <MULTIADDR>', 'its address with its peer id, as the coordinator prints it; several by commas')
    .option('--watch', 'follow the round to its end')
    .option('--out <DIR>', 'write the result files there when it has ended (follows the round)')
    .option('--key <FILE>', 'your identity; made on first use', DEFAULT_KEY)
    .option('--again', 'a new round, even if the same cases were submitted with the same policy before')
    .addOption(
      new Option('--estimate', 'send nothing: say what it may take, from what such rounds have taken there').conflicts([
        'watch',
        'out',
        'again',
      ]),
    )
  addRoundOptions(command, { policy: '3, of which 2 must agree' }).addOption(priorityOption())
  addCapOptions(command)
    .addOption(visibilityOption())
    .option('--json', 'print one JSON object at the end, and nothing else; with --watch, one a line as things happen')
    .addHelpText('after', SUBMIT_HELP)
    .action(async (file: string, given: SubmitOptions, self: Command) => {
      const options = await withPolicy(given, self)
      const spec = specOf(options, roundName(file), ROUND_DEFAULTS.policy)
      waysTo(options.coordinator)
      if (options.out !== undefined) await prepareOut(options.out)
      const count = options.estimate ? new ProgramCount() : null
      const init = { spool: defaultData('researcher'), signal: context.signal }
      await using cases = await openCases(file, count === null ? init : { ...init, onCase: count.note })
      if (count === null) await submit(options, spec, cases, context)
      else await say(options, spec, estimateOf(cases, count), context)
    })
}

type Estimating = (spec: RoundSpec, figures: SwarmFigures) => Estimate

function estimateOf({ summary }: CheckedCases, { programs }: ProgramCount): Estimating {
  return (spec, figures) => estimate(spec, summary.cases, programs, figures)
}

async function say(options: SubmitOptions, spec: RoundSpec, made: Estimating, { signal }: Context): Promise<void> {
  const figures = await withCoordinator(options, signal, (client) => client.figures(spec))
  const result = made(spec, figures)
  process.stdout.write(`${options.json ? JSON.stringify(result) : estimateLines(spec, result).join('\n')}\n`)
}

async function submit(options: SubmitOptions, spec: RoundSpec, cases: CheckedCases, { signal }: Context): Promise<void> {
  const began = performance.now()
  const events = options.json === true && options.watch === true
  if (events) emit({ event: 'checked', ...cases.summary })
  const state: Submitting = {}
  try {
    await using link = await Link.open({ coordinator: options.coordinator, key: options.key, signal })
    await runSteps<Submitting>(stepsOf(options, spec, cases, link), state, { quiet: options.json === true })
  } catch (error) {
    if (!signal.aborted) throw error
    const how = state.round === undefined ? 'the same command goes on where it was' : comeBack(options, state.round)
    throw new Error(`${(signal.reason as Error).message}; ${how}`)
  }
  await report(options, state, { wallMs: performance.now() - began, events })
}

type Steps = Parameters<typeof runSteps<Submitting>>[0]

function stepsOf(options: SubmitOptions, spec: RoundSpec, { source, summary }: CheckedCases, link: Link): Steps {
  const events = options.json === true && options.watch === true
  const salt = options.again ? randomBytes(8).toString('hex') : ''
  const live = process.stdout.isTTY === true
  return [
    {
      title: `Submit ${summary.cases} cases`,
      task: async (state, task) => {
        const say = paced((line) => (task.output = line), live ? 0 : SENT_EVENT_MS)
        const audience = audienceOf({ events, live, say: (line) => (task.output = line) })
        const tell = pacedEvery(SENT_EVENT_MS, (have: number) => {
          if (events) emit({ event: 'sent', cases: have, of: summary.cases })
        })
        const send = async (client: Parameters<Parameters<Link['persist']>[0]>[0], heard: () => void) =>
          await submitCases(client, spec, source, summary, {
            salt,
            onSent: (have) => {
              heard()
              tell(have)
              say(`${have} of ${summary.cases} cases are there`)
            },
          })
        state.round = await link.persist(send, audience)
        task.title = `Submitted ${summary.cases} of ${summary.cases} cases`
        if (events) emit({ event: 'submitted', round: state.round, cases: summary.cases })
      },
    },
    {
      title: 'Verify',
      enabled: options.watch === true || options.out !== undefined,
      rendererOptions: { outputBar: 1 },
      task: async (state, task) => {
        const say = (text: string) => (task.output = text)
        task.title = `Verify ${spec.name}  ${state.round}`
        state.progress = await watchRound(link, state.round as string, audienceOf({ events, live, say }))
        task.title = `Verified ${state.progress.judged} cases with ${state.progress.verdicts} signed verdicts`
      },
    },
    {
      title: `Write results to ${options.out ?? ''}`,
      enabled: options.out !== undefined,
      task: async (state) => {
        await using folder = new ResultsFolder(options.out as string, { partial: false })
        await link.persist((client, heard) => folder.fetch(client, state.round as string, heard))
      },
    },
  ]
}

function audienceOf({ events, live, say }: { events: boolean; live: boolean; say: (text: string) => void }): Audience {
  if (events) return forPrograms()
  return live ? onTerminal(say) : onLines(say)
}

/** Calls at most this often; the first time at once. */
function pacedEvery(everyMs: number, use: (value: number) => void): (value: number) => void {
  let at = -Infinity
  return (value) => {
    const now = performance.now()
    if (now - at < everyMs) return
    at = now
    use(value)
  }
}

async function report(
  options: SubmitOptions,
  { round, progress }: Submitting,
  { wallMs, events }: { wallMs: number; events: boolean },
): Promise<void> {
  if (round === undefined) throw new UsageError('refused', 'the coordinator opened no round')
  let summary: Summary | null = null
  if (progress !== undefined && options.out !== undefined) summary = await summaryOf(options.out, progress, wallMs)
  if (events) emit({ event: 'ended', round, state: progress?.state ?? 'aggregated', summary })
  else if (options.json) process.stdout.write(`${JSON.stringify(summary ?? progress ?? { round })}\n`)
  else if (summary !== null) printSummary(summary)
  else {
    const at = `--coordinator ${options.coordinator}`
    const lines = [
      `round ${round}`,
      progress === undefined ? `follow it:   ${COMMAND} round watch ${round} ${at}` : progressLine(progress),
      `get results: ${COMMAND} round export ${round} ${at} --out DIR`,
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }
}

/** Who leaves is told how to come back. */
export function comeBack({ coordinator }: RemoteOptions, round: string): string {
  return `the round goes on; come back with: ${COMMAND} round watch ${round} --coordinator ${coordinator}`
}

/** A round is called as its file, packed or not. */
function roundName(file: string): string {
  return file === '-' ? 'standard input' : basename(file).replace(/(?<=.)\.gz$/, '')
}

const SUBMIT_HELP = `
The whole input is checked before anything is sent. An interrupted submit goes on when it is typed again; where the line is cut or
the coordinator is restarted meanwhile, it goes on by itself. The same cases with the same policy are the same round.
Researchers share the swarm alike, by time, unless the coordinator's operator says otherwise (\`coordinator allow --share\`);
rounds of one priority share alike what their researcher gets. The same file with another priority, limit or visibility is another round.
A limit pauses the round; \`round resume\` with a higher one goes on. Volunteers see what they run, whatever the visibility.
What is asked first time of a coordinator elsewhere is refused with your key in the answer: its operator allows that key.
More: docs/researchers.md`
