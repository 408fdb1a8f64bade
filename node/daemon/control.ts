import { chmod, rm } from 'node:fs/promises'
import { controlPath } from '../../protocol/index.ts'
import { answer } from './api.ts'
import type { Face } from './face.ts'
import { localServer } from './server.ts'

/** Answers whoever owns the data folder, over a socket in it that nobody else may open: see `answer`. */
export async function startControl(data: string, daemon: Face): Promise<{ close(): Promise<void> }> {
  const app = localServer()
  answer(app, daemon, () => {})
  const socket = await controlPath(data)
  // One that is left from a node that was killed: the folder is ours, so nobody listens there.
  await rm(socket.path, { force: true })
  await app.listen({ path: socket.path })
  await chmod(socket.path, 0o600)
  return {
    async close() {
      await app.close()
      await socket[Symbol.asyncDispose]()
    },
  }
}
