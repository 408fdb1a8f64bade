import { join } from 'node:path'
import { createHost, KernelswarmError, loadIdentity, parseAddress, peerIdOf, ResearcherClient } from '../../protocol/index.ts'
import { defaultData } from '../options.ts'

/** Options of every command that speaks to a coordinator. */
export interface RemoteOptions {
  coordinator: string
  key: string
}

export const DEFAULT_KEY = join(defaultData('researcher'), 'researcher.key')

/** Connects to a coordinator as the researcher whose key it is, does something, and leaves. */
export async function withCoordinator<T>(
  { coordinator, key }: RemoteOptions,
  signal: AbortSignal,
  use: (client: ResearcherClient, peerId: string) => Promise<T>,
): Promise<T> {
  const address = parseAddress(coordinator)
  const identity = await loadIdentity(key)
  const host = await createHost({ key: identity, listen: [] })
  try {
    const client = await ResearcherClient.connect(host, address, { signal }).catch((error: Error) => {
      throw new KernelswarmError(
        'unreachable',
        `${coordinator}: no coordinator answers there (${error.message}); is it running, and is the peer id in the address its own?`,
      )
    })
    await using connected = client
    return await use(connected, peerIdOf(identity))
  } finally {
    await host.stop()
  }
}
