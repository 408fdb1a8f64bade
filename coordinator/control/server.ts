import { finished, Readable } from 'node:stream'
import fastify from 'fastify'
import { serveCommands } from '../../protocol/index.ts'
import { framesOf } from '../backup/records.ts'
import type { Door } from '../door/door.ts'
import type { Disk } from '../store/disk.ts'

/** Commands at a time; a backup reads the whole store. */
const MAX_COMMANDS = 2

/**
 * Serves the commands of whoever owns the data folder, over a socket in it that nobody else may open:
 *
 *     GET /backup         all records as of now, as `framesOf` writes them
 *     GET /bans           who is kept out, and until when
 *     GET /lift?who=WHO   ends the ban of a key or a place; whether there was one
 */
export async function startControl(
  data: string,
  { disk, door }: { disk: Disk; door: Pick<Door, 'bans' | 'lift'> },
): Promise<{ close(): Promise<void> }> {
  const app = fastify({ forceCloseConnections: true })
  let commands = 0
  app.get('/backup', (_request, reply) => {
    if (commands >= MAX_COMMANDS) return reply.code(503).send({ message: 'other backups are being made; try again' })
    commands++
    const stream = Readable.from(framesOf(disk.iterator()), { objectMode: false })
    stream.once('close', () => commands--)
    // Who asks and leaves before anything is said must not count as one who is served.
    finished(reply.raw, () => stream.destroy())
    return reply.type('application/octet-stream').send(stream)
  })
  app.get('/bans', async () => door.bans())
  app.get('/lift', async (request) => {
    const { who } = request.query as { who?: unknown }
    return { lifted: typeof who === 'string' && door.lift(who) }
  })
  return await serveCommands(data, app)
}
