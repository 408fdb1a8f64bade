import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Command } from 'commander'
import type { Libp2p } from 'libp2p'
import { type Bulletin, Bulletins, createHost, DIAL_MS, type LanUse, parseAddress, UsageError } from '../../protocol/index.ts'
import type { Context } from '../context.ts'
import { bulletinLines } from '../flow/bulletin-lines.ts'

interface FollowOptions {
  lan?: boolean
  json?: boolean
  once?: boolean
}

/** Between two tries to reach somebody who went away. */
const RETRY_MS = 5_000

export function addFollow(program: Command, context: Context): void {
  program
    .command('follow [addresses...]')
    .description('print how the public rounds of coordinators go, as they announce it by gossip, signed')
    .option('--lan', 'also hear coordinators found on this LAN')
    .option('--json', 'one JSON object an announcement')
    .option('--once', 'end after the first announcement')
    .addHelpText(
      'after',
      '\nAddresses are of coordinators, or of relays and others that pass on what they hear; each with its peer id, or without.',
    )
    .action(async (addresses: string[], options: FollowOptions) => follow(addresses, options, context))
}

async function follow(
  addresses: string[],
  { lan = false, json = false, once = false }: FollowOptions,
  context: Context,
): Promise<void> {
  if (addresses.length === 0 && !lan) throw new UsageError('option', 'follow: whom? Give an address, or say --lan')
  const done = new AbortController()
  const signal = AbortSignal.any([context.signal, done.signal])
  const use: { lan?: LanUse } = lan ? { lan: 'seek' } : {}
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [], gossip: 'hear', ...use })
  const said = new Map<string, string>()
  const tell = (bulletin: Bulletin) => {
    const lines = json ? [JSON.stringify(bulletin)] : bulletinLines(bulletin, said)
    if (signal.aborted) return
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))
    if (once) done.abort()
  }
  new Bulletins(host, tell).start()
  host.addEventListener('peer:discovery', ({ detail }) => {
    host.dial(detail.multiaddrs, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]) }).catch(() => undefined)
  })
  try {
    await Promise.all([...addresses.map((text) => stay(host, parseAddress(text), signal)), untilOver(signal)])
  } finally {
    await host.stop()
  }
}

/** Stays connected to somebody. */
async function stay(host: Libp2p, address: Multiaddr, signal: AbortSignal): Promise<void> {
  let isThere: boolean | null = null
  while (!signal.aborted) {
    const reached = await host.dial(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]) }).then(
      () => true,
      () => false,
    )
    if (!reached && isThere !== false && !signal.aborted)
      process.stderr.write(`${address}: not reached; tried again until it is\n`)
    isThere = reached
    await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function untilOver(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}
