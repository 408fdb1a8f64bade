import type { AddressInfo } from 'node:net'
import { UsageError } from '../../protocol/index.ts'
import { exposure } from '../sight.ts'
import { api } from './api.ts'
import { Catalogue } from './catalogue.ts'
import type { Components } from './components.ts'
import { Feed } from './feed.ts'
import { Figures } from './figures.ts'
import { SHARED_HEADERS } from './headers.ts'
import { allowedOrigin } from './origins.ts'
import { pages } from './pages.ts'
import { probes } from './probes.ts'
import { createServer } from './server.ts'
import { Visitors, type VisitorsInit } from './visitors.ts'

export type { Components } from './components.ts'
export type { SharedFile } from './schemas.ts'

export interface HttpInit {
  /** How often each address may ask. @default as limits say */
  visitors?: VisitorsInit
  /** Name or address to listen on. */
  host: string
  /** 0 takes a free one. */
  port: number
}

export interface HttpServer {
  /** Where a browser finds the explorer. */
  url: string
  /** Ends all connections, viewers' too. May be called twice. */
  close(): Promise<void>
}

/**
 * Serves the explorer and the JSON behind it: `/` the pages, `/api/v1` the answers (`/api/v1/openapi.json` describes them), `/api/v1/events` what changes;
 * `/health`, `/ready` and `/metrics` for those who keep it running.
 * It only reads the ledger.
 * @throws UsageError `address` when it cannot listen there
 */
export async function startHttp(components: Components, init: HttpInit): Promise<HttpServer> {
  const { ledger, journal } = components
  const onFault = (error: unknown, path: string) => {
    journal.error({ event: 'page-failed', path, detail: error instanceof Error ? error.stack : String(error) })
  }
  const app = createServer(onFault, new Visitors(init.visitors))
  const catalogue = new Catalogue(ledger, (rounds) => feed.touch(rounds))
  const figures = new Figures(components, catalogue)
  const feed = new Feed({
    status: () => figures.status(),
    newest: (limit) => figures.rounds(0, limit),
    progress: (rounds) => rounds.flatMap((id) => progressIfKnown(id)),
  })
  figures.viewers = () => feed.viewers
  const progressIfKnown = (id: string) => {
    const round = ledger.state.roundNamed(id)
    return round === undefined || exposure(round) === 'nothing' ? [] : [figures.progress(round)]
  }
  const onCondition = () => feed.touch(figures.liveRounds())
  const onPresence = () => {
    figures.presenceChanged()
    onCondition()
  }
  ledger.changes.on('presence', onPresence)
  ledger.store.disk.changes.on('condition', onCondition)
  const close = async () => {
    ledger.changes.off('presence', onPresence)
    ledger.store.disk.changes.off('condition', onCondition)
    catalogue.close()
    feed.close()
    await app.close()
  }
  try {
    await app.register(
      (scope, _options, done) => {
        scope.addHook('onRequest', async ({ headers: { origin } }, reply) => {
          const allowed = allowedOrigin(init.host, origin)
          reply.header('cache-control', 'no-cache')
          if (allowed === null) return
          reply.headers({ ...SHARED_HEADERS, 'access-control-allow-origin': allowed })
        })
        api(scope, { components, catalogue, figures, feed })
        done()
      },
      { prefix: '/api/v1' },
    )
    probes(app, components.probes)
    await pages(app)
    await app.listen({ host: init.host, port: init.port })
  } catch (error) {
    await close()
    throw listenError(init, error as NodeJS.ErrnoException)
  }
  return { url: urlOf(init.host, app.server.address() as AddressInfo), close }
}

/** The address to type: "everywhere" is reached as this machine. */
function urlOf(host: string, { port }: AddressInfo): string {
  const names: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }
  return `http://${names[host] ?? (host.includes(':') ? `[${host}]` : host)}:${port}`
}

function listenError({ host, port }: HttpInit, error: NodeJS.ErrnoException): Error {
  const where = `${host}:${port}`
  const because: Record<string, string> = {
    EADDRINUSE: 'port in use; choose another one (0 takes a free one)',
    EACCES: 'no permission to listen there; ports under 1024 need root',
    EADDRNOTAVAIL: 'this machine does not have that address',
    ENOTFOUND: 'no such host name',
    ERR_SOCKET_BAD_PORT: 'a port is a number from 0 to 65535',
  }
  const why = because[error.code ?? '']
  return why === undefined ? error : new UsageError('address', `${where}: ${why}`)
}
