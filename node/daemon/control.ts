import { serveCommands } from '../../protocol/index.ts'
import { answer } from './api.ts'
import type { Face } from './face.ts'
import { localServer } from './server.ts'

/** Answers whoever owns the data folder, over a socket in it that nobody else may open: see `answer`. */
export async function startControl(data: string, daemon: Face): Promise<{ close(): Promise<void> }> {
  const app = localServer()
  answer(app, daemon, () => {})
  return await serveCommands(data, app)
}
