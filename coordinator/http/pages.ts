import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { vendored } from './vendored.ts'

/** The explorer's files, served as they lie there. */
const FOLDER = fileURLToPath(new URL('../explorer/', import.meta.url))

/** Serves the explorer. Always asked for anew (cheap, by ETag), so that a page never runs with another version's scripts. */
export async function pages(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: FOLDER,
    index: 'index.html',
    dotfiles: 'deny',
    redirect: false,
    wildcard: true,
    cacheControl: false,
    setHeaders: (reply) => void reply.header('cache-control', 'no-cache'),
  })
  for (const [address, file] of vendored()) {
    app.get(`/${address}`, async (_request, reply) => await reply.sendFile(basename(file), dirname(file)))
  }
}
