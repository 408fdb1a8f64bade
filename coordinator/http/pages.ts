import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
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

/** A file of the explorer, by its place in the folder. */
export interface PageFile {
  name: string
  type: string
  bytes: Buffer
}

/** All of the explorer with the library files it loads: what a coordinator serves, and an export writes. */
export async function explorerFiles(): Promise<PageFile[]> {
  const found = await readdir(FOLDER, { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined)
  const own = files.map(({ parentPath, name }): [place: string, path: string] => {
    const path = join(parentPath, name)
    return [path.slice(FOLDER.length).replaceAll('\\', '/'), path]
  })
  const read = [...own, ...vendored()].map(async ([name, path]) => {
    return { name, type: TYPES[extname(name)] as string, bytes: await readFile(path) }
  })
  return (await Promise.all(read)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Serves the explorer from memory: no path of a request ever reaches a disk. Always asked for anew (cheap, by ETag), so that a
 * page never runs with another version's scripts.
 */
export async function pages(app: FastifyInstance): Promise<void> {
  for (const { name, type, bytes } of await explorerFiles()) {
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
    for (const path of name === 'index.html' ? ['/', '/index.html'] : [`/${name}`]) {
      app.get(path, (_request, reply) => reply.headers({ 'cache-control': 'no-cache', etag }).type(type).send(bytes))
    }
  }
}
