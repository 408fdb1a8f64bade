import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  allowNode,
  allowResearcher,
  blockedPrograms,
  blockProgram,
  Coordinator,
  DEFAULT_PRUNE_AFTER_MS,
  DEFAULT_RESERVE_BYTES,
  isShare,
  unblockProgram,
} from '../../coordinator/index.ts'
import { AGENT, ARRIVALS_PER_SECOND, executorIn, LEAST_VERSION, UsageError } from '../../protocol/index.ts'
import { type Context, untilAborted } from '../context.ts'
import { wholeSeconds } from '../flow/terms.ts'
import { LOG_LEVELS, makeLog } from '../log.ts'
import { COMMAND, collect, defaultData } from '../options.ts'
import { addBackup } from './backup.ts'
import { addBans } from './bans.ts'
import { addCheck } from './check.ts'

interface CoordinatorOptions {
  data: string
  listen: string[]
  announce: string[]
  relay: string[]
  private?: boolean
  gossip: boolean
  lan?: boolean
  http: string
  singleOperator?: boolean
  localResearchers: boolean
  log: string
  maxRoundCpuSeconds?: number
  maxRoundGpuSeconds?: number
  reserve?: number
  pruneAfter?: number | null
  prefer: string[]
  arrivals: number
  leastVersion: string
}

/** More handshakes a second than any machine can do. */
const MAX_ARRIVALS = 10_000
const HOUR_MS = 3_600_000
/** Ten years. */
const MAX_PRUNE_HOURS = 87_600
/** How long a start waits for its first place at a relay, before it says where it is without one. */
const FIRST_PLACE_MS = 15_000
const PLACE_LOOK_MS = 50
const DEFAULT_LISTEN = '/ip4/127.0.0.1/tcp/4600'

