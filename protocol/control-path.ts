import { chmod, open, rm } from 'node:fs/promises'
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

/** A server that can listen on a socket. */
interface CommandServer {
  listen(at: { path: string }): Promise<unknown>
  close(): Promise<unknown>
}

/** Has a server listen there, for nobody but who owns the folder. The folder has to be this process's own. */
export async function serveCommands(data: string, server: CommandServer): Promise<{ close(): Promise<void> }> {
  const socket = await controlPath(data)
  // One that is left from a process that was killed: nobody else listens there.
  await rm(socket.path, { force: true })
  await server.listen({ path: socket.path })
  await chmod(socket.path, 0o600)
  return {
    async close() {
      await server.close()
      await socket[Symbol.asyncDispose]()
    },
  }
}
