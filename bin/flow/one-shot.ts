import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { GpuUse } from '../../node/index.ts'
import {
  type CaseFileSummary,
  checkCaseFile,
  createHost,
  loadIdentity,
  parseAddress,
  RefusedError,
  ResearcherClient,
  type RoundProgress,
  type RoundSpec,
} from '../../protocol/index.ts'
import { cacheFolder } from '../cache-folder.ts'
import { prepareOut, saveResults } from './results-folder.ts'
import { followRound, submitCases } from './round.ts'
import { paced, progressLine, runSteps } from './steps.ts'
import { LocalSwarm } from './swarm.ts'

export interface OneShotInit {
  file: string
  out: string
  spec: RoundSpec
  nodes: number
  /** Whether nvcc may decide what compiles. */
  nvcc: 'where-possible' | 'never'
  /** Which GPU may be used, in a round that asks for one. @default the first that can be */
  gpu?: GpuUse
  http: { host: string; port: number } | null
  quiet: boolean
  log: Logger
  signal: AbortSignal
  /** Told how it comes along. */
  onProgress?: (progress: RoundProgress) => void
  /** Called once the round has ended and its files are written, while the page is still there. */
  whileUp?: (result: OneShotResult) => Promise<void>
}

export interface OneShotResult {
  progress: RoundProgress
  wallMs: number
  files: string[]
  url: string | null
}

/** Lines of progress where the terminal does not redraw come at most this often. */
const PLAIN_LINE_MS = 2_000

/**
 * A round from a file to its results with a swarm of its own. Its state stands in OUT/.kernelswarm until it is done,
 * so that the same command goes on where an interrupted one was.
 */
export async function oneShot(init: OneShotInit): Promise<OneShotResult> {
  await prepareOut(init.out)
  const summary = await checkCaseFile(init.file)
  const state = join(init.out, '.kernelswarm')
  const began = performance.now()
  await using stack = new AsyncDisposableStack()
  const steps = stepsOf(init, state, stack)
  const result = await runSteps(steps, { summary, url: null } as Working, { quiet: init.quiet })
  const { progress, files, url } = result as Required<Working>
  const done = { progress, files, url, wallMs: performance.now() - began }
  await init.whileUp?.(done)
  await stack.disposeAsync()
  await rm(state, { recursive: true, force: true })
  return done
}

interface Working {
  url: string | null
  summary: CaseFileSummary
  client?: ResearcherClient
  round?: string
  progress?: RoundProgress
  files?: string[]
}

type Steps = Parameters<typeof runSteps<Working>>[0]

function stepsOf(init: OneShotInit, state: string, stack: AsyncDisposableStack): Steps {
  const { file, out, spec, nodes, signal } = init
  return [
    {
      title: `Start a coordinator and ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`,
      task: async (context, task) => {
        // Trying a GPU costs seconds: only where one is asked for.
        const gpu =
          spec.executor === 'gpu' ? { use: init.gpu ?? 'where-possible', needed: true } : { use: 'never' as const, needed: false }
        const { nvcc, http, log } = init
        const swarm = await LocalSwarm.start({ data: state, cache: cacheFolder(), nodes, nvcc, gpu, http, log })
        stack.use(swarm)
        context.client = stack.use(await connect(state, swarm.address, signal, stack))
        context.url = swarm.coordinator.url
        const page = context.url === null ? '' : `; page: ${context.url}`
        task.title = `Started a coordinator and ${nodes} ${nodes === 1 ? 'node' : 'nodes'}, libp2p over TCP and noise${page}`
      },
    },
    {
      title: 'Submit the cases',
      task: async (context, task) => {
        const { client, summary } = context as Required<Working>
        context.round = await submitCases(client, spec, file, summary, {
          salt: '',
          onSent: (have) => {
            task.title = `Submitted ${have} of ${summary.cases} cases`
          },
        })
        await cancelOthers(client, context.round)
      },
    },
    {
      title: 'Verify',
      task: async (context, task) => {
        const { client, round } = context as Required<Working>
        const say = paced((line) => (task.output = line), process.stdout.isTTY ? 0 : PLAIN_LINE_MS)
        context.progress = await followRound(client, round, (progress) => {
          init.onProgress?.(progress)
          say(progressLine(progress))
        })
        task.title = `Verified ${context.progress.judged} cases with ${context.progress.verdicts} signed verdicts`
      },
    },
    {
      title: `Write results to ${out}`,
      task: async (context) => {
        const { client, round } = context as Required<Working>
        context.files = await saveResults(client, round, out, { partial: false })
      },
    },
  ]
}

/** What an interrupted run with other cases or options left behind is not worth the time any more. */
async function cancelOthers(client: ResearcherClient, wanted: string): Promise<void> {
  for (const { round, state } of await client.list()) {
    if (round === wanted || (state !== 'open' && state !== 'verifying')) continue
    // It may have ended while we asked.
    await client.cancel(round).catch((error: unknown) => {
      if (!(error instanceof RefusedError)) throw error
    })
  }
}

async function connect(
  state: string,
  address: string,
  signal: AbortSignal,
  stack: AsyncDisposableStack,
): Promise<ResearcherClient> {
  const host = await createHost({ key: await loadIdentity(join(state, 'researcher.key')), listen: [] })
  stack.defer(async () => await host.stop())
  return await ResearcherClient.connect(host, parseAddress(address), { signal })
}
