import { open } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = 'control.sock'
/** Longest path of a socket that Linux takes. */
const MAX_PATH_BYTES = 107

/** Where whoever runs on a data folder listens for commands on its own machine; a folder too far down is named by its descriptor. */
export async function controlPath(data: string): Promise<AsyncDisposable & { path: string }> {
  const path = join(data, NAME)
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, [Symbol.asyncDispose]: async () => {} }
  const folder = await open(data, 'r')
  return { path: join('/proc/self/fd', String(folder.fd), NAME), [Symbol.asyncDispose]: async () => await folder.close() }
}
