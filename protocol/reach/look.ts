import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { createHost } from '../host.ts'
import { LAN_LOOK_MS, MAX_ADDRESSES } from '../limits.ts'

/**
 * The addresses of coordinators that answer on this LAN within some seconds, each with its peer id. Whether they are what they say
 * is seen when they are dialled.
 */
export async function coordinatorsOnLan(options: { signal: AbortSignal; lookMs?: number }): Promise<string[]> {
  const host = await createHost({ key: await generateKeyPair('Ed25519'), listen: [], lan: 'seek' })
  const found = new Set<string>()
  host.addEventListener('peer:discovery', ({ detail: { id, multiaddrs } }) => {
    for (const address of multiaddrs) if (found.size < MAX_ADDRESSES) found.add(`${address}/p2p/${id}`)
  })
  try {
    await sleep(options.lookMs ?? LAN_LOOK_MS, undefined, { signal: options.signal }).catch(() => undefined)
    return [...found].sort()
  } finally {
    await host.stop()
  }
}
