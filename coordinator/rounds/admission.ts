import { open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import { makeFolder, UsageError } from '../../protocol/index.ts'
import { isLoopback } from '../work/operator.ts'
import { Refused } from './intake.ts'

/**
 * Who may open rounds: the keys in a file (a peer id a line, with what its owner gets compared with others, such as
 * `share=3`, where that is not 1; `#` begins a comment), read anew at each request so that an edit counts at once; and,
 * unless that is switched off, whoever runs on this machine.
 */
export class Admission {
  readonly #file: string
  readonly #local: boolean

  constructor(init: { file: string; local: boolean }) {
    this.#file = init.file
    this.#local = init.local
  }

  /** What an owner gets, compared with others. @throws Refused `not-allowed`, with the line that would allow it */
  async check(owner: string, address: Multiaddr): Promise<number> {
    const share = (await readAllowed(this.#file)).get(owner)
    if (share !== undefined) return share
    if (this.#local && isLoopback(address)) return 1
    throw new Refused(
      'not-allowed',
      `key ${owner} may not open rounds here; the operator allows it with: kernelswarm coordinator allow ${owner}`,
    )
  }
}

/**
 * Adds a key to the file, or gives it another share.
 * @throws UsageError when it is no peer id or the file cannot be written
 */
export async function allow(file: string, key: string, share = 1): Promise<'added' | 'known'> {
  try {
    peerIdFromString(key)
  } catch {
    throw new UsageError(
      'option',
      `${key}: not a peer id; expected something like 12D3KooW... (\`kernelswarm submit\` prints it)`,
    )
  }
  if ((await readAllowed(file)).get(key) === share) return 'known'
  await makeFolder(dirname(file), { secret: true })
  try {
    await using handle = await open(file, 'a', 0o600)
    await handle.writeFile(share === 1 ? `${key}\n` : `${key} share=${share}\n`)
    await handle.sync()
  } catch (error) {
    throw new UsageError('file', `${file}: cannot be written (${(error as Error).message})`)
  }
  return 'added'
}

/** Keys and their shares; of two lines with one key the later counts. */
async function readAllowed(file: string): Promise<Map<string, number>> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw new UsageError('file', `${file}: cannot be read (${error.message})`)
  })
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return new Map(lines.filter(Boolean).map((line) => readLine(line, file)))
}

function readLine(line: string, file: string): [string, number] {
  const [key = '', setting, ...more] = line.split(/\s+/)
  if (setting === undefined) return [key, 1]
  const share = Number(/^share=(\S+)$/.exec(setting)?.[1])
  if (!isShare(share) || more.length > 0) {
    throw new UsageError(
      'file',
      `${file}: ${line}: expected a peer id, or one and share=N with N from ${LEAST_SHARE} to ${MOST_SHARE}`,
    )
  }
  return [key, share]
}

/** How much more or less than others somebody may be given. */
const LEAST_SHARE = 0.01
const MOST_SHARE = 100

/** Whether a number may be somebody's share. */
export function isShare(share: number): boolean {
  return share >= LEAST_SHARE && share <= MOST_SHARE
}
