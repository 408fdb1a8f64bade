import type { FastifyInstance } from 'fastify'

/** What those who keep it running ask: monitors, balancers, Prometheus. */
export interface Probes {
  /** Why no work is given just now, in words, or null. */
  trouble: () => string | null
  /** Figures in Prometheus' text form. */
  metrics: { contentType: string; text(): Promise<string> }
}

/**
 * - `/health`: 200 as long as the process answers at all; otherwise it should be started anew.
 * - `/ready`: 200 when it gives work and takes rounds; 503 with the reason when not. Starting it anew does not mend that.
 * - `/metrics`: figures for Prometheus; nothing in them names a node, a round or an address.
 */
export function probes(app: FastifyInstance, { trouble, metrics }: Probes): void {
  app.get('/health', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }))

  app.get('/ready', (_request, reply) => {
    const reason = trouble()
    reply.header('cache-control', 'no-store').code(reason === null ? 200 : 503)
    return reply.send(reason === null ? { status: 'ready' } : { status: 'not-ready', reason })
  })

  app.get('/metrics', async (_request, reply) => {
    return await reply
      .header('cache-control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text())
  })
}
