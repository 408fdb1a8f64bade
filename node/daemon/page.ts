import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { UsageError } from '../../protocol/index.ts'
import { answer, Refused } from './api.ts'
import type { Face } from './face.ts'
import { localServer } from './server.ts'

const TOKEN_FILE = 'page.token'
const FOLDER = fileURLToPath(new URL('./page/', import.meta.url))
const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
} as const

/** The page loads its own script, style and data, and nothing from anywhere else; no other page may show it in a frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

export interface PageServer {
  /** Where a browser of this machine finds it; without the token it shows and does nothing else. */
  url: string
  close(): Promise<void>
}

/**
 * Serves the page of a node on loopback. Who asks by another name than this machine's (a page from elsewhere that had its name
 * point here) is refused, and who wants something done must know the token in the data folder.
 * @throws UsageError `address` when nothing can be listened on; a port that is taken is replaced by a free one
 */
export async function startPage(data: string, daemon: Face, { port }: { port: number }): Promise<PageServer> {
  const token = await pageToken(data)
  const app = localServer()
  let names: string[] = []
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    if (!names.includes(request.headers.host ?? '')) throw new Refused(421, 'this page is for a browser on this machine')
  })
  answer(app, daemon, (headers) => checkToken(headers, token))
  await files(app)
  const at = await listen(app, port)
  names = [`127.0.0.1:${at}`, `localhost:${at}`]
  return { url: `http://127.0.0.1:${at}/`, close: async () => await app.close() }
}

/** The token that lets a browser act, made on first use; only the owner of the folder can read it. @throws UsageError `file` */
export async function pageToken(data: string): Promise<string> {
  const file = join(data, TOKEN_FILE)
  try {
    await writeFile(file, randomBytes(24).toString('base64url'), { flag: 'wx', mode: 0o600 }).catch((error) => {
      if (error.code !== 'EEXIST') throw error
    })
    await chmod(file, 0o600)
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    throw new UsageError('file', `${file}: cannot be used (${(error as Error).message})`)
  }
}

function checkToken({ authorization }: Record<string, unknown>, token: string): void {
  const wanted = Buffer.from(`Bearer ${token}`)
  const said = Buffer.from(String(authorization ?? ''))
  if (said.byteLength !== wanted.byteLength || !timingSafeEqual(said, wanted)) {
    throw new Refused(
      403,
      'only who knows the token of the data folder may do that: `kernelswarm node page` prints an address with it',
    )
  }
}

async function files(app: FastifyInstance): Promise<void> {
  for (const [path, [name, type]] of Object.entries(FILES)) {
    const bytes = await readFile(join(FOLDER, name))
    app.get(path, async (_request, reply) => await reply.type(type).send(bytes))
  }
}

async function listen(app: FastifyInstance, port: number): Promise<number> {
  const on = async (wanted: number) => await app.listen({ host: '127.0.0.1', port: wanted })
  try {
    await on(port)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === 0)
      throw new UsageError('address', `127.0.0.1:${port}: ${(error as Error).message}`)
    await on(0)
  }
  return (app.server.address() as AddressInfo).port
}