export function addCoordinator(program: Command, context: Context): void {
  const command = program
    .command('coordinator')
    .description('run a coordinator: takes rounds from researchers, gives tasks to nodes, decides by majority')
    .option('--data <DIR>', 'its key, event log and allow-list', defaultData('coordinator'))
    .addOption(
      new Option(
        '--listen <MULTIADDR>',
        'where nodes and researchers connect; may be given again; /ip4/0.0.0.0/tcp/4600 for others',
      )
        .argParser(collect)
        .default([], `${DEFAULT_LISTEN}, this machine only`),
    )
    .addOption(
      new Option(
        '--announce <MULTIADDR>',
        'another address it is reached at, such as /dns4/swarm.example.org/tcp/4600; may be given again',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option(
        '--relay <MULTIADDR>',
        'a relay through which it is reached, as `kernelswarm relay` prints it; may be given again',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--private', 'let in only nodes that are on its list (allow-node), and announce nothing')
    .option('--no-gossip', 'do not announce public rounds to those who follow them')
    .option('--lan', 'be found by those who look for coordinators on this LAN')
    .option('--http <HOST:PORT>', 'where the page and its JSON are served; "off" for nowhere', '127.0.0.1:4680')
    .option(
      '--single-operator',
      'nodes on loopback and private addresses count as operators of their own (default when it listens on loopback only)',
    )
    .option(
      '--reserve <MIB>',
      `space on its disk below which it gives no work and takes no rounds (default: ${DEFAULT_RESERVE_BYTES / 2 ** 20})`,
      mebibytes,
    )
    .option(
      '--prune-after <HOURS>',
      `how long programs and outputs stay in its database after the end of their round; then they are in the round's archive alone. "never": nothing is archived (default: ${DEFAULT_PRUNE_AFTER_MS / HOUR_MS})`,
      hoursOrNever,
    )
    .addOption(
      new Option(
        '--prefer <CLASS>',
        'toolchain that nodes are told to have, as their doctor names it; may be given again, one an executor',
      )
        .argParser(preferred)
        .default([], 'that in which most was decided'),
    )
    .option(
      '--arrivals <N>',
      'new connections a second, from everywhere together; others are told to come back',
      arrivals,
      ARRIVALS_PER_SECOND,
    )
    .option('--least-version <X.Y.Z>', 'nodes of older releases are told to update, and not let in', release, LEAST_VERSION)
    .option('--no-local-researchers', 'processes on this machine need the allow-list as well')
    .option(
      '--max-round-cpu-seconds <N>',
      'pause any round on which nodes have spent so many seconds of processors',
      wholeSeconds,
    )
    .option('--max-round-gpu-seconds <N>', 'the same of GPUs', wholeSeconds)
    .addOption(new Option('--log <LEVEL>', 'least level to log').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', COORDINATOR_HELP)
    .action(async (options: CoordinatorOptions) => serve(options, context))
  addBackup(command)
  addCheck(command, context)
  addBans(command)
  command
    .command('allow <peer-id>')
    .description("let a researcher's key open rounds (counts at once, also while the coordinator runs)")
    .option('--data <DIR>', "the coordinator's data folder", defaultData('coordinator'))
    .option('--share <N>', 'what its rounds get, compared with those of others: 2 is twice as much time on nodes', share, 1)
    .action(async (key: string, _options: unknown, self: Command) => {
      const { data, share } = self.optsWithGlobals<{ data: string; share: number }>()
      const done = await allowResearcher(data, key, share)
      process.stdout.write(done === 'added' ? `${key} may open rounds now\n` : `${key} was allowed already\n`)
    })
  command
    .command('allow-node <peer-id>')
    .description("know a node, or an owner's key: it is let in where --private, and counts for who runs it, whatever its network")
    .option('--data <DIR>', "the coordinator's data folder", defaultData('coordinator'))
    .option('--operator <NAME>', 'who runs it; nodes of one name have one vote on a task between them')
    .action(async (key: string, _options: unknown, self: Command) => {
      const { data, operator } = self.optsWithGlobals<{ data: string; operator?: string }>()
      const done = await allowNode(data, key, operator ?? null)
      process.stdout.write(done === 'added' ? `${key} is known now\n` : `${key} was known already\n`)
    })
  addBlocking(command)
}

/** The kill switch. Counts within seconds, also while the coordinator runs. */
function addBlocking(command: Command): void {
  const sub = (usage: string, description: string): Command =>
    command
      .command(usage)
      .description(description)
      .option('--data <DIR>', "the coordinator's data folder", defaultData('coordinator'))
  sub('block <program>', 'have nobody run a program any more, by its hash: what runs is stopped, its cases end undecided')
    .option('--reason <TEXT>', 'why; reports of rounds that have the program say it', '')
    .action(async (program: string, _options: unknown, self: Command) => {
      const { data, reason } = self.optsWithGlobals<{ data: string; reason: string }>()
      const done = await blockProgram(data, program, reason)
      process.stdout.write(done === 'blocked' ? `${program} is blocked\n` : `${program} was blocked already\n`)
    })
  sub('unblock <program>', 'let it be run again, in rounds opened from now on').action(
    async (program: string, _options: unknown, self: Command) => {
      const done = await unblockProgram(self.optsWithGlobals<{ data: string }>().data, program)
      process.stdout.write(done === 'unblocked' ? `${program} may be run again\n` : `${program} was not blocked\n`)
    },
  )
  sub('blocked', 'the programs that are blocked').action(async (_options: unknown, self: Command) => {
    const list = await blockedPrograms(self.optsWithGlobals<{ data: string }>().data)
    process.stdout.write(
      list.length === 0 ? 'no program is blocked\n' : list.map((one) => `${one.program}  ${one.reason}\n`).join(''),
    )
  })
}

async function serve(options: CoordinatorOptions, context: Context): Promise<void> {
  const { data, singleOperator, localResearchers, prefer } = options
  const listen = options.listen.length > 0 ? options.listen : [DEFAULT_LISTEN]
  const loopbackOnly = listen.every((address) => /^\/(ip4\/127\.|ip6\/::1\/)/.test(address))
  const oneOperator = singleOperator ?? loopbackOnly
  const log = makeLog(options.log)
  await using coordinator = await Coordinator.start({
    data,
    listen,
    announce: options.announce,
    relays: options.relay,
    private: options.private ?? false,
    found: { gossip: options.gossip, lan: options.lan ?? false },
    http: options.http === 'off' ? null : httpOption(options.http),
    singleOperator: oneOperator,
    localResearchers,
    arrivalsPerSecond: options.arrivals,
    leastVersion: options.leastVersion,
    agent: AGENT,
    prefer,
    log,
    roundCaps: {
      ...(options.maxRoundCpuSeconds === undefined ? {} : { cpuSeconds: options.maxRoundCpuSeconds }),
      ...(options.maxRoundGpuSeconds === undefined ? {} : { gpuSeconds: options.maxRoundGpuSeconds }),
    },
    ...(options.pruneAfter === undefined ? {} : { pruneAfterMs: options.pruneAfter }),
    ...(options.reserve === undefined ? {} : { reserveBytes: options.reserve }),
  })
  if (options.relay.length > 0) await firstPlace(coordinator, context.signal)
  greet(coordinator, oneOperator)
  await untilAborted(context.signal)
}

/** The lines it prints are to be of use elsewhere: a place at a relay is waited for, a little. */
async function firstPlace(coordinator: Coordinator, signal: AbortSignal): Promise<void> {
  const late = Date.now() + FIRST_PLACE_MS
  while (!signal.aborted && Date.now() < late && !coordinator.addresses()[0]?.includes('/p2p-circuit')) {
    await sleep(PLACE_LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

const ONE_OPERATOR =
  'one: nodes near this coordinator each have a vote, but agree as one person; confidence across operators does not apply'

function greet(coordinator: Coordinator, oneOperator: boolean): void {
  const [first = ''] = coordinator.addresses()
  const page = coordinator.url === null ? [] : [`page      ${coordinator.url}`]
  const lines = [
    ...page,
    `operators ${oneOperator ? ONE_OPERATOR : "an owner's nodes are one; without an owner, all nodes of a network are one"}`,
    `node      ${COMMAND} node start --coordinator ${first}`,
    `submit    ${COMMAND} submit cases.jsonl --coordinator ${first} --watch`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Bytes of so many MiB. */
function mebibytes(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected MiB, a whole number.')
  return value * 2 ** 20
}

/** Milliseconds of so many hours; null for never. */
function hoursOrNever(text: string): number | null {
  if (text === 'never') return null
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= MAX_PRUNE_HOURS))
    throw new InvalidArgumentError(`Expected hours, from 0 to ${MAX_PRUNE_HOURS}, or "never".`)
  return value * HOUR_MS
}

function arrivals(text: string): number {
  const value = Number(text)
  if (!(value >= 1 && value <= MAX_ARRIVALS)) throw new InvalidArgumentError(`Expected a number from 1 to ${MAX_ARRIVALS}.`)
  return value
}

function release(text: string): string {
  if (!/^\d+\.\d+\.\d+$/.test(text)) throw new InvalidArgumentError('Expected a release such as 0.1.0.')
  return text
}

function share(text: string): number {
  const value = Number(text)
  if (!isShare(value)) throw new InvalidArgumentError('Expected a number from 0.01 to 100.')
  return value
}

function preferred(text: string, before: string[]): string[] {
  const executor = executorIn(text)
  if (executor === null)
    throw new InvalidArgumentError(
      'Expected a class such as "host / ks7 / g++ 12 / x86-64"; `kernelswarm node doctor` shows those of a machine.',
    )
  if (before.some((other) => executorIn(other) === executor)) throw new InvalidArgumentError(`A second one for ${executor}.`)
  return [...before, text]
}

/** Reads HOST:PORT. @throws UsageError */
export function httpOption(text: string): { host: string; port: number } {
  const found = /^(.+):(\d{1,5})$/.exec(text)
  const port = Number(found?.[2])
  if (found === null || port > 65_535)
    throw new UsageError('option', `--http ${text}: expected HOST:PORT, for example 127.0.0.1:4680`)
  return { host: (found[1] as string).replace(/^\[(.*)\]$/, '$1'), port }
}

const COORDINATOR_HELP = `
It prints the lines for nodes and researchers. State is kept in the data folder: stop it with Ctrl-C or SIGTERM and
start it again in the middle of a round, and it goes on with the same results.

Beside the page, --http serves /health (the process answers), /ready (it gives work, or why not) and /metrics (for Prometheus).
The log is one JSON object a line on standard error, or readable lines on a terminal.

When its disk is full or fails it does not end: it gives no work, acknowledges nothing, refuses researchers as
"unavailable", says so in its log and on its page (event disk-failing), tries again, and goes on by itself when that is
mended; nodes keep their verdicts meanwhile. Below --reserve it only finishes what is out (event disk-low). Started on a
full disk it ends with code 1.

A minute after its end a round leaves memory, and its archive is written to archives/ in the data folder (event
round-archived). --prune-after hours after its end its programs and outputs leave the database (event round-pruned) and are
read from there: keep the archives with the folder. Signed verdicts stay in the database.

Behind a router:  kernelswarm relay --allow PEER-ID  on a machine that others reach, and --relay ADDRESS here (docs/networks.md).

Researchers on this machine may open rounds; others need:  kernelswarm coordinator allow PEER-ID

A program that does harm:  kernelswarm coordinator block HASH --reason TEXT  (pages, verdicts and reports name it)`
