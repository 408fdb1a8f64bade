import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { type Coding, codingFor, compressed, isKnown, tagOf, unchanged } from './encoding.ts'
import { vendored } from './vendored.ts'

/** The explorer's files. */
const FOLDER = fileURLToPath(new URL('../explorer/', import.meta.url))

/** What is served, by the end of its name; nothing else that lies there is. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Of brotli: what never changes while we run may take its time once. */
const BEST = 11

/** A file of the explorer, by its place in the folder. */
export interface PageFile {
  name: string
  type: string
  bytes: Buffer
}

/** All of the explorer with the library files it loads: what a coordinator serves, and an export writes. */
export async function explorerFiles(): Promise<PageFile[]> {
  const found = await readdir(FOLDER, { recursive: true, withFileTypes: true })
  const own = found.filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
  const places = own.map(({ parentPath, name }) => join(parentPath, name))
  const all = [
    ...places.map((path) => ({ name: path.slice(FOLDER.length).replaceAll('\\', '/'), path })),
    ...[...vendored()].map(([name, path]) => ({ name, path })),
  ]
  const read = all.map(async ({ name, path }) => ({ name, type: TYPES[extname(name)] as string, bytes: await readFile(path) }))
  return (await Promise.all(read)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Serves the explorer from memory: no path of a request ever reaches a disk. Always asked for anew (cheap, by ETag), so that a
 * page never runs with another version's scripts.
 */
export async function pages(app: FastifyInstance): Promise<void> {
  for (const { name, type, bytes } of await explorerFiles()) {
    const tag = tagOf(bytes)
    const coded = new Map<Coding, Promise<Buffer>>()
    const inCoding = (coding: Coding) => {
      const known = coded.get(coding) ?? (coding === null ? Promise.resolve(bytes) : compressed(bytes, coding, BEST))
      coded.set(coding, known)
      return known
    }
    for (const path of name === 'index.html' ? ['/', '/index.html'] : [`/${name}`]) {
      app.get(path, async (request, reply) => {
        reply.headers({ 'cache-control': 'no-cache', etag: tag, vary: 'accept-encoding' })
        if (isKnown(request, tag)) return reply.send(unchanged(reply))
        const coding = codingFor(request.headers['accept-encoding'])
        if (coding !== null) reply.header('content-encoding', coding)
        return reply.type(type).send(await inCoding(coding))
      })
    }
  }
}
