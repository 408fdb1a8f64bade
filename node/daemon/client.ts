import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { controlPath, KernelswarmError } from '../../protocol/index.ts'
import { LOCAL_ANSWER_MS, MAX_LOCAL_ANSWER_BYTES } from './limits.ts'

/** Why a node that was asked something did not answer it. */
export type ControlCode =
  /** No node runs on that folder. */
  | 'not-running'
  /** It does not want to, in its own words. */
  | 'refused'
  /** It does not answer in time, or with something else. */
  | 'unanswered'

/** A node that could not be asked. */
export class ControlError extends KernelswarmError<ControlCode> {}

/**
 * Asks the node that runs on a data folder, as `answer` says, or tells it something.
 * @throws ControlError
 */
export async function askDaemon<T>(data: string, path: string, order?: unknown): Promise<T> {
  try {
    await using socket = await controlPath(data)
    const body = order === undefined ? null : JSON.stringify(order)
    const headers = body === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const method = body === null ? 'GET' : 'POST'
    const signal = AbortSignal.timeout(LOCAL_ANSWER_MS)
    const asked = request({ socketPath: socket.path, path, method, headers, signal })
    asked.end(body ?? undefined)
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    const said = JSON.parse(await textOf(response)) as T & { message?: string }
    if (response.statusCode === 200) return said
    throw new ControlError('refused', said.message ?? `the node answers ${response.statusCode}`)
  } catch (error) {
    if (error instanceof ControlError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED')
      throw new ControlError('not-running', `${data}: no node runs on this folder`)
    throw new ControlError('unanswered', `${data}: its node does not answer (${message})`)
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.byteLength
    if (bytes > MAX_LOCAL_ANSWER_BYTES) throw new Error('the answer is too long')
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString()
}
