import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { tagAndCompress } from './encoding.ts'
import { SECURITY_HEADERS } from './headers.ts'
import {
  IDLE_MS,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  MAX_OTHER_CONNECTIONS,
  MAX_PARAM_CHARS,
  MAX_VIEWERS,
  REQUEST_MS,
} from './limits.ts'
import { asRefusal, bodyOf, Refusal, statusOf } from './refusal.ts'
import type { Visitors } from './visitors.ts'

const READS: readonly string[] = ['GET', 'HEAD']
/** Who keeps the coordinator running may ask as often as he likes. */
const PROBES: readonly string[] = ['/health', '/ready', '/metrics']
/** When to try again where as many as can be served are being served. */
const BUSY_SECONDS = 5
/** Answers have names of files, too: see `fileOf` in the explorer's `paths.js`. What has such a name of its own is left out. */
const AS_FILE = /^\/api\/v1\/(?!openapi\.json$|rounds\/[^/]+\/files\/)([^?,]+)(?:,([^?]*))?\.json$/

/**
 * A server that only reads, is bounded in every way, and says everything, refusals too, with the same headers.
 * @param visitors who keeps account of how often each address asks
 * @param onFault told what was our own fault: whoever asked is not
 */
export function createServer(onFault: (error: unknown, path: string) => void, visitors: Visitors): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: IDLE_MS,
    forceCloseConnections: true,
    trustProxy: false,
    http: { maxHeaderSize: MAX_HEADER_BYTES },
    rewriteUrl: ({ url = '/' }) => rewritten(url),
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    frameworkErrors: (error, _request, reply) => void refuse(reply, error),
    clientErrorHandler: (_error, socket) => refuseRaw(socket as Socket),
  })
  app.server.maxConnections = MAX_VIEWERS + MAX_OTHER_CONNECTIONS
  app.addHook('onRequest', async ({ method, ip, url }, reply) => {
    reply.headers(SECURITY_HEADERS)
    const wait = PROBES.includes(url) ? 0 : visitors.ask(ip)
    if (wait > 0) throw new Refusal('slow-down', 'this address asks too often; try again later', wait)
    if (!READS.includes(method)) throw new Refusal('method', 'only GET and HEAD are answered here')
  })
  tagAndCompress(app)
  app.setErrorHandler((error, request, reply) => {
    if (asRefusal(error).code === 'internal') onFault(error, request.routeOptions.url ?? '')
    return refuse(reply, error)
  })
  app.setNotFoundHandler((_request, reply) => refuse(reply, new Refusal('not-found', 'there is nothing at this address')))
  return app
}

/** The address that an answer's file name stands for; any other as it is. */
function rewritten(url: string): string {
  const [, path, query] = AS_FILE.exec(url) ?? []
  if (path === undefined) return url
  return `/api/v1/${path}${query === undefined ? '' : `?${query.replaceAll(',', '&')}`}`
}

function refuse(reply: FastifyReply, error: unknown): FastifyReply {
  const refusal = asRefusal(error)
  if (refusal.code === 'method') reply.header('allow', READS.join(', '))
  const again = refusal.retryAfter ?? (refusal.code === 'busy' ? BUSY_SECONDS : null)
  if (again !== null) reply.header('retry-after', String(again))
  return reply
    .headers(SECURITY_HEADERS)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .code(statusOf(refusal.code))
    .send(bodyOf(refusal))
}

/** Bytes that are no HTTP: one answer in the same form, and the end. */
function refuseRaw(socket: Socket): void {
  if (!socket.writable) return
  const body = JSON.stringify(bodyOf(new Refusal('bad-request', 'the request cannot be read')))
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 400 Bad Request\r\n${lines.join('')}\r\n${body}`)
}
