import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { createSandbox, Volunteer } from '../../node/index.ts'
import { MAX_NODE_NAME_CHARS, UsageError } from '../../protocol/index.ts'
import { type Context, untilAborted } from '../context.ts'
import { LOG_LEVELS, makeLog } from '../log.ts'
import {
  addGpuOptions,
  cacheFolder,
  defaultData,
  type GpuOption,
  gpuUse,
  noNvcc,
  notBuilt,
  nvccUse,
  positive,
} from '../options.ts'
import { addDoctor, compileStatusText, gpuUseText, testSandbox } from './doctor.ts'
import { addOwn, ownerText } from './own.ts'

interface StartOptions {
  coordinator: string
  data: string
  slots: number
  memory?: number
  name?: string
  log: string
  nvcc: boolean
  gpu?: GpuOption
}

export function addNode(program: Command, context: Context): void {
  const node = program
    .command('node')
    .description("a volunteer's node: takes tasks, runs them in a sandbox, returns signed verdicts")
  const starting = node
    .command('start')
    .description('join a coordinator and work until stopped (Ctrl-C or SIGTERM)')
    .requiredOption('--coordinator <MULTIADDR>', 'its address with its peer id, as the coordinator prints it')
    .option('--data <DIR>', "the node's key and the verdicts not yet acknowledged; one per node", defaultData('node'))
    .option('--slots <N>', 'programs run at the same time; one a processor core unless given', positive, availableParallelism())
    .option(
      '--memory <GIB>',
      'memory one test may use; tasks that need more go to others (default: what the machine has)',
      gibibytes,
    )
    .option(
      '--name <TEXT>',
      `what it is called where nodes are listed, for everybody to read; at most ${MAX_NODE_NAME_CHARS} characters`,
      nodeName,
    )
    .addOption(noNvcc())
  addGpuOptions(starting)
    .addOption(new Option('--log <LEVEL>', 'least level to log').choices(LOG_LEVELS).default('info'))
    .addHelpText(
      'after',
      '\nBefore it joins it tests its own sandbox; where a program gets out it says which, and does not join.',
    )
    .action(async (options: StartOptions) => start(options, context))
  addDoctor(node, context)
  addOwn(node)
  for (const name of ['status', 'pause', 'resume', 'finish', 'stop']) {
    node
      .command(name)
      .description('speak to a running node (not built yet)')
      .action(() => {
        throw notBuilt(`kernelswarm node ${name}`)
      })
  }
}

async function start(
  { coordinator, data, slots, memory, name, log: level, nvcc, gpu }: StartOptions,
  context: Context,
): Promise<void> {
  const log = makeLog(level)
  const sandbox = await createSandbox({ cacheDir: cacheFolder(), nvcc: nvccUse({ nvcc }), gpu: gpuUse(gpu) })
  const escaped = (await testSandbox(sandbox)).filter(({ ok }) => !ok)
  if (escaped.length > 0) {
    const names = escaped.map(({ name }) => name).join('; ')
    throw new UsageError('machine', `the sandbox of this machine does not hold (${names}); this node does not join`)
  }
  const room = { ...(memory === undefined ? {} : { memoryBytes: memory }), ...(name === undefined ? {} : { name }) }
  await using volunteer = await Volunteer.start({ data, coordinator, slots, ...room, log }, sandbox)
  process.stdout.write(
    `node      ${volunteer.peerId}\nruns      ${sandbox.executors.join(', ')} (${volunteer.work.slots} at a time)\ncompiles  ${compileStatusText(sandbox.compileStatus)}\ngpu       ${gpuUseText(sandbox.gpu)}\nowner     ${await ownerText(data)}\n`,
  )
  await untilAborted(context.signal)
}

function nodeName(text: string): string {
  const name = text.trim()
  if (name.length < 1 || name.length > MAX_NODE_NAME_CHARS)
    throw new InvalidArgumentError(`Expected a name of 1 to ${MAX_NODE_NAME_CHARS} characters.`)
  return name
}

/** Bytes of so many GiB. */
function gibibytes(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 1024)) throw new InvalidArgumentError('Expected GiB, more than 0 and at most 1024.')
  return Math.round(value * 1024 ** 3)
}
