import { chmod, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import fastify from 'fastify'
import { controlPath } from '../../protocol/index.ts'
import { framesOf } from '../backup/records.ts'
import type { Disk } from '../store/disk.ts'

/** Commands at a time; a backup reads the whole store. */
const MAX_COMMANDS = 2

/**
 * Serves the commands of whoever owns the data folder, over a socket in it that nobody else may open:
 *
 *     GET /backup    all records as of now, as `framesOf` writes them
 */
export async function startControl(data: string, { disk }: { disk: Disk }): Promise<{ close(): Promise<void> }> {
  const app = fastify({ forceCloseConnections: true })
  let commands = 0
  app.get('/backup', (_request, reply) => {
    if (commands >= MAX_COMMANDS) return reply.code(503).send({ message: 'other backups are being made; try again' })
    commands++
    const stream = Readable.from(framesOf(disk.iterator()), { objectMode: false })
    stream.once('close', () => commands--)
    return reply.type('application/octet-stream').send(stream)
  })
  const socket = await controlPath(data)
  // One that is left from a coordinator that was killed: the store is ours, so nobody listens there.
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
