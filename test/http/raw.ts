import { once } from 'node:events'
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** An answer as it comes over the wire: nothing is decompressed, and no header added. */
export interface Got {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

export async function got(url: string, path: string, headers: Record<string, string> = {}): Promise<Got> {
  const request = get(`${url}${path}`, { headers, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) }
}
