import Fastify, { type FastifyInstance } from 'fastify'
import { Refused } from './api.ts'
import { LOCAL_REQUEST_MS, MAX_COMMAND_BYTES, MAX_LOCAL_CONNECTIONS } from './limits.ts'

/** A server for this machine alone, bounded in every way; refusals are JSON with a message in words. */
export function localServer(): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_COMMAND_BYTES,
    requestTimeout: LOCAL_REQUEST_MS,
    connectionTimeout: 2 * LOCAL_REQUEST_MS,
    forceCloseConnections: true,
    trustProxy: false,
  })
  app.server.maxConnections = MAX_LOCAL_CONNECTIONS
  app.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
    const { statusCode = 500 } = error
    // Our own faults are for the log of whoever looks: their words may be anything.
    const message = error instanceof Refused || statusCode < 500 ? error.message : 'the node failed at this'
    return await reply.code(statusCode).send({ message })
  })
  app.setNotFoundHandler(async (_request, reply) => await reply.code(404).send({ message: 'there is nothing at this address' }))
  return app
}
