import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { COMPRESS_BYTES } from './limits.ts'

/** How bytes are made smaller on their way; null: not at all. */
export type Coding = 'br' | 'gzip' | null

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)
/** For what is made anew for every answer: a fourth of its length in a millisecond for 100 KB. */
const QUICK = 4

/** The best that a reader takes. */
export function codingFor(accepted: string | undefined): Coding {
  const takes = (name: string) =>
    new RegExp(`(^|,)\\s*${name}\\s*(;\\s*q=(?!0(\\.0*)?\\s*(,|$))[^,]*)?(,|$)`).test(accepted ?? '')
  if (takes('br')) return 'br'
  return takes('gzip') ? 'gzip' : null
}

/** @param quality of brotli, up to 11 @default what is quick */
export async function compressed(bytes: Uint8Array, coding: NonNullable<Coding>, quality: number = QUICK): Promise<Buffer> {
  if (coding === 'gzip') return await zip(bytes)
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.byteLength }
  return await brotli(bytes, { params })
}

/** Names what is said, whatever way it travels. */
export function tagOf(bytes: Uint8Array | string): string {
  return `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
}

/** Whether the reader has it already. */
export function isKnown(request: FastifyRequest, tag: string): boolean {
  const bare = tag.replace(/^W\//, '')
  const asked = request.headers['if-none-match'] ?? ''
  return asked.trim() === '*' || asked.split(',').some((one) => one.trim().replace(/^W\//, '') === bare)
}

/**
 * Whole answers (no streams) are named by what they say; who has one of the same name already is told so in a line, and
 * others get it compressed where they take that and it is long enough to be worth it.
 */
export function tagAndCompress(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' && !(payload instanceof Uint8Array)) return payload
    if (reply.statusCode !== 200 || reply.hasHeader('etag')) return payload
    const tag = tagOf(payload)
    reply.header('etag', tag)
    if (isKnown(request, tag)) return unchanged(reply)
    reply.header('vary', 'accept-encoding, origin')
    const coding = codingFor(request.headers['accept-encoding'])
    if (coding === null || Buffer.byteLength(payload) < COMPRESS_BYTES) return payload
    const bytes = await compressed(Buffer.from(payload), coding)
    reply.header('content-encoding', coding).removeHeader('content-length')
    return bytes
  })
}

/** Nothing but the headers. */
export function unchanged(reply: FastifyReply): null {
  reply.code(304).removeHeader('content-length').removeHeader('content-type')
  return null
}
