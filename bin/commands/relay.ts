import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  Bulletins,
  createRelay,
  loadIdentity,
  MAX_RESERVATIONS,
  parsePeer,
  RELAYED_BYTES,
  RELAYED_MS,
  UsageError,
} from '../../protocol/index.ts'
import { type Context, untilAborted } from '../context.ts'
import { LOG_LEVELS, makeLog } from '../log.ts'
import { COMMAND, collect, defaultData } from '../options.ts'

interface RelayOptions {
  data: string
  listen: string[]
  announce: string[]
  allow: string[]
  anyone?: boolean
  maxHours: number
  maxGib: number
  log: string
}

const HOUR_MS = 3_600_000
const GIB = 1024 ** 3
/** Twenty days: beyond, the timers of JavaScript do not count. */
const MAX_HOURS = 480
const MAX_GIB = 1024 * 1024
const DEFAULT_LISTEN = '/ip4/0.0.0.0/tcp/4700'

export function addRelay(program: Command, context: Context): void {
  program
    .command('relay')
    .description('run a relay: coordinators behind a router are reached through it (docs/networks.md)')
    .option('--data <DIR>', 'its key', defaultData('relay'))
    .addOption(
      new Option('--listen <MULTIADDR>', 'where it is reached; may be given again')
        .argParser(collect)
        .default([], `${DEFAULT_LISTEN}`),
    )
    .addOption(
      new Option(
        '--announce <MULTIADDR>',
        'another address it is reached at, such as /dns4/relay.example.org/tcp/4700; may be given again',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--allow <PEER-ID>', 'a coordinator that may be reached through it; may be given again')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--anyone', `let anybody be reached through it, ${MAX_RESERVATIONS} peers at most`)
    .option('--max-hours <N>', 'how long one connection may last', number(MAX_HOURS), RELAYED_MS / HOUR_MS)
    .option('--max-gib <N>', 'how much may pass through one connection', number(MAX_GIB), RELAYED_BYTES / GIB)
    .addOption(new Option('--log <LEVEL>', 'least level to log').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', RELAY_HELP)
    .action(async (options: RelayOptions) => serve(options, context))
}

async function serve(options: RelayOptions, context: Context): Promise<void> {
  const { data, announce, allow, anyone = false, maxHours, maxGib } = options
  if (allow.length === 0 && !anyone) {
    throw new UsageError(
      'option',
      'relay: nobody may be reached through it; name coordinators with --allow PEER-ID, or say --anyone',
    )
  }
  const allowed = new Set(allow.map(parsePeer))
  const log = makeLog(options.log)
  const host = await createRelay({
    key: await loadIdentity(join(data, 'relay.key')),
    listen: options.listen.length > 0 ? options.listen : [DEFAULT_LISTEN],
    announce,
    mayReserve: (peer) => anyone || allowed.has(peer),
    connectionMs: maxHours * HOUR_MS,
    connectionBytes: Math.round(maxGib * GIB),
  })
  // What coordinators announce is passed on: whoever follows one need not reach it.
  new Bulletins(host, ({ coordinator, announcement }) => {
    log.debug({ event: 'announcement', coordinator, rounds: announcement.rounds.length })
  }).start()
  try {
    const [own = ''] = host.getMultiaddrs().map(String)
    log.info({ event: 'started', relay: host.peerId.toString() })
    process.stdout.write(`relay        ${host.peerId}\ncoordinator  ${COMMAND} coordinator --relay ${own}\n`)
    await untilAborted(context.signal)
  } finally {
    await host.stop()
  }
}

function number(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!(value > 0 && value <= max)) throw new InvalidArgumentError(`Expected a number, more than 0 and at most ${max}.`)
    return value
  }
}

const RELAY_HELP = `
It needs an address that others reach, and no trust: what passes is encrypted between the ends, which know each other by their keys.
It can cut connections and see who speaks to whom. Volunteers that come through a relay count as one network (docs/networks.md).`
