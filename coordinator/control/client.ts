import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { controlPath, KernelswarmError } from '../../protocol/index.ts'

/** Asks the coordinator that runs on a data folder. @throws KernelswarmError `control` when it does not answer or refuses */
export async function askControl(data: string, path: string): Promise<AsyncIterable<Uint8Array>> {
  await using socket = await controlPath(data)
  const asked = request({ socketPath: socket.path, path })
  asked.end()
  const [answer] = (await once(asked, 'response').catch((error: Error) => {
    throw new KernelswarmError('control', `${data}: its coordinator does not answer (${error.message})`)
  })) as [IncomingMessage]
  if (answer.statusCode === 200) return answer
  const said = Buffer.concat(await answer.toArray()).toString()
  throw new KernelswarmError('control', `${data}: its coordinator refuses (${said.slice(0, 200)})`)
}
