import { join } from 'node:path'
import { loadIdentity, peerIdOf } from '../../../protocol/index.ts'

/** The peer id of a node whose folder this is. */
export async function nodeName(folder: string): Promise<string> {
  return peerIdOf(await loadIdentity(join(folder, 'node.key')))
}
