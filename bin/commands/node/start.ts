import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { createSandbox, Daemon, EndedEarly, LogFile, type MachineSandbox } from '../../../node/index.ts'
import { coordinatorsOnLan, MAX_NODE_NAME_CHARS, makeFolder, UsageError } from '../../../protocol/index.ts'
import { cacheFolder } from '../../cache-folder.ts'
import type { Context } from '../../context.ts'
import { LOG_LEVELS, makeLog } from '../../log.ts'
import { addGpuOptions, COMMAND, type GpuOption, gpuUse, noNvcc, nvccUse, positive } from '../../options.ts'
import { compileStatusText, gpuUseText, testSandbox } from '../doctor.ts'
import { ownerText } from '../own.ts'
import { dataOption } from './data.ts'

/** Options of a node, as `start` and `install` take them. */
export interface StartOptions {
  coordinator?: { address: string; share: number }[]
  lan?: boolean
  data: string
  slots: number
  memory?: number
  name?: string
  page: string
  keepDays: number
  log: string
  nvcc: boolean
  gpu?: GpuOption
}

type Named = NonNullable<StartOptions['coordinator']>

/** A loopback port of its own, beside the coordinator's 4680. */
const DEFAULT_PAGE_PORT = '4690'
const DAY_MS = 86_400_000
/** After its end; a program that could not be ended in time goes with the process, to which its jail is tied. */
const LINGER_MS = 200
const DEFAULT_KEEP_DAYS = 30
/** Shares are compared with each other. */
const MAX_SHARE = 1_000

/** The options that say what a node is. */
export function addStartOptions(command: Command): Command {
  command
    .option(
      '--coordinator <MULTIADDR[=SHARE]>',
      'its address with its peer id, as the coordinator prints it, several ways to it by commas; may be given again; a share is compared with those of the others. Without it, those on this LAN are listed',
      coordinator,
    )
    .option('--lan', 'look for them on this LAN too, should they not be where they were')
    .addOption(dataOption())
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
    .option('--page <PORT>', 'port of the page on this machine; "off" for none', port, DEFAULT_PAGE_PORT)
    .option('--keep-days <N>', 'how long programs that ran here are kept to be looked at', positive, DEFAULT_KEEP_DAYS)
    .addOption(noNvcc())
  return addGpuOptions(command).addOption(new Option('--log <LEVEL>', 'least level to log').choices(LOG_LEVELS).default('info'))
}

export function addStart(node: Command, context: Context): void {
  addStartOptions(node.command('start').description('join a coordinator and work until stopped (Ctrl-C or SIGTERM)'))
    .addHelpText(
      'after',
      '\nBefore it joins it tests its own sandbox; where a program gets out it says which, and does not join.\nWhen it may run: preferences.yaml in its folder, re-read when saved (docs/volunteers.md). Ask it: node status, node page.',
    )
    .action(async (options: StartOptions) => {
      await start(options, context)
      setTimeout(() => process.exit(), LINGER_MS).unref()
    })
}

async function start(options: StartOptions, context: Context): Promise<void> {
  const { data, lan = false, slots, memory, name, page, keepDays } = options
  const places = await placesIn('start', options, context.signal)
  await makeFolder(data, { secret: true })
  const file = new LogFile(data)
  const log = makeLog(options.log, file)
  const room = { ...(memory === undefined ? {} : { memoryBytes: memory }), ...(name === undefined ? {} : { name }) }
  const where = page === 'off' ? null : { port: Number(page) }
  const { signal } = context
  const init = { data, slots, ...room, coordinator: places, lan, cache: cacheFolder(), page: where, log, signal }
  try {
    await using daemon = await Daemon.start({ ...init, historyMs: keepDays * DAY_MS }, () => tested(options))
    log.info({ event: 'started', pid: process.pid })
    process.stdout.write(`owner     ${await ownerText(data)}\n${await greeting(daemon)}`)
    log.info({ event: 'stopping', detail: await daemon.wanted })
  } catch (error) {
    if (!(error instanceof EndedEarly)) throw error
    log.info({ event: 'stopping', detail: `${error.message}, while it started` })
  }
}

/**
 * The coordinators that the owner names. A node joins nobody else: what is on the LAN is listed for him.
 * @throws UsageError `option` where none is named
 */
export async function placesIn(
  command: 'start' | 'install',
  { coordinator: named }: Pick<StartOptions, 'coordinator'>,
  signal: AbortSignal,
): Promise<Named> {
  if (named !== undefined) return named
  const found = await coordinatorsOnLan({ signal })
  const lines = found.map((address) => `\n  ${COMMAND} node ${command} --coordinator ${address}`).join('')
  throw new UsageError(
    'option',
    found.length === 0
      ? `node ${command}: no --coordinator given, and none found on this LAN`
      : `node ${command}: no --coordinator given; on this LAN there are, by what they say of themselves:${lines}`,
  )
}

async function greeting(daemon: Daemon): Promise<string> {
  const { node, page, says } = await daemon.status()
  return `node      ${node}\npage      ${page ?? 'none'}\n${says}\n`
}

/** The sandbox, if it holds. @throws UsageError `machine` naming what gets out */
async function tested({ nvcc, gpu, slots }: StartOptions): Promise<MachineSandbox> {
  const sandbox = await createSandbox({ cacheDir: cacheFolder(), nvcc: nvccUse({ nvcc }), gpu: gpuUse(gpu), background: true })
  const escaped = (await testSandbox(sandbox)).filter(({ ok }) => !ok)
  if (escaped.length > 0) {
    const names = escaped.map(({ name }) => name).join('; ')
    throw new UsageError('machine', `the sandbox of this machine does not hold (${names}); this node does not join`)
  }
  process.stdout.write(
    `runs      ${sandbox.executors.join(', ')} (${slots} at a time)\ncompiles  ${compileStatusText(sandbox.compileStatus)}\ngpu       ${gpuUseText(sandbox.gpu)}\n`,
  )
  return sandbox
}

/** Reads ADDRESS or ADDRESS=SHARE. */
function coordinator(text: string, before: Named = []): Named {
  const [, address = text, shown] = /^(.*)=([^=/]+)$/.exec(text) ?? []
  const share = shown === undefined ? 1 : Number(shown)
  if (!(share > 0 && share <= MAX_SHARE)) throw new InvalidArgumentError(`A share is a number above 0, at most ${MAX_SHARE}.`)
  if (before.some((other) => peerIn(other.address) === peerIn(address))) throw new InvalidArgumentError('The same one twice.')
  return [...before, { address, share }]
}

function peerIn(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1)
}

function port(text: string): string {
  if (text === 'off' || (/^\d{1,5}$/.test(text) && Number(text) <= 65_535)) return text
  throw new InvalidArgumentError('Expected a port, 0 for a free one, or "off".')
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
